//! What ffprobe knows of a media file, in the compiler's terms.

mod copying;
mod durations;
mod ffprobe;
mod keyframes;
pub(crate) mod mp4;
mod pixels;
mod png;
mod rate;
mod reading;
mod reasons;
mod refreshes;
mod report;
mod streams;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use keyframes::keyframes;
pub(crate) use rate::near;
use reading::Reading;
use report::Report;
use vidc_compiler::facts::{Media, Problem, Stream};
use vidc_compiler::time::{Rational, Time};

use crate::cache::{Cache, identity, told_by};
use crate::ffmpeg::Tools;

/// Probes a file and hashes its content, or recalls both: a file of the same absolute path, size and time of
/// modification is taken to be the same, and so is ffprobe.
pub async fn probe(tools: &Tools, cache: &Cache, path: &Path) -> Result<Media, Problem> {
    readable(path)?;
    let state = identity(path);
    let key = state.as_ref().map(|state| told_by(&tools.ffprobe, state));
    if let Some(known) = key.as_ref().and_then(|key| cache.get::<Media>("media", key)) {
        return Ok(known);
    }
    let (media, hash) = tokio::join!(look_into(tools, path), hash(path.to_owned()));
    let (media, settled) = media?;
    let media = Media { hash: hash?, ..media };
    // Not kept if the file was written to in the meantime.
    if let Some(key) = key.filter(|_| settled.is_ok() && identity(path) == state) {
        cache.put("media", &key, &media);
    }
    Ok(media)
}

/// Probes a file, and whether and where its packets can be copied, if that can be told in time.
async fn look_into(tools: &Tools, path: &Path) -> Result<(Media, Result<(), Problem>), Problem> {
    let mut media = inspect(tools, path).await?;
    let settled = copying::settle(tools, &mut media).await;
    Ok((media, settled))
}

/// Probes a file and neither hashes nor recalls it: [`Media::hash`] is empty, and of what only matters to copying its
/// packets nothing is told.
pub async fn inspect(tools: &Tools, path: &Path) -> Result<Media, Problem> {
    let bytes = readable(path)?;
    let absolute = absolute(path)?;
    let alias = alias(&absolute)?;
    let reading = Reading::of(tools, alias.path()).await;
    describe(&reading, &absolute, bytes).await
}

/// What a file is, by some way of reading it.
async fn describe(reading: &Reading<'_>, absolute: &Path, bytes: u64) -> Result<Media, Problem> {
    let report = reading.report().await?;
    let mut streams = streams::streams(&report);
    if streams.is_empty() {
        return Err(Problem::Unreadable(
            "there is no picture and no sound in it".to_owned(),
        ));
    }
    rate::settle(reading, &report, &mut streams).await?;
    durations::settle(reading, &report, &mut streams).await?;
    let still = streams::is_still(&report.format);
    let first = begins(&report, &streams);
    let lead = match still {
        true => Time::ZERO,
        false => streams::lead(&report.format, &streams),
    };
    let start = first + lead;
    streams::first_packets(&report, start, &mut streams);
    let duration = report.format.duration().or_else(|| durations::longest(&streams));
    let heard = duration.and_then(|duration| durations::heard(&report, duration, first));
    Ok(Media {
        path: absolute.to_string_lossy().into_owned(),
        hash: String::new(),
        bytes,
        format: report.format.format_name.clone(),
        duration: match still {
            true => None,
            false => heard.or(duration).map(|duration| duration - lead),
        },
        lead,
        start: match still {
            true => Time::ZERO,
            false => start,
        },
        streams,
    })
}

/// When a file's first stream begins: as that says itself, for ffprobe rounds the file's start to a microsecond.
fn begins(report: &Report, streams: &[Stream]) -> Time {
    let told = report.format.start().unwrap_or_default();
    let near = |stream: &&Stream| stream.start.distance(told) <= Time::new(MICROSECOND);
    streams.iter().find(near).map_or(told, |stream| stream.start)
}

const MICROSECOND: Rational = Rational::new_raw(1, 1_000_000);

/// When the packets of each stream are shown, by its index, in the order of decoding; or why that cannot be told.
pub(crate) async fn shown(
    tools: &Tools,
    path: &Path,
    streams: &[Stream],
) -> Result<BTreeMap<u32, Vec<Time>>, String> {
    let reading = Reading::of(tools, path).await;
    let packets = reading.packets(None, None).await;
    let packets = packets.map_err(|problem| match problem {
        Problem::Missing => "there is no file".to_owned(),
        Problem::Unreadable(reason) => reason,
    })?;
    let bases: BTreeMap<u32, Time> = streams
        .iter()
        .filter_map(|stream| Some((stream.index, Time::new(stream.time_base?))))
        .collect();
    let mut times: BTreeMap<u32, Vec<Time>> = BTreeMap::new();
    for packet in &packets {
        if let (Some(base), Some(ticks)) = (bases.get(&packet.stream_index), packet.time()) {
            times.entry(packet.stream_index).or_default().push(*base * ticks);
        }
    }
    Ok(times)
}

fn absolute(path: &Path) -> Result<PathBuf, Problem> {
    std::path::absolute(path).map_err(|error| Problem::Unreadable(error.to_string()))
}

fn alias(path: &Path) -> Result<Alias, Problem> {
    Alias::of(path).map_err(|error| Problem::Unreadable(format!("a link to it could not be made: {error}")))
}

/// The size of a file that can be opened and is not empty, in bytes.
fn readable(path: &Path) -> Result<u64, Problem> {
    let unreadable = |reason: &str| Problem::Unreadable(reason.to_owned());
    let of_io = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        io::ErrorKind::PermissionDenied => unreadable("permission to read it was denied"),
        _ => Problem::Unreadable(error.to_string()),
    };
    // Looked at before it is opened: opening a pipe would wait for somebody to write to it.
    let metadata = fs::metadata(path).map_err(of_io)?;
    if metadata.is_dir() {
        return Err(unreadable("it is a directory"));
    }
    if !metadata.is_file() {
        return Err(unreadable("it is not a regular file"));
    }
    fs::File::open(path).map_err(of_io)?;
    if metadata.len() == 0 {
        return Err(unreadable("it is empty"));
    }
    if path.to_str().is_none() {
        return Err(unreadable("its name is not valid UTF-8"));
    }
    Ok(metadata.len())
}

/// BLAKE3 of a file's content, hexadecimal.
async fn hash(path: PathBuf) -> Result<String, Problem> {
    let read = move || -> io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(fs::File::open(path)?)?;
        Ok(hasher.finalize().to_hex().to_string())
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| Problem::Unreadable(format!("it could not be read to its end: {error}")))
}

/// A path that FFmpeg takes literally. Its reader of still images takes `%d` for a number, so that a path with a `%`
/// is reached through a link that has none.
pub(crate) struct Alias {
    path: PathBuf,
    _directory: Option<tempfile::TempDir>,
}

impl Alias {
    pub(crate) fn of(path: &Path) -> io::Result<Alias> {
        if !path.to_string_lossy().contains('%') {
            return Ok(Alias {
                path: path.to_owned(),
                _directory: None,
            });
        }
        let directory = tempfile::Builder::new().prefix("vidc-").tempdir()?;
        let mut link = directory.path().join("input");
        if let Some(extension) = path.extension().filter(|e| !e.to_string_lossy().contains('%')) {
            link.set_extension(extension);
        }
        std::os::unix::fs::symlink(path, &link)?;
        Ok(Alias {
            path: link,
            _directory: Some(directory),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
