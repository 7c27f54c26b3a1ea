//! `vidc probe`: what is known of media files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use vidc_compiler::facts::{AudioFacts, Media, Problem, Stream, StreamFacts, VideoFacts};
use vidc_engine::ErrorKind;
use vidc_engine::probe::{Identity, probe};

use super::exit::Failure;
use super::machine::Machine;
use super::output::Output;

/// Arguments of `vidc probe`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Write everything that is known as JSON
    #[arg(long)]
    json: bool,
    /// Media files
    #[arg(required = true, value_name = "MEDIA")]
    media: Vec<PathBuf>,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    super::block_on(show(arguments, output))
}

async fn show(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let prober = Machine::find()?.prober(Identity::Content);
    let mut found = BTreeMap::new();
    for path in &arguments.media {
        let media = probe(&prober, path).await;
        if !arguments.json {
            match &media {
                Ok(media) => output.print(&table(&path.to_string_lossy(), media))?,
                Err(problem) => output.say(&format!("{}: {}", path.display(), what(problem))),
            }
        }
        found.insert(path.to_string_lossy().into_owned(), media);
    }
    if arguments.json {
        output.value(&found)?;
    }
    if found.values().any(Result::is_err) {
        return Err(Failure::Told(ErrorKind::Environment));
    }
    Ok(())
}

fn what(problem: &Problem) -> &str {
    match problem {
        Problem::Missing => "there is no such file",
        Problem::Unreadable(why) => why,
    }
}

/// The file on one line, and each of its streams on one below it.
fn table(name: &str, media: &Media) -> String {
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
        parts.push(format!("turned {}°", video.rotation));
    }
    if *video.sample_aspect.numer() != *video.sample_aspect.denom() {
        parts.push(format!("pixels {}", video.sample_aspect));
    }
    if !video.still {
        let kind = if video.variable_rate {
            "variable"
        } else {
            "constant"
        };
        parts.push(format!("{} fps {kind}", video.frame_rate));
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
