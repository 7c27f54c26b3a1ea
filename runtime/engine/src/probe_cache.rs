//! Small facts kept between runs: one JSON file for each, in a directory that may be deleted at any time.
//!
//! A file that cannot be read is a miss, and one that cannot be written is not kept: the cache makes things faster
//! and never wrong, so neither is an error.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Raised whenever what is kept changes its meaning or its shape.
const FORMAT: u32 = 8;

/// Where facts are kept, or nowhere.
#[derive(Clone, Debug)]
pub struct ProbeCache {
    root: Option<PathBuf>,
}

impl ProbeCache {
    /// In `VIDC_CACHE_DIR`, else `vidc` in `XDG_CACHE_HOME`, else `~/.cache/vidc`; nowhere if none of them is set.
    pub fn for_user() -> ProbeCache {
        ProbeCache {
            root: user_directory(),
        }
    }

    /// In a directory of the caller's.
    pub fn at(root: impl Into<PathBuf>) -> ProbeCache {
        ProbeCache {
            root: Some(root.into()),
        }
    }

    /// Keeps nothing.
    pub fn disabled() -> ProbeCache {
        ProbeCache { root: None }
    }

    /// What was kept under a key, if it is there and whole.
    pub(crate) fn get<T: DeserializeOwned>(&self, kind: &str, key: &str) -> Option<T> {
        let bytes = fs::read(self.entry(kind, key)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps a value under a key: written aside and renamed, so that no reader ever sees half of it.
    pub(crate) fn put<T: Serialize>(&self, kind: &str, key: &str, value: &T) {
        let _ = self.try_put(kind, key, value);
    }

    fn try_put<T: Serialize>(&self, kind: &str, key: &str, value: &T) -> Option<()> {
        let path = self.entry(kind, key)?;
        let directory = path.parent()?;
        fs::create_dir_all(directory).ok()?;
        let mut file = tempfile::NamedTempFile::new_in(directory).ok()?;
        file.write_all(&serde_json::to_vec(value).ok()?).ok()?;
        file.persist(path).ok()?;
        Some(())
    }

    fn entry(&self, kind: &str, key: &str) -> Option<PathBuf> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&FORMAT.to_le_bytes());
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        hasher.update(&[0]);
        hasher.update(key.as_bytes());
        let name = hasher.finalize().to_hex();
        Some(self.root.as_ref()?.join(kind).join(&name.as_str()[..40]))
    }
}

/// Where the user's caches go; none if nothing says.
pub(crate) fn user_directory() -> Option<PathBuf> {
    root_from(&|name| env::var_os(name).filter(|value| !value.is_empty()))
}

fn root_from(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(root) = variable("VIDC_CACHE_DIR") {
        return Some(root.into());
    }
    // The XDG Base Directory Specification tells to ignore relative paths.
    if let Some(home) = variable("XDG_CACHE_HOME").filter(|home| Path::new(home).is_absolute()) {
        return Some(Path::new(&home).join("vidc"));
    }
    variable("HOME").map(|home| Path::new(&home).join(".cache/vidc"))
}

/// What tells one state of a file from another without reading it: its absolute path, size in bytes, and time of
/// modification in nanoseconds since 1970. None if it is not there.
pub(crate) fn identity(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    let modified = metadata.modified().ok()?;
    let nanos = match modified.duration_since(UNIX_EPOCH) {
        Ok(after) => format!("{}", after.as_nanos()),
        Err(before) => format!("-{}", before.duration().as_nanos()),
    };
    let absolute = std::path::absolute(path).ok()?;
    Some(format!(
        "{}\0{}\0{nanos}",
        absolute.to_string_lossy(),
        metadata.len()
    ))
}

/// A key for what a program tells of something: another state of the program, such as a newer release, may tell
/// something else.
pub(crate) fn told_by(program: &Path, of: &str) -> String {
    let canonical = fs::canonicalize(program);
    let program = identity(canonical.as_deref().unwrap_or(program));
    format!("{}\0{of}", program.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_first_that_is_set() {
        let of = |set: &[(&str, &str)]| {
            root_from(&|name| {
                set.iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| value.into())
            })
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("HOME", "/h")]), Some("/h/.cache/vidc".into()));
        assert_eq!(
            of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "rel")]),
            Some("/h/.cache/vidc".into())
        );
        assert_eq!(
            of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]),
            Some("/x/vidc".into())
        );
        assert_eq!(
            of(&[("VIDC_CACHE_DIR", "/v"), ("XDG_CACHE_HOME", "/x")]),
            Some("/v".into())
        );
    }

    #[test]
    fn a_damaged_entry_is_a_miss() {
        let directory = tempfile::tempdir().unwrap();
        let cache = ProbeCache::at(directory.path());
        cache.put("kind", "key", &vec![1, 2, 3]);
        assert_eq!(cache.get::<Vec<i32>>("kind", "key"), Some(vec![1, 2, 3]));
        fs::write(cache.entry("kind", "key").unwrap(), b"[1,2").unwrap();
        assert_eq!(cache.get::<Vec<i32>>("kind", "key"), None);
        assert_eq!(ProbeCache::disabled().get::<Vec<i32>>("kind", "key"), None);
    }
}
