//! `vidc doctor`: looks for what vidc needs on this machine.

mod bench;

use std::collections::BTreeSet;

use clap::Args;
use vidc_engine::ErrorKind;
use vidc_engine::ffmpeg::capabilities::capabilities;
use vidc_engine::fonts::fonts;

use super::exit::Failure;
use super::machine::Machine;
use super::output::Output;

/// Arguments of `vidc doctor`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Measure how fast this machine is, for the estimates of `vidc compile`: about a minute of work
    #[arg(long)]
    bench: bool,
}

/// One thing that was looked for.
struct Finding {
    /// What it is.
    what: String,
    /// What was found, or what is missing and what that prevents.
    state: Result<String, Lack>,
}

/// Something that is missing.
struct Lack {
    /// What cannot be done without it.
    without: String,
    /// How to get it on Debian and Ubuntu, where `without` does not say so itself.
    install: Option<&'static str>,
    /// Whether nothing at all can be rendered without it.
    needed: bool,
}

/// Encoders by what a recipe calls them: any one of the names will do.
const ENCODERS: &[(&str, &[&str], bool)] = &[
    ("h264", &["libx264"], true),
    ("aac", &["aac"], true),
    ("h265", &["libx265"], false),
    ("vp9", &["libvpx-vp9"], false),
    ("mp3", &["libmp3lame"], false),
    ("opus", &["libopus"], false),
];

/// Filters that the language's operations are made of.
const FILTERS: &[(&str, &str)] = &[
    ("ass", "`text` and `subtitles`"),
    ("xfade", "transitions"),
    ("ebur128", "`loudness`"),
    ("sidechaincompress", "`duck`"),
    ("overlay", "`overlay` and `pip`"),
];

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    super::block_on(async {
        if arguments.bench {
            return tokio::select! {
                done = bench::run(output) => done,
                () = super::interrupted() => Err(Failure::Told(ErrorKind::Interrupted)),
            };
        }
        let findings = examine().await;
        output.print(&report(&findings))?;
        let blocked = findings
            .iter()
            .any(|f| matches!(&f.state, Err(lack) if lack.needed));
        if blocked {
            Err(Failure::Told(ErrorKind::Environment))
        } else {
            Ok(())
        }
    })
}

async fn examine() -> Vec<Finding> {
    let found = async {
        let machine = Machine::find()?;
        let able = capabilities(&machine.tools, &machine.cache).await?;
        Ok::<_, vidc_engine::Error>((machine, able))
    };
    let (machine, able) = match found.await {
        Ok(found) => found,
        Err(error) => {
            return vec![Finding {
                what: "ffmpeg, ffprobe".to_owned(),
                state: Err(Lack {
                    without: error.to_string(),
                    install: None,
                    needed: true,
                }),
            }];
        }
    };
    let mut findings = vec![
        Finding {
            what: "ffmpeg".to_owned(),
            state: Ok(format!("{} at {}", able.version, machine.tools.ffmpeg.display())),
        },
        Finding {
            what: "ffprobe".to_owned(),
            state: Ok(machine.tools.ffprobe.display().to_string()),
        },
    ];
    findings.extend(ENCODERS.iter().map(|&(name, any_of, needed)| Finding {
        what: format!("encoder {name}"),
        state: encoder(&able.encoders, name, any_of, needed),
    }));
    findings.extend(FILTERS.iter().map(|&(name, uses)| Finding {
        what: format!("filter {name}"),
        state: if able.filters.contains(name) {
            Ok("there".to_owned())
        } else {
            Err(Lack {
                without: format!("this ffmpeg was built without it: no {uses}"),
                install: Some("apt install ffmpeg"),
                needed: false,
            })
        },
    }));
    let families = fonts(&machine.cache).await.families.len();
    findings.push(Finding {
        what: "fonts".to_owned(),
        state: if families > 0 {
            Ok(format!("{families} families"))
        } else {
            Err(Lack {
                without: "no font is installed, or fontconfig's fc-list is not: no text".to_owned(),
                install: Some("apt install fontconfig fonts-dejavu-core fonts-symbola"),
                needed: true,
            })
        },
    });
    findings
}

fn encoder(known: &BTreeSet<String>, name: &str, any_of: &[&str], needed: bool) -> Result<String, Lack> {
    match any_of.iter().find(|candidate| known.contains(**candidate)) {
        Some(found) => Ok((*found).to_owned()),
        None => Err(Lack {
            without: format!("this ffmpeg has no {}: no {name} output", any_of.join(" or ")),
            install: Some("apt install ffmpeg"),
            needed,
        }),
    }
}

fn report(findings: &[Finding]) -> String {
    let width = findings.iter().map(|f| f.what.len()).max().unwrap_or(0);
    let line = |finding: &Finding| {
        let (sign, text) = match &finding.state {
            Ok(found) => ("ok", found.clone()),
            Err(lack) => {
                let advice = lack
                    .install
                    .map(|how| format!("; to install it: {how}"))
                    .unwrap_or_default();
                (
                    if lack.needed { "MISSING" } else { "missing" },
                    format!("{}{advice}", lack.without),
                )
            }
        };
        format!("{sign:7}  {:width$}  {text}\n", finding.what)
    };
    findings.iter().map(line).collect()
}
