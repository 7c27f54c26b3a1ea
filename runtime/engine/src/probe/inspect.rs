//! Probes a file without hashing or caching it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use vidc_compiler::facts::{Media, Problem, Stream};
use vidc_compiler::time::{Rational, Time};

use super::copy_facts;
use super::frame_rate;
use super::literal_path::LiteralPath;
use super::reader::MediaReader;
use super::report::Report;
use super::stream_duration;
use super::streams;
use crate::ffmpeg::Tools;

/// Probes a file without hashing or caching it: [`Media::hash`] is empty, and the facts that only stream copy needs are
/// missing.
pub async fn inspect(tools: &Tools, path: &Path) -> Result<Media, Problem> {
    let bytes = check_readable(path)?;
    let absolute = std::path::absolute(path).map_err(|error| Problem::Unreadable(error.to_string()))?;
    let literal = literal_path(&absolute)?;
    let reader = MediaReader::open(tools, literal.path()).await;
    build_media(&reader, &absolute, bytes).await
}

/// Probes a file including the facts that stream copy needs. The second result is an error if those could not be found in
/// time.
pub(super) async fn inspect_for_copy(
    tools: &Tools,
    path: &Path,
) -> Result<(Media, Result<(), Problem>), Problem> {
    let mut media = inspect(tools, path).await?;
    let completed = complete(tools, &mut media).await;
    Ok((media, completed))
}

async fn complete(tools: &Tools, media: &mut Media) -> Result<(), Problem> {
    let path = PathBuf::from(&media.path);
    let literal = literal_path(&path)?;
    copy_facts::complete(&MediaReader::open(tools, literal.path()).await, media).await
}

/// Builds the facts about a file of `bytes` bytes from what a reader reports.
pub(super) async fn build_media(
    reader: &MediaReader<'_>,
    absolute: &Path,
    bytes: u64,
) -> Result<Media, Problem> {
    let report = reader.report().await?;
    let mut streams = streams::build_streams(&report);
    if streams.is_empty() {
        return Err(Problem::Unreadable("it has no media streams".to_owned()));
    }
    frame_rate::set_frame_rates(reader, &report, &mut streams).await?;
    stream_duration::set_durations(reader, &report, &mut streams).await?;
    let is_still = report.format.is_still_image();
    let first = first_start(&report, &streams);
    let lead = match is_still {
        true => Time::ZERO,
        false => streams::lead(&report.format, &streams),
    };
    let start = first + lead;
    streams::set_first_packets(&report, start, &mut streams);
    let duration = report
        .format
        .duration()
        .or_else(|| stream_duration::total_duration(&streams));
    let without_delay =
        duration.and_then(|duration| stream_duration::without_encoder_delay(&report, duration, first));
    Ok(Media {
        path: absolute.to_string_lossy().into_owned(),
        hash: String::new(),
        bytes,
        format: report.format.format_name.clone(),
        duration: match is_still {
            true => None,
            false => without_delay.or(duration).map(|duration| duration - lead),
        },
        lead,
        start: match is_still {
            true => Time::ZERO,
            false => start,
        },
        streams,
    })
}

/// When the first stream of a file begins, taken from that stream because ffprobe rounds the start of the file to
/// microseconds.
fn first_start(report: &Report, streams: &[Stream]) -> Time {
    let rounded = report.format.start().unwrap_or_default();
    let is_first = |stream: &&Stream| stream.start.distance(rounded) <= Time::new(MICROSECOND);
    streams
        .iter()
        .find(is_first)
        .map_or(rounded, |stream| stream.start)
}

const MICROSECOND: Rational = Rational::new_raw(1, 1_000_000);

fn literal_path(path: &Path) -> Result<LiteralPath, Problem> {
    LiteralPath::new(path)
        .map_err(|error| Problem::Unreadable(format!("a symbolic link to it could not be created: {error}")))
}

/// Checks that a file can be opened and is not empty. Returns its size in bytes.
pub(super) fn check_readable(path: &Path) -> Result<u64, Problem> {
    let unreadable = |reason: &str| Problem::Unreadable(reason.to_owned());
    let from_io = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        io::ErrorKind::PermissionDenied => unreadable("permission to read it was denied"),
        _ => Problem::Unreadable(error.to_string()),
    };
    // Checked before opening: opening a pipe would block until somebody writes to it.
    let metadata = fs::metadata(path).map_err(from_io)?;
    if metadata.is_dir() {
        return Err(unreadable("it is a directory"));
    }
    if !metadata.is_file() {
        return Err(unreadable("it is not a regular file"));
    }
    fs::File::open(path).map_err(from_io)?;
    if metadata.len() == 0 {
        return Err(unreadable("it is empty"));
    }
    if path.to_str().is_none() {
        return Err(unreadable("its name is not valid UTF-8"));
    }
    Ok(metadata.len())
}
