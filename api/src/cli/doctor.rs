//! `vidc doctor`: checks this machine for FFmpeg, encoders, filters and fonts.

mod bench;

use std::collections::BTreeSet;

use clap::Args;
use vidc_compiler::plan::FilterName;
use vidc_engine::ErrorKind;
use vidc_engine::ffmpeg::capabilities::capabilities;
use vidc_engine::fonts::fonts;

use super::failure::Failure;
use super::runtime::{block_on, interrupted};
use super::terminal::Terminal;
use super::toolchain::Toolchain;

/// Arguments of `vidc doctor`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Measure this machine's speed for the estimates of `vidc compile` (takes about a minute)
    #[arg(long)]
    bench: bool,
}

/// One requirement and whether this machine meets it.
struct Finding {
    requirement: String,
    /// A description of what was found.
    status: Result<String, Missing>,
}

/// A requirement that is not met.
struct Missing {
    /// What is missing, and what does not work without it.
    consequence: String,
    /// The command that installs it on Debian and Ubuntu, unless `consequence` includes that.
    install: Option<&'static str>,
    /// Whether vidc cannot render at all without it.
    is_required: bool,
}

/// A codec and the FFmpeg encoders that produce it, any of which suffices.
struct EncoderRequirement {
    codec: &'static str,
    any_of: &'static [&'static str],
    is_required: bool,
}

const ENCODERS: &[EncoderRequirement] = &[
    EncoderRequirement {
        codec: "h264",
        any_of: &["libx264"],
        is_required: true,
    },
    EncoderRequirement {
        codec: "aac",
        any_of: &["aac"],
        is_required: true,
    },
    EncoderRequirement {
        codec: "h265",
        any_of: &["libx265"],
        is_required: false,
    },
    EncoderRequirement {
        codec: "vp9",
        any_of: &["libvpx-vp9"],
        is_required: false,
    },
    EncoderRequirement {
        codec: "mp3",
        any_of: &["libmp3lame"],
        is_required: false,
    },
    EncoderRequirement {
        codec: "opus",
        any_of: &["libopus"],
        is_required: false,
    },
];

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    block_on(async {
        if arguments.bench {
            return tokio::select! {
                measured = bench::run(terminal) => measured,
                () = interrupted() => Err(Failure::Reported(ErrorKind::Interrupted)),
            };
        }
        let findings = examine().await;
        terminal.print(&report(&findings))?;
        let is_unfit = findings
            .iter()
            .any(|finding| matches!(&finding.status, Err(missing) if missing.is_required));
        if is_unfit {
            Err(Failure::Reported(ErrorKind::Environment))
        } else {
            Ok(())
        }
    })
}

async fn examine() -> Vec<Finding> {
    let found = async {
        let toolchain = Toolchain::find()?;
        let capabilities = capabilities(&toolchain.tools, &toolchain.probe_cache).await?;
        Ok::<_, vidc_engine::Error>((toolchain, capabilities))
    };
    let (toolchain, capabilities) = match found.await {
        Ok(found) => found,
        Err(error) => {
            return vec![Finding {
                requirement: "ffmpeg, ffprobe".to_owned(),
                status: Err(Missing {
                    consequence: error.to_string(),
                    install: None,
                    is_required: true,
                }),
            }];
        }
    };
    let mut findings = vec![
        Finding {
            requirement: "ffmpeg".to_owned(),
            status: Ok(format!(
                "{} at {}",
                capabilities.version,
                toolchain.tools.ffmpeg.display()
            )),
        },
        Finding {
            requirement: "ffprobe".to_owned(),
            status: Ok(toolchain.tools.ffprobe.display().to_string()),
        },
    ];
    findings.extend(ENCODERS.iter().map(|requirement| Finding {
        requirement: format!("encoder {}", requirement.codec),
        status: find_encoder(&capabilities.encoders, requirement),
    }));
    findings.extend(FilterName::ALL.iter().filter_map(|filter| {
        let features = filter.spec().needed_for?;
        Some(Finding {
            requirement: format!("filter {filter}"),
            status: if capabilities.has_filter(*filter) {
                Ok("available".to_owned())
            } else {
                Err(Missing {
                    consequence: format!("this FFmpeg is built without it; {features} will not work"),
                    install: Some("apt install ffmpeg"),
                    is_required: false,
                })
            },
        })
    }));
    let families = fonts(&toolchain.probe_cache).await.families.len();
    findings.push(Finding {
        requirement: "fonts".to_owned(),
        status: if families > 0 {
            Ok(format!("{families} families"))
        } else {
            Err(Missing {
                consequence:
                    "no fonts found, or fontconfig's fc-list is not installed; text cannot be rendered"
                        .to_owned(),
                install: Some("apt install fontconfig fonts-dejavu-core fonts-symbola"),
                is_required: true,
            })
        },
    });
    findings
}

fn find_encoder(available: &BTreeSet<String>, requirement: &EncoderRequirement) -> Result<String, Missing> {
    let EncoderRequirement {
        codec,
        any_of,
        is_required,
    } = *requirement;
    match any_of.iter().find(|encoder| available.contains(**encoder)) {
        Some(encoder) => Ok((*encoder).to_owned()),
        None => Err(Missing {
            consequence: format!(
                "this FFmpeg is built without {}; {codec} outputs will not work",
                any_of.join(" or ")
            ),
            install: Some("apt install ffmpeg"),
            is_required,
        }),
    }
}

/// One line per finding.
fn report(findings: &[Finding]) -> String {
    let width = findings
        .iter()
        .map(|finding| finding.requirement.len())
        .max()
        .unwrap_or(0);
    let line = |finding: &Finding| {
        let (label, text) = match &finding.status {
            Ok(description) => ("ok", description.clone()),
            Err(missing) => {
                let advice = missing
                    .install
                    .map(|command| format!("; to install: {command}"))
                    .unwrap_or_default();
                (
                    if missing.is_required { "MISSING" } else { "missing" },
                    format!("{}{advice}", missing.consequence),
                )
            }
        };
        format!("{label:7}  {:width$}  {text}\n", finding.requirement)
    };
    findings.iter().map(line).collect()
}
