//! Finished work, kept by content key: a stage whose inputs, settings and FFmpeg are the same as before is not run
//! again.
//!
//! An entry is a directory named by its key, made aside and renamed, so that no reader ever sees half of one, whoever
//! writes or is killed meanwhile. The directory may be deleted at any time. When entries take more than the limit,
//! those that were not used for the longest time go.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use vidc_compiler::plan::{Destination, Loudness, Stage};

use crate::error::Error;
use crate::probe_cache;

/// Bytes that are kept where nothing else says.
const USUAL_LIMIT: u64 = 10 << 30;
/// The variable that tells another.
const LIMIT: &str = "VIDC_CACHE_LIMIT";
/// What a writer that was killed leaves behind is deleted when it is this old.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);
const ABOUT: &str = "about.json";
const UNFINISHED: &str = ".unfinished-";
/// A folder of names by which entries are held.
const HELD: &str = ".held-";

/// Where finished work is kept, or nowhere.
#[derive(Clone, Debug)]
pub struct StageCache {
    root: Option<PathBuf>,
    limit: u64,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Stages.
    pub entries: usize,
    /// Bytes of their outputs.
    pub bytes: u64,
}

/// What was kept of a stage.
#[derive(Debug)]
pub(crate) struct CachedStage {
    /// Its outputs, in order; none of a stage that only measures.
    pub(crate) outputs: Vec<PathBuf>,
    /// What it measured.
    pub(crate) loudness: Option<Loudness>,
}

/// A file that a stage made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StageFile {
    pub(crate) path: PathBuf,
    /// Whether nobody ever changes it, so that another name for it is as good as a copy.
    pub(crate) constant: bool,
}

impl StageFile {
    /// Has the same bytes under another name, where no file is yet.
    fn bring_to(&self, place: &Path) -> io::Result<()> {
        if self.constant && fs::hard_link(&self.path, place).is_ok() {
            return Ok(());
        }
        fs::copy(&self.path, place).map(drop)
    }
}

impl CachedStage {
    /// The same under names in the first of some folders that is on its disk, where it stays while the entry may make
    /// room for others; a copy if none is. None if it has made room by now.
    pub(crate) fn held(self, folders: &[&Path], index: usize) -> Option<CachedStage> {
        let mut outputs = Vec::new();
        for (output, path) in self.outputs.iter().enumerate() {
            let mut places = folders
                .iter()
                .map(|folder| folder.join(format!("kept-{index}-{output}")));
            let linked = places.clone().find(|place| fs::hard_link(path, place).is_ok());
            let place = linked.or_else(|| places.find(|place| fs::copy(path, place).is_ok()))?;
            outputs.push(place);
        }
        Some(CachedStage { outputs, ..self })
    }
}

#[derive(Serialize, Deserialize)]
struct About {
    /// Sizes of the outputs in bytes, so that a damaged entry is known as such.
    sizes: Vec<u64>,
    loudness: Option<Loudness>,
}

impl StageCache {
    /// In the user's cache directory, up to `VIDC_CACHE_LIMIT` (such as `500M` or `20G`, otherwise 10 GiB; `0` keeps
    /// nothing).
    ///
    /// # Errors
    /// If the variable holds something else.
    pub fn for_user() -> Result<StageCache, Error> {
        let limit = match env::var_os(LIMIT) {
            Some(value) => value.to_str().and_then(bytes).ok_or_else(|| Error::Setting {
                name: LIMIT,
                value: value.to_string_lossy().into_owned(),
                wanted: "a number of bytes, such as `500M` or `20G`",
            })?,
            None => USUAL_LIMIT,
        };
        Ok(match probe_cache::user_cache_dir() {
            Some(root) if limit > 0 => StageCache::at(root.join("finished"), limit),
            _ => StageCache::disabled(),
        })
    }

    /// In a directory of the caller's, up to a number of bytes.
    pub fn at(root: impl Into<PathBuf>, limit: u64) -> StageCache {
        StageCache {
            root: Some(root.into()),
            limit,
        }
    }

    /// Keeps nothing.
    pub fn disabled() -> StageCache {
        StageCache { root: None, limit: 0 }
    }

    /// Where it is kept.
    pub fn directory(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// What was kept of a stage, if it is there and whole; it counts as used now.
    pub(crate) fn get(&self, stage: &Stage) -> Option<CachedStage> {
        let entry = self.root.as_ref()?.join(&stage.key);
        let about: About = serde_json::from_slice(&fs::read(entry.join(ABOUT)).ok()?).ok()?;
        let outputs: Vec<PathBuf> = (0..about.sizes.len())
            .map(|index| entry.join(index.to_string()))
            .collect();
        let whole = outputs
            .iter()
            .zip(&about.sizes)
            .all(|(path, size)| fs::metadata(path).is_ok_and(|found| found.len() == *size));
        let made = stage
            .run
            .outputs
            .iter()
            .filter(|output| output.destination != Destination::Null)
            .count();
        if !whole || outputs.len() != made {
            return None;
        }
        // When it was used is only a hint for what to delete first.
        let _ = fs::File::open(entry.join(ABOUT)).and_then(|about| about.set_modified(SystemTime::now()));
        Some(CachedStage {
            outputs,
            loudness: about.loudness,
        })
    }

    /// A folder for [`CachedStage::held`] on the disk of the entries, where a name takes no room and no time; it goes when it is
    /// dropped. None if there cannot be one.
    pub(crate) fn holding(&self) -> Option<TempDir> {
        let root = self.root.as_ref()?;
        tempfile::Builder::new().prefix(HELD).tempdir_in(root).ok()
    }

    /// Keeps what the stage of a key made. What cannot be kept is not: it was made all the same.
    pub(crate) async fn put(&self, key: &str, outputs: Vec<StageFile>, loudness: Option<Loudness>) {
        let (stage_cache, key) = (self.clone(), key.to_owned());
        let put = move || stage_cache.try_put(&key, &outputs, loudness);
        let _ = tokio::task::spawn_blocking(put).await;
    }

    fn try_put(&self, key: &str, outputs: &[StageFile], loudness: Option<Loudness>) -> Option<()> {
        let root = self.root.as_ref()?;
        fs::create_dir_all(root).ok()?;
        let sizes = outputs
            .iter()
            .map(|product| Some(fs::metadata(&product.path).ok()?.len()))
            .collect::<Option<Vec<_>>>()?;
        let total: u64 = sizes.iter().sum();
        if total > self.limit {
            return None;
        }
        self.make_room(total);
        let aside = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempdir_in(root)
            .ok()?;
        for (index, product) in outputs.iter().enumerate() {
            product.bring_to(&aside.path().join(index.to_string())).ok()?;
        }
        let about = serde_json::to_vec(&About { sizes, loudness }).ok()?;
        fs::write(aside.path().join(ABOUT), about).ok()?;
        // Renaming onto an entry that someone else has made meanwhile fails, and theirs is as good.
        fs::rename(aside.path(), root.join(key)).ok()
    }

    /// Deletes what was not used for the longest time until `more` bytes fit.
    fn make_room(&self, more: u64) {
        let mut entries = self.entries();
        let mut total: u64 = entries.iter().map(|entry| entry.bytes).sum();
        entries.sort_by_key(|entry| entry.used);
        for entry in entries {
            if entry.is_abandoned() || (!entry.aside && total + more > self.limit) {
                total = total.saturating_sub(entry.bytes);
                let _ = fs::remove_dir_all(entry.path);
            }
        }
    }

    /// How much is kept.
    pub fn usage(&self) -> Usage {
        let mut entries = self.entries();
        entries.retain(|entry| !entry.held);
        Usage {
            entries: entries.len(),
            bytes: entries.iter().map(|entry| entry.bytes).sum(),
        }
    }

    /// Deletes everything but what is in use, and says how much it was.
    ///
    /// # Errors
    /// If something cannot be deleted.
    pub fn clear(&self) -> io::Result<Usage> {
        let usage = self.usage();
        for entry in self.entries() {
            if !entry.held || entry.is_abandoned() {
                fs::remove_dir_all(entry.path)?;
            }
        }
        Ok(usage)
    }

    fn entries(&self) -> Vec<Entry> {
        let directory = self.root.as_ref().and_then(|root| fs::read_dir(root).ok());
        directory
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|found| Entry::of(found.path()))
            .collect()
    }
}

struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
    /// Whether it is being made, or holds others.
    aside: bool,
    /// Whether it only holds others, whose room is not taken twice.
    held: bool,
}

impl Entry {
    fn of(path: PathBuf) -> Option<Entry> {
        let name = path.file_name()?.to_string_lossy();
        let held = name.starts_with(HELD);
        let aside = held || name.starts_with(UNFINISHED);
        let sizes = fs::read_dir(&path)
            .ok()?
            .flatten()
            .filter_map(|file| Some(file.metadata().ok()?.len()));
        let bytes = if held { 0 } else { sizes.sum() };
        let about = fs::metadata(path.join(ABOUT))
            .or_else(|_| fs::metadata(&path))
            .ok()?;
        Some(Entry {
            used: about.modified().ok()?,
            bytes,
            aside,
            held,
            path,
        })
    }

    /// Whether whoever wrote or held it was killed.
    fn is_abandoned(&self) -> bool {
        self.aside && self.used.elapsed().is_ok_and(|age| age > ABANDONED)
    }
}

/// A number of bytes such as `500M`; the suffixes are powers of 1024.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let shift = match text.chars().last()?.to_ascii_uppercase() {
        'K' => 10,
        'M' => 20,
        'G' => 30,
        'T' => 40,
        _ => 0,
    };
    let digits = if shift > 0 { &text[..text.len() - 1] } else { text };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use vidc_compiler::cost::Work;
    use vidc_compiler::plan::{Run, RunOutput, StageKind};
    use vidc_compiler::time::Time;

    use super::*;

    fn stage(key: &str) -> Stage {
        let output = RunOutput {
            destination: Destination::Named("a.mp4".into()),
            muxer: "mp4".into(),
            tracks: Vec::new(),
            options: Vec::new(),
            expected: Default::default(),
        };
        Stage {
            kind: StageKind::Render,
            title: String::new(),
            key: key.into(),
            duration: Time::ZERO,
            work: Work::default(),
            run: Run {
                copy_timestamps: false,
                inputs: Vec::new(),
                files: Vec::new(),
                graph: Default::default(),
                outputs: vec![output],
            },
        }
    }

    fn made(folder: &Path, bytes: usize) -> Vec<StageFile> {
        let path = folder.join("made");
        fs::write(&path, vec![7; bytes]).unwrap();
        vec![StageFile {
            path,
            constant: false,
        }]
    }

    #[tokio::test]
    async fn what_was_kept_is_found_again_and_only_whole() {
        let folder = tempfile::tempdir().unwrap();
        let stage_cache = StageCache::at(folder.path().join("finished"), 1000);
        assert!(stage_cache.get(&stage("k")).is_none());
        stage_cache.put("k", made(folder.path(), 10), None).await;
        let kept = stage_cache.get(&stage("k")).unwrap();
        assert_eq!(fs::read(&kept.outputs[0]).unwrap(), vec![7; 10]);
        fs::write(&kept.outputs[0], b"damaged").unwrap();
        assert!(stage_cache.get(&stage("k")).is_none());
    }

    #[tokio::test]
    async fn the_least_recently_used_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let stage_cache = StageCache::at(folder.path().join("finished"), 2500);
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        for key in ["old", "older"] {
            stage_cache.put(key, made(folder.path(), 1000), None).await;
            let about = folder.path().join("finished").join(key).join(ABOUT);
            fs::File::open(about).unwrap().set_modified(long_ago).unwrap();
        }
        stage_cache.get(&stage("old")).unwrap();
        stage_cache.put("new", made(folder.path(), 1000), None).await;
        assert!(stage_cache.get(&stage("older")).is_none(), "not used for longest");
        assert!(stage_cache.get(&stage("old")).is_some() && stage_cache.get(&stage("new")).is_some());
        assert_eq!(stage_cache.clear().unwrap().entries, 2);
        assert_eq!(stage_cache.usage(), Usage::default());
    }

    #[tokio::test]
    async fn many_writers_of_one_key_leave_one_whole_entry() {
        let folder = tempfile::tempdir().unwrap();
        let stage_cache = StageCache::at(folder.path().join("finished"), 1 << 20);
        let file = made(folder.path(), 5000);
        let puts = (0..8).map(|_| stage_cache.put("k", file.clone(), None));
        futures_util::future::join_all(puts).await;
        assert!(stage_cache.get(&stage("k")).is_some());
        assert_eq!(stage_cache.usage().entries, 1);
    }

    #[tokio::test]
    async fn other_names_of_what_never_changes_outlive_it() {
        let folder = tempfile::tempdir().unwrap();
        let stage_cache = StageCache::at(folder.path().join("finished"), 1 << 20);
        let mut product = made(folder.path(), 10);
        product[0].constant = true;
        stage_cache.put("k", product.clone(), None).await;
        fs::remove_file(&product[0].path).unwrap();
        let kept = stage_cache.get(&stage("k")).unwrap();
        assert_eq!(fs::read(&kept.outputs[0]).unwrap(), vec![7; 10]);
    }

    #[tokio::test]
    async fn what_is_held_stays_while_the_entry_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let stage_cache = StageCache::at(folder.path().join("finished"), 1 << 20);
        stage_cache.put("k", made(folder.path(), 10), None).await;
        let holding = stage_cache.holding().unwrap();
        let (used, late) = (
            stage_cache.get(&stage("k")).unwrap(),
            stage_cache.get(&stage("k")).unwrap(),
        );
        let held = used.held(&[holding.path()], 0).unwrap();
        assert_eq!(stage_cache.usage().entries, 1);
        stage_cache.clear().unwrap();
        assert_eq!(fs::read(&held.outputs[0]).unwrap(), vec![7; 10]);
        assert!(late.held(&[holding.path()], 1).is_none());
        drop(holding);
        assert!(!held.outputs[0].exists());
    }

    #[test]
    fn limits_are_read() {
        assert_eq!(bytes("500M"), Some(500 << 20));
        assert_eq!(bytes("0"), Some(0));
        assert_eq!(bytes("20g"), Some(20 << 30));
        assert_eq!(bytes("much"), None);
    }
}
