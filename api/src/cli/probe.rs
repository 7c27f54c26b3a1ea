//! `vidc probe`: shows the streams of media files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use vidc_compiler::facts::{AudioFacts, Media, Problem, Stream, StreamFacts, VideoFacts};
use vidc_engine::ErrorKind;
use vidc_engine::probe::{Fingerprint, probe};

use super::failure::Failure;
use super::runtime::block_on;
use super::terminal::Terminal;
use super::toolchain::Toolchain;

/// Arguments of `vidc probe`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print all facts as JSON
    #[arg(long)]
    json: bool,
    /// Media files to probe
    #[arg(required = true, value_name = "MEDIA")]
    media: Vec<PathBuf>,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    block_on(probe_files(arguments, terminal))
}

async fn probe_files(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let prober = Toolchain::find()?.prober(Fingerprint::Content);
    let mut results = BTreeMap::new();
    for path in &arguments.media {
        let media = probe(&prober, path).await;
        if !arguments.json {
            match &media {
                Ok(media) => terminal.print(&summary(&path.to_string_lossy(), media))?,
                Err(problem) => terminal.print_message(&format!("{}: {}", path.display(), reason(problem))),
            }
        }
        results.insert(path.to_string_lossy().into_owned(), media);
    }
    if arguments.json {
        terminal.print_json(&results)?;
    }
    if results.values().any(Result::is_err) {
        return Err(Failure::Reported(ErrorKind::Environment));
    }
    Ok(())
}

fn reason(problem: &Problem) -> &str {
    match problem {
        Problem::Missing => "no such file",
        Problem::Unreadable(reason) => reason,
    }
}

/// One line for the file, followed by an indented line for each stream.
fn summary(name: &str, media: &Media) -> String {
    let duration = media
        .duration
        .map(|time| format!(", {} s", time.decimal()))
        .unwrap_or_default();
    let mut text = format!("{name}: {}{duration}, {} bytes\n", media.format, media.bytes);
    for stream in &media.streams {
        text.push_str(&format!("  {}: {}\n", stream.index, describe(stream)));
    }
    text
}

fn describe(stream: &Stream) -> String {
    let mut parts = match &stream.facts {
        StreamFacts::Video(video) => video_parts(video),
        StreamFacts::Audio(audio) => audio_parts(audio),
        StreamFacts::Subtitle => vec!["subtitles".to_owned()],
        StreamFacts::Other => vec!["data".to_owned()],
    };
    parts.insert(1, stream.codec.clone());
    parts.extend(stream.duration.map(|time| format!("{} s", time.decimal())));
    parts.extend(stream.language.clone());
    parts.extend(stream.title.as_ref().map(|title| format!("\"{title}\"")));
    parts.join(", ")
}

fn video_parts(video: &VideoFacts) -> Vec<String> {
    let mut parts = vec![
        if video.still { "still" } else { "video" }.to_owned(),
        format!("{}x{}", video.width, video.height),
    ];
    if video.rotation != 0 {
        parts.push(format!("rotated {}°", video.rotation));
    }
    if *video.sample_aspect.numer() != *video.sample_aspect.denom() {
        parts.push(format!("SAR {}", video.sample_aspect));
    }
    if !video.still {
        let mode = if video.variable_rate { "VFR" } else { "CFR" };
        parts.push(format!("{} fps {mode}", video.frame_rate));
    }
    parts.push(video.pixel_format.clone());
    if video.interlaced {
        parts.push("interlaced".to_owned());
    }
    if video.is_hdr() {
        parts.push("HDR".to_owned());
    }
    parts
}

fn audio_parts(audio: &AudioFacts) -> Vec<String> {
    vec![
        "audio".to_owned(),
        format!("{} Hz", audio.sample_rate),
        audio.layout.clone(),
    ]
}
