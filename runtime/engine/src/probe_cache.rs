//! An on-disk cache of small facts: one JSON file for each, in a directory that may be deleted at any time.
//!
//! An entry that cannot be read is a miss, and one that cannot be written is dropped. The cache only saves time, so neither
//! is an error.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version of the entries; raised whenever their meaning or shape changes.
const FORMAT: u32 = 8;

/// A cache of facts in a directory, or a disabled one.
#[derive(Clone, Debug)]
pub struct ProbeCache {
    root: Option<PathBuf>,
}

impl ProbeCache {
    /// The user's cache: `VIDC_CACHE_DIR`, else `vidc` in `XDG_CACHE_HOME`, else `~/.cache/vidc`; disabled if no variable is
    /// set.
    pub fn for_user() -> ProbeCache {
        ProbeCache {
            root: user_cache_dir(),
        }
    }

    /// A cache in the given directory.
    pub fn at(root: impl Into<PathBuf>) -> ProbeCache {
        ProbeCache {
            root: Some(root.into()),
        }
    }

    /// A cache that stores nothing.
    pub fn disabled() -> ProbeCache {
        ProbeCache { root: None }
    }

    /// The value of a key, if there is an intact entry.
    pub(crate) fn get<T: DeserializeOwned>(&self, kind: &str, key: &str) -> Option<T> {
        let bytes = fs::read(self.entry(kind, key)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Stores a value. The file is written under another name and then renamed, so that readers never see a part of it.
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

/// The user's cache directory, if the environment names one.
pub(crate) fn user_cache_dir() -> Option<PathBuf> {
    cache_dir_from(&|name| env::var_os(name).filter(|value| !value.is_empty()))
}

fn cache_dir_from(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(root) = variable("VIDC_CACHE_DIR") {
        return Some(root.into());
    }
    // The XDG Base Directory Specification requires relative paths to be ignored.
    if let Some(home) = variable("XDG_CACHE_HOME").filter(|home| Path::new(home).is_absolute()) {
        return Some(Path::new(&home).join("vidc"));
    }
    variable("HOME").map(|home| Path::new(&home).join(".cache/vidc"))
}

/// Identifies a state of a file without reading it: its absolute path, size in bytes, and modification time in nanoseconds
/// since 1970. `None` if the file does not exist.
pub(crate) fn file_state(path: &Path) -> Option<String> {
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

/// A cache key for what a program reports about a subject. It contains the state of the program's file, because another
/// release may report something else.
pub(crate) fn tool_key(program: &Path, subject: &str) -> String {
    let canonical = fs::canonicalize(program);
    let program = file_state(canonical.as_deref().unwrap_or(program));
    format!("{}\0{subject}", program.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_directory() {
        let dir = |set: &[(&str, &str)]| {
            cache_dir_from(&|name| {
                set.iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| value.into())
            })
        };
        assert_eq!(dir(&[]), None);
        assert_eq!(dir(&[("HOME", "/h")]), Some("/h/.cache/vidc".into()));
        assert_eq!(
            dir(&[("HOME", "/h"), ("XDG_CACHE_HOME", "rel")]),
            Some("/h/.cache/vidc".into())
        );
        assert_eq!(
            dir(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]),
            Some("/x/vidc".into())
        );
        assert_eq!(
            dir(&[("VIDC_CACHE_DIR", "/v"), ("XDG_CACHE_HOME", "/x")]),
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
