//! An in-memory cache of the indexes read last. Compiling a recipe and verifying a result query the same file several
//! times.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::movie::Movie;
use crate::probe_cache::file_state;

/// The largest number of indexes.
const MAX_FILES: usize = 16;
/// The largest number of samples of all indexes together: as many as fit into 32 MiB.
const MAX_SAMPLES: usize = 1 << 20;

/// The indexes with the state of the files they were read from, the newest first.
static CACHE: Mutex<VecDeque<(String, Arc<Movie>)>> = Mutex::new(VecDeque::new());

/// Returns the cached index of a file in its present state, or reads it.
pub(super) fn get_or_read(path: &Path, read: impl FnOnce() -> Option<Movie>) -> Option<Arc<Movie>> {
    let lock = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    let state = file_state(path)?;
    let find = |cache: &VecDeque<(String, Arc<Movie>)>| {
        let found = cache.iter().find(|(cached, _)| *cached == state);
        found.map(|(_, movie)| Arc::clone(movie))
    };
    if let Some(movie) = find(&lock()) {
        return Some(movie);
    }
    let movie = Arc::new(read()?);
    // Not cached if the file was written to in the meantime.
    if file_state(path).as_ref() != Some(&state) {
        return Some(movie);
    }
    let mut cache = lock();
    if find(&cache).is_none() {
        cache.push_front((state, Arc::clone(&movie)));
        let mut samples = 0;
        let fits = |(_, movie): &(String, Arc<Movie>)| {
            samples += movie.sample_count();
            samples <= MAX_SAMPLES
        };
        let remaining = cache
            .iter()
            .take(MAX_FILES)
            .map(fits)
            .take_while(|fits| *fits)
            .count();
        cache.truncate(remaining);
    }
    Some(movie)
}
