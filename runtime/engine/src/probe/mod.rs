//! Probes media files: what ffprobe reports about them, as the compiler's facts.

mod copy_facts;
mod cut_points;
mod ffprobe;
mod ffprobe_errors;
mod frame_rate;
mod idr;
mod inspect;
mod keyframes;
mod literal_path;
pub(crate) mod mp4;
mod packet_pts;
mod pixel_format;
mod png;
mod reader;
mod report;
mod stream_duration;
mod streams;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) use frame_rate::rates_match;
pub use inspect::inspect;
pub use keyframes::find_cut_points;
pub(crate) use literal_path::LiteralPath;
pub(crate) use packet_pts::packet_pts;
use vidc_compiler::facts::{Media, Problem};

use crate::ffmpeg::Tools;
use crate::probe_cache::{ProbeCache, file_state, tool_key};

/// Probes files with a cache.
#[derive(Clone, Debug)]
pub struct Prober {
    /// The programs that read the files our own readers do not support.
    pub tools: Tools,
    /// The cache of results. A file with the same absolute path, size and modification time is taken to be the same, and
    /// so is ffprobe.
    pub cache: ProbeCache,
    /// What [`Media::hash`] is computed from.
    pub fingerprint: Fingerprint,
}

/// What the fingerprint of a file ([`Media::hash`]) is computed from. Cache keys of all that is derived from the file
/// contain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fingerprint {
    /// BLAKE3 of the content, which is read once.
    Content,
    /// That if it is cached, else BLAKE3 of the path, size and modification time, which needs no reading. For callers that
    /// cache no results.
    Metadata,
}

/// Probes a file, or takes the result from the cache.
pub async fn probe(prober: &Prober, path: &Path) -> Result<Media, Problem> {
    inspect::check_readable(path)?;
    let Prober { tools, cache, .. } = prober;
    let Some(state) = file_state(path) else {
        return Err(Problem::Missing);
    };
    let key = tool_key(&tools.ffprobe, &state);
    let cached = cache.get::<Media>("media", &key);
    let inspected = async {
        match cached {
            Some(cached) => Ok((cached, None)),
            None => inspect::inspect_for_copy(tools, path)
                .await
                .map(|(media, completed)| (media, Some(completed))),
        }
    };
    let (inspected, hash) = tokio::join!(inspected, fingerprint(prober, path, &state));
    let ((media, completed), hash) = (inspected?, hash?);
    // Not cached if the file was written to in the meantime.
    if completed.is_some_and(|completed| completed.is_ok()) && file_state(path).as_ref() == Some(&state) {
        cache.put("media", &key, &media);
    }
    Ok(Media { hash, ..media })
}

/// The fingerprint of a file in some state.
async fn fingerprint(prober: &Prober, path: &Path, state: &str) -> Result<String, Problem> {
    let cache = &prober.cache;
    if let Some(cached) = cache.get::<String>("content", state) {
        return Ok(cached);
    }
    if prober.fingerprint == Fingerprint::Metadata {
        // The context string is unique, so that no hash of any content is equal.
        let mut hasher =
            blake3::Hasher::new_derive_key("vidc: a file by its path, size and time of modification");
        return Ok(hasher.update(state.as_bytes()).finalize().to_hex().to_string());
    }
    let hash = hash_content(path.to_owned()).await?;
    if file_state(path).as_deref() == Some(state) {
        cache.put("content", state, &hash);
    }
    Ok(hash)
}

/// BLAKE3 of a file's content, hexadecimal.
async fn hash_content(path: PathBuf) -> Result<String, Problem> {
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
