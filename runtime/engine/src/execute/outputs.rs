//! Output files: checked before anything runs, written under a hidden name, renamed after verification.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use tempfile::TempPath;
use vidc_compiler::plan::{Destination, Plan};

use super::results::{Artifact, StageOutput};
use crate::error::Error;
use crate::stage_cache::StageFile;

/// Partial files older than this are left over from a killed render.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 3600);

/// The destination of an output.
#[derive(Debug)]
pub(super) struct Target {
    /// Its name in the recipe; `None` for an intermediate file.
    name: Option<String>,
    path: PathBuf,
}

/// Returns the targets of each stage's outputs; `None` for a measurement.
///
/// # Errors
/// For names outside `out_dir`, names of inputs, and duplicate names.
pub(super) fn targets(
    plan: &Plan,
    out_dir: &Path,
    parts: &Path,
    inputs: &BTreeSet<PathBuf>,
) -> Result<Vec<Vec<Option<Target>>>, Error> {
    let mut used = BTreeSet::new();
    let mut target = |stage: usize, output: usize, to: &Destination| -> Result<Option<Target>, Error> {
        let name = match to {
            Destination::Named(name) => name,
            Destination::Artifact => {
                return Ok(Some(Target::intermediate(
                    parts.join(format!("{stage}-{output}")),
                )));
            }
            Destination::Null => return Ok(None),
        };
        let refuse = |reason| Error::OutputName {
            name: name.clone(),
            reason,
        };
        let path = out_dir.join(inside(name).map_err(refuse)?);
        if path.to_str().is_none() {
            return Err(refuse("the name of the output directory is not valid UTF-8"));
        }
        if path.is_dir() {
            return Err(refuse("a directory with that name exists"));
        }
        if let Some(input) = path.canonicalize().ok().filter(|path| inputs.contains(path)) {
            return Err(Error::OutputIsInput {
                name: name.clone(),
                input,
            });
        }
        if !used.insert(path.clone()) {
            return Err(refuse("another output has the same name"));
        }
        Ok(Some(Target {
            name: Some(name.clone()),
            path,
        }))
    };
    let mut stage_targets = |(index, stage): (usize, &vidc_compiler::plan::Stage)| {
        let outputs = stage.run.outputs.iter().enumerate();
        outputs
            .map(|(output, spec)| target(index, output, &spec.destination))
            .collect()
    };
    plan.stages.iter().enumerate().map(&mut stage_targets).collect()
}

/// Checks that a name is a path inside the directory it is joined to.
fn inside(name: &str) -> Result<PathBuf, &'static str> {
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir => return Err("`..` would lead out of the output directory"),
            Component::RootDir | Component::Prefix(_) => {
                return Err("it is absolute, but outputs are written inside the output directory");
            }
        }
    }
    match name {
        _ if path.as_os_str().is_empty() => Err("it does not name a file"),
        _ if name.ends_with('/') => Err("it names a directory"),
        _ if name.contains('\0') => Err("it contains a NUL byte"),
        _ => Ok(path),
    }
}

/// An output being written, under a hidden name in its directory; deleted when dropped.
pub(super) struct Partial {
    target: Target,
    file: TempPath,
}

impl Target {
    /// The destination of an intermediate file.
    pub(super) fn intermediate(path: PathBuf) -> Target {
        Target { name: None, path }
    }

    /// Creates the directory and an empty file with a hidden name in it.
    pub(super) fn open(self) -> Result<Partial, Error> {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = self.path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(directory).map_err(Error::io("create the directory", directory))?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        // File names have at most 255 bytes; the prefix identifies files left by a power cut.
        let stem: String = name.chars().take(40).collect();
        let suffix = match self.path.extension() {
            Some(extension) => format!(".{}", extension.to_string_lossy()),
            None => String::new(),
        };
        let prefix = format!(".{stem}.vidc-partial-");
        remove_abandoned(directory, &prefix);
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(&suffix)
            // Subject to the umask, as for any file.
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(directory)
            .map_err(Error::io("write into", directory))?
            .into_temp_path();
        Ok(Partial { target: self, file })
    }
}

impl Partial {
    /// The path it is written to.
    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// Its name in the recipe.
    pub(super) fn name(&self) -> &str {
        self.target.name.as_deref().unwrap_or("an intermediate file")
    }

    /// The file for the cache; a named output may be changed by its owner later.
    pub(super) fn stage_file(&self) -> StageFile {
        StageFile {
            path: self.path().to_owned(),
            constant: self.target.name.is_none(),
        }
    }

    /// Starts flushing a named output to disk while other work goes on.
    pub(super) async fn flush(&self) {
        if self.target.name.is_some()
            && let Ok(file) = tokio::fs::File::open(self.path()).await
        {
            // Publishing syncs again and reports errors.
            let _ = file.sync_all().await;
        }
    }

    /// Moves the file to its final path. For a named output, content and directory entry are on disk when this returns.
    pub(super) async fn publish(self, key: &str) -> Result<StageOutput, Error> {
        let Partial { target, file } = self;
        let key = key.to_owned();
        let publish = move || -> Result<StageOutput, Error> {
            let path = target.path;
            let Some(name) = target.name else {
                file.persist(&path)
                    .map_err(|error| Error::io("write", &path)(error.error))?;
                return Ok(StageOutput::Intermediate(path));
            };
            let written = fs::File::open(&file).map_err(Error::io("open", &*file))?;
            let bytes = written
                .metadata()
                .map_err(Error::io("read the size of", &*file))?
                .len();
            written.sync_all().map_err(Error::io("flush", &*file))?;
            file.persist(&path)
                .map_err(|error| Error::io("write", &path)(error.error))?;
            sync_directory(&path).map_err(Error::io("flush", &path))?;
            Ok(StageOutput::Artifact(Artifact {
                name,
                path,
                bytes,
                key,
            }))
        };
        tokio::task::spawn_blocking(publish)
            .await
            .map_err(|error| Error::Internal(format!("publishing an output: {error}")))?
    }
}

/// Deletes partial files that a killed render left behind; a running one writes to its files.
fn remove_abandoned(directory: &Path, prefix: &str) {
    let is_abandoned = |entry: &fs::DirEntry| {
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        entry.file_name().to_string_lossy().starts_with(prefix)
            && age().is_some_and(|age| age > ABANDONED_AFTER)
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries.filter(is_abandoned) {
        // Failing to delete it does not prevent rendering.
        let _ = fs::remove_file(entry.path());
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(directory) => fs::File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::{Target, inside};

    #[test]
    fn abandoned_partials_are_deleted_after_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let left = |name: &str, hours: u64| {
            let path = folder.path().join(name);
            let time = SystemTime::now() - Duration::from_secs(hours * 3600);
            fs::File::create(&path).unwrap().set_modified(time).unwrap();
            path
        };
        let old = left(".a.mp4.vidc-partial-x.mp4", 25);
        let new = left(".a.mp4.vidc-partial-y.mp4", 1);
        let other = left(".b.mp4.vidc-partial-x.mp4", 25);
        drop(Target::intermediate(folder.path().join("a.mp4")).open().unwrap());
        assert!(!old.exists() && new.exists() && other.exists());
    }

    #[test]
    fn names_stay_inside() {
        assert_eq!(inside("./a/b.mp4"), Ok("a/b.mp4".into()));
        for name in ["/a.mp4", "../a.mp4", "a/../../b.mp4", "", ".", "a/", "a\0.mp4"] {
            assert!(inside(name).is_err(), "{name:?}");
        }
    }
}
