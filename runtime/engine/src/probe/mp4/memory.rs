//! The indexes that were read last. Compiling a recipe and checking a result ask several things of a file.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::Movie;
use crate::probe_cache::identity;

/// How many are kept.
const FILES: usize = 16;
/// How many samples those that are kept may have together: as many as fit into 32 MiB.
const SAMPLES: usize = 1 << 20;

static LAST: Mutex<VecDeque<(String, Arc<Movie>)>> = Mutex::new(VecDeque::new());

/// What was read of a file in the same state, or what is read now.
pub(super) fn recalled(path: &Path, read: impl FnOnce() -> Option<Movie>) -> Option<Arc<Movie>> {
    let lock = || LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let key = identity(path)?;
    let known = |last: &VecDeque<(String, Arc<Movie>)>| {
        let found = last.iter().find(|(other, _)| *other == key);
        found.map(|(_, movie)| Arc::clone(movie))
    };
    if let Some(movie) = known(&lock()) {
        return Some(movie);
    }
    let movie = Arc::new(read()?);
    // Not kept if the file was written to in the meantime.
    if identity(path).as_ref() != Some(&key) {
        return Some(movie);
    }
    let mut last = lock();
    if known(&last).is_none() {
        last.push_front((key, Arc::clone(&movie)));
        let mut samples = 0;
        let fits = |(_, movie): &(String, Arc<Movie>)| {
            samples += movie.samples();
            samples <= SAMPLES
        };
        let kept = last.iter().take(FILES).map(fits).take_while(|fits| *fits).count();
        last.truncate(kept);
    }
    Some(movie)
}
