//! `vidc doctor`: looks for what vidc needs on this machine.

use std::collections::BTreeSet;

use clap::Args;
use vidc_runtime::{Engine, ErrorKind};

use super::exit::Failure;
use super::output::Output;

/// Arguments of `vidc doctor`.
#[derive(Debug, Args)]
pub(super) struct Arguments {}

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
    /// How to get it on Debian and Ubuntu.
    install: &'static str,
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
    ("loudnorm", "`loudness`"),
    ("sidechaincompress", "`duck`"),
    ("overlay", "`overlay` and `pip`"),
];

pub(super) fn run(_arguments: Arguments, output: &Output) -> Result<(), Failure> {
    super::block_on(async {
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
    let engine = match Engine::find().await {
        Ok(engine) => engine,
        Err(error) => {
            return vec![Finding {
                what: "ffmpeg, ffprobe".to_owned(),
                state: Err(Lack {
                    without: error.to_string(),
                    install: "apt install ffmpeg",
                    needed: true,
                }),
            }];
        }
    };
    let able = engine.capabilities();
    let mut findings = vec![
        Finding {
            what: "ffmpeg".to_owned(),
            state: Ok(format!("{} at {}", able.version, engine.ffmpeg().display())),
        },
        Finding {
            what: "ffprobe".to_owned(),
            state: Ok(engine.ffprobe().display().to_string()),
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
                install: "apt install ffmpeg",
                needed: false,
            })
        },
    }));
    findings.push(Finding {
        what: "fonts".to_owned(),
        state: match engine.fonts().await {
            Ok(fonts) if fonts.families.is_empty() => Err(no_fonts("no font is installed".to_owned())),
            Ok(fonts) => Ok(format!("{} families", fonts.families.len())),
            Err(error) => Err(no_fonts(error.to_string())),
        },
    });
    findings
}

fn encoder(known: &BTreeSet<String>, name: &str, any_of: &[&str], needed: bool) -> Result<String, Lack> {
    match any_of.iter().find(|candidate| known.contains(**candidate)) {
        Some(found) => Ok((*found).to_owned()),
        None => Err(Lack {
            without: format!("this ffmpeg has no {}: no {name} output", any_of.join(" or ")),
            install: "apt install ffmpeg",
            needed,
        }),
    }
}

fn no_fonts(without: String) -> Lack {
    Lack {
        without,
        install: "apt install fontconfig fonts-dejavu-core fonts-symbola",
        needed: true,
    }
}

fn report(findings: &[Finding]) -> String {
    let width = findings.iter().map(|f| f.what.len()).max().unwrap_or(0);
    findings
        .iter()
        .map(|finding| match &finding.state {
            Ok(found) => format!("ok       {:width$}  {found}\n", finding.what),
            Err(lack) => {
                let sign = if lack.needed { "MISSING" } else { "missing" };
                format!(
                    "{sign}  {:width$}  {}; to install: {}\n",
                    finding.what, lack.without, lack.install
                )
            }
        })
        .collect()
}
