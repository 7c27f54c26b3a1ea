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

use crate::ffmpeg::Tools;
use crate::probe_cache::{ProbeCache, identity, told_by};

/// What looks at media files.
#[derive(Clone, Debug)]
pub struct Prober {
    /// What reads them where we do not.
    pub tools: Tools,
    /// Where what is found is kept: a file of the same absolute path, size and time of modification is taken to be the
    /// same, and so is ffprobe.
    pub cache: ProbeCache,
    /// What is found of their content.
    pub identity: Identity,
}

/// What stands for a file's content in the keys of what is made of it ([`Media::hash`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// BLAKE3 of its bytes, all of which are read once.
    Content,
    /// That if it is known, else BLAKE3 of the file's path, size and time of modification, which takes no reading. For
    /// what keeps nothing that it makes.
    State,
}

/// Probes a file, or recalls what was found.
pub async fn probe(prober: &Prober, path: &Path) -> Result<Media, Problem> {
    readable(path)?;
    let Prober { tools, cache, .. } = prober;
    let Some(state) = identity(path) else {
        return Err(Problem::Missing);
    };
    let key = told_by(&tools.ffprobe, &state);
    let known = cache.get::<Media>("media", &key);
    let found = async {
        match known {
            Some(known) => Ok((known, None)),
            None => look_into(tools, path)
                .await
                .map(|(media, settled)| (media, Some(settled))),
        }
    };
    let (found, hash) = tokio::join!(found, content(prober, path, &state));
    let ((media, settled), hash) = (found?, hash?);
    // Not kept if the file was written to in the meantime.
    if settled.is_some_and(|settled| settled.is_ok()) && identity(path).as_ref() == Some(&state) {
        cache.put("media", &key, &media);
    }
    Ok(Media { hash, ..media })
}

/// What stands for the content of a file in some state.
async fn content(prober: &Prober, path: &Path, state: &str) -> Result<String, Problem> {
    let cache = &prober.cache;
    if let Some(known) = cache.get::<String>("content", state) {
        return Ok(known);
    }
    if prober.identity == Identity::State {
        // Nothing else is hashed this way.
        let mut hasher =
            blake3::Hasher::new_derive_key("vidc: a file by its path, size and time of modification");
        return Ok(hasher.update(state.as_bytes()).finalize().to_hex().to_string());
    }
    let hash = hash(path.to_owned()).await?;
    if identity(path).as_deref() == Some(state) {
        cache.put("content", state, &hash);
    }
    Ok(hash)
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
pub(crate) async fn pts(
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
