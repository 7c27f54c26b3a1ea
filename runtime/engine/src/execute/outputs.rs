//! Where outputs go: checked before anything runs, written aside, renamed when they are right.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use tempfile::TempPath;
use vidc_compiler::plan::{Destination, Plan};

use super::Artifact;
use crate::error::Error;
use crate::stage_cache::StageFile;

/// A file that is being written is not left alone for so long.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// What a stage made.
#[derive(Debug)]
pub(super) enum Made {
    /// What the recipe asks for.
    Output(Artifact),
    /// What a later stage uses.
    Part(PathBuf),
}

impl Made {
    /// Where it is.
    pub(super) fn into_path(self) -> PathBuf {
        match self {
            Made::Output(artifact) => artifact.path,
            Made::Part(path) => path,
        }
    }
}

/// A place for an output.
#[derive(Debug)]
pub(super) struct Target {
    /// The name the recipe gives it; none of a part that a later stage uses.
    name: Option<String>,
    path: PathBuf,
}

/// The targets of each stage's outputs; none where an output only measures. Refuses names outside `out_dir`, names
/// of inputs, and names given twice.
pub(super) fn targets(
    plan: &Plan,
    out_dir: &Path,
    parts: &Path,
    inputs: &BTreeSet<PathBuf>,
) -> Result<Vec<Vec<Option<Target>>>, Error> {
    let mut taken = BTreeSet::new();
    let mut target = |stage: usize, output: usize, to: &Destination| -> Result<Option<Target>, Error> {
        let name = match to {
            Destination::Named(name) => name,
            Destination::Artifact => {
                return Ok(Some(Target::part(parts.join(format!("{stage}-{output}")))));
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
            return Err(refuse("there is a directory of that name"));
        }
        if let Some(input) = path.canonicalize().ok().filter(|path| inputs.contains(path)) {
            return Err(Error::OutputIsInput {
                name: name.clone(),
                input,
            });
        }
        if !taken.insert(path.clone()) {
            return Err(refuse("another output has the same name"));
        }
        Ok(Some(Target {
            name: Some(name.clone()),
            path,
        }))
    };
    let mut of_stage = |(index, stage): (usize, &vidc_compiler::plan::Stage)| {
        let outputs = stage.run.outputs.iter().enumerate();
        outputs
            .map(|(output, made)| target(index, output, &made.destination))
            .collect()
    };
    plan.stages.iter().enumerate().map(&mut of_stage).collect()
}

/// A name as a path that stays inside the directory it is joined to.
fn inside(name: &str) -> Result<PathBuf, &'static str> {
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir => return Err("`..` would lead out of the output directory"),
            Component::RootDir | Component::Prefix(_) => {
                return Err("it is absolute, and outputs are written inside the output directory");
            }
        }
    }
    match name {
        _ if path.as_os_str().is_empty() => Err("it names no file"),
        _ if name.ends_with('/') => Err("it names a directory"),
        _ if name.contains('\0') => Err("it has a zero byte in it"),
        _ => Ok(path),
    }
}

/// An output being written, under a hidden name in its directory; deleted when dropped.
pub(super) struct Partial {
    target: Target,
    file: TempPath,
}

impl Target {
    /// A place for a part.
    pub(super) fn part(path: PathBuf) -> Target {
        Target { name: None, path }
    }

    /// Makes the directory and an empty file with a hidden name in it.
    pub(super) fn open(self) -> Result<Partial, Error> {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = self.path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(directory).map_err(Error::io("make the directory", directory))?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        // File names are at most 255 bytes long; this one is for whoever finds it after a power cut.
        let shown: String = name.chars().take(40).collect();
        let suffix = match self.path.extension() {
            Some(extension) => format!(".{}", extension.to_string_lossy()),
            None => String::new(),
        };
        let prefix = format!(".{shown}.vidc-partial-");
        sweep(directory, &prefix);
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            .suffix(&suffix)
            // What the user's umask makes of it, as for any file.
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(directory)
            .map_err(Error::io("write into", directory))?
            .into_temp_path();
        Ok(Partial { target: self, file })
    }
}

impl Partial {
    /// Where it is written.
    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// The name the recipe gives it.
    pub(super) fn name(&self) -> &str {
        self.target.name.as_deref().unwrap_or("a part")
    }

    /// To be kept: what has the recipe's name is its owner's to change.
    pub(super) fn product(&self) -> StageFile {
        StageFile {
            path: self.path().to_owned(),
            constant: self.target.name.is_none(),
        }
    }

    /// Begins to bring what the recipe asks for to the disk, while there is something else to do.
    pub(super) async fn write_out(&self) {
        if self.target.name.is_some()
            && let Ok(file) = tokio::fs::File::open(self.path()).await
        {
            // Publishing does it again, and says what went wrong.
            let _ = file.sync_all().await;
        }
    }

    /// Puts it in its place, and what the recipe asks for for good: its content and then its name are on the disk when
    /// this returns.
    pub(super) async fn publish(self, key: &str) -> Result<Made, Error> {
        let Partial { target, file } = self;
        let key = key.to_owned();
        let publish = move || -> Result<Made, Error> {
            let path = target.path;
            let Some(name) = target.name else {
                file.persist(&path)
                    .map_err(|error| Error::io("write", &path)(error.error))?;
                return Ok(Made::Part(path));
            };
            let written = fs::File::open(&file).map_err(Error::io("open", &*file))?;
            let bytes = written.metadata().map_err(Error::io("look at", &*file))?.len();
            written.sync_all().map_err(Error::io("write out", &*file))?;
            file.persist(&path)
                .map_err(|error| Error::io("write", &path)(error.error))?;
            sync_directory(&path).map_err(Error::io("write out", &path))?;
            Ok(Made::Output(Artifact {
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

/// Deletes what a render that was killed has left behind; one that runs writes.
fn sweep(directory: &Path, prefix: &str) {
    let left = |entry: &fs::DirEntry| {
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        entry.file_name().to_string_lossy().starts_with(prefix) && age().is_some_and(|age| age > ABANDONED)
    };
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for entry in entries.filter(left) {
        // Whoever may not delete it may still render.
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
    fn what_was_left_behind_goes_after_a_day() {
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
        drop(Target::part(folder.path().join("a.mp4")).open().unwrap());
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
