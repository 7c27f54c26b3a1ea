//! Resolves the media and generated files of a run to local paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vidc_compiler::facts::{Facts, Media, Problem};
use vidc_compiler::plan::{Arg, ArtifactId, Loudness, RunEnvironment, Stage, concat_lists};

use vidc_compiler::time::Rational;

use super::results::Completed;
use crate::error::Error;
use crate::probe::LiteralPath;
use crate::probe_cache::file_state;

/// 16384 × 16384: twice the width and height of 8K.
const MAX_PIXELS: u64 = 1 << 28;

/// The media files that stages read, with their state at the start.
pub(super) struct Inputs(BTreeMap<String, Input>);

struct Input {
    /// The path as probed, possibly a symbolic link.
    path: PathBuf,
    canonical: PathBuf,
    state: Option<String>,
}

impl Inputs {
    /// Resolves the media of stages.
    ///
    /// # Errors
    /// If a file is missing or differs in size from when it was probed.
    pub(super) fn resolve<'a>(
        stages: impl IntoIterator<Item = &'a Stage>,
        facts: &Facts,
    ) -> Result<Inputs, Error> {
        let keys: BTreeSet<&String> = stages
            .into_iter()
            .flat_map(|stage| stage.run.media_keys())
            .collect();
        let inputs = keys.into_iter().map(|key| Ok((key.clone(), input(key, facts)?)));
        inputs.collect::<Result<_, Error>>().map(Inputs)
    }

    /// Their canonical paths.
    pub(super) fn paths(&self) -> BTreeSet<PathBuf> {
        self.0.values().map(|input| input.canonical.clone()).collect()
    }

    /// Fails if a file that a stage read has changed since, as the result would be cached under the wrong key.
    pub(super) fn check_unchanged(&self, stage: &Stage) -> Result<(), Error> {
        let changed = stage.run.media_keys().find(|key| {
            self.0
                .get(*key)
                .is_some_and(|input| file_state(&input.path) != input.state)
        });
        match changed {
            None => Ok(()),
            Some(key) => Err(Error::InputUnusable {
                key: key.clone(),
                reason: "changed while it was being read".to_owned(),
            }),
        }
    }
}

fn input(key: &str, facts: &Facts) -> Result<Input, Error> {
    let unusable = |reason: String| Error::InputUnusable {
        key: key.to_owned(),
        reason,
    };
    let media = probed(key, facts)?;
    let path = Path::new(&media.path);
    let bytes = fs::metadata(path)
        .map_err(|error| unusable(format!("can no longer be read ({error})")))?
        .len();
    if bytes != media.bytes {
        return Err(unusable("has changed since it was probed".to_owned()));
    }
    path.canonicalize()
        .map(|canonical| Input {
            path: path.to_owned(),
            canonical,
            state: file_state(path),
        })
        .map_err(|error| unusable(format!("can no longer be found ({error})")))
}

fn probed<'a>(key: &str, facts: &'a Facts) -> Result<&'a Media, Error> {
    let reason = match facts.media.get(key) {
        Some(Ok(media)) => return Ok(media),
        Some(Err(Problem::Missing)) => "is missing".to_owned(),
        Some(Err(Problem::Unreadable(reason))) => format!("cannot be read: {reason}"),
        None => "was not probed".to_owned(),
    };
    Err(Error::InputUnusable {
        key: key.to_owned(),
        reason,
    })
}

/// The paths of one run, and a private directory with its generated files.
pub(super) struct RunFiles {
    directory: TempDir,
    media: BTreeMap<String, LiteralPath>,
    /// Demuxer by media key.
    formats: BTreeMap<String, String>,
    files: Vec<PathBuf>,
    outputs: Vec<Option<PathBuf>>,
    measured: BTreeMap<usize, Loudness>,
    parts: BTreeMap<ArtifactId, PathBuf>,
}

impl RunFiles {
    /// Writes the stage's generated files and resolves all other paths.
    pub(super) fn prepare(
        stage: &Stage,
        facts: &Facts,
        outputs: Vec<Option<&Path>>,
        completed: &Completed,
    ) -> Result<RunFiles, Error> {
        let directory = tempfile::Builder::new()
            .prefix("vidc-run-")
            .tempdir()
            .map_err(Error::io("create a directory in", std::env::temp_dir()))?;
        let mut files = Vec::new();
        for (index, file) in stage.run.files.iter().enumerate() {
            let extension: String = file
                .extension
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect();
            let path = directory.path().join(format!("{index}.{extension}"));
            fs::write(&path, &file.text).map_err(Error::io("write", &path))?;
            files.push(path);
        }
        let mut media = BTreeMap::new();
        let mut formats = BTreeMap::new();
        for key in stage.run.media_keys() {
            let media_facts = probed(key, facts)?;
            let path = Path::new(&media_facts.path);
            let literal = LiteralPath::new(path).map_err(Error::io("link to", path))?;
            media.insert(key.clone(), literal);
            formats.insert(key.clone(), media_facts.format.clone());
        }
        let run_files = RunFiles {
            directory,
            media,
            formats,
            files,
            outputs: outputs.into_iter().map(|path| path.map(Path::to_owned)).collect(),
            measured: used(stage, &completed.measured)?,
            parts: completed.parts.clone(),
        };
        for (input, list) in concat_lists(&stage.run, &run_files) {
            let path = run_files.directory.path().join(format!("{input}.ffconcat"));
            fs::write(&path, list).map_err(Error::io("write", &path))?;
        }
        Ok(run_files)
    }

    /// The path for a filter graph that is too long for an argument.
    pub(super) fn script(&self) -> String {
        text(&self.directory.path().join("graph"))
    }

    pub(super) fn write_script(&self, graph: &str) -> Result<(), Error> {
        let path = self.directory.path().join("graph");
        fs::write(&path, graph).map_err(Error::io("write", &path))
    }
}

/// The earlier measurements that the stage's filters use.
///
/// # Errors
/// If one of them is missing.
fn used(stage: &Stage, measured: &BTreeMap<usize, Loudness>) -> Result<BTreeMap<usize, Loudness>, Error> {
    let args = stage.run.graph.filters().flat_map(|filter| &filter.args);
    let stages = args.filter_map(|(_, arg)| match arg {
        Arg::GainTo { stage, .. } => Some(*stage),
        Arg::Text(_) | Arg::File(_) => None,
    });
    stages
        .map(|by| {
            let loudness = measured.get(&by).ok_or_else(|| {
                Error::Internal(format!(
                    "`{}` needs the measurement of stage {by}, which did not run",
                    stage.title
                ))
            })?;
            Ok((by, *loudness))
        })
        .collect()
}

impl RunEnvironment for RunFiles {
    fn media_path(&self, key: &str) -> String {
        self.media
            .get(key)
            .map(|literal| text(literal.path()))
            .unwrap_or_default()
    }

    /// Allows only local files, only the demuxer that probed them, and no frame larger than any real one.
    fn guard_options(&self, key: &str) -> Vec<(&'static str, String)> {
        let format = self.formats.get(key).cloned().unwrap_or_default();
        vec![
            ("protocol_whitelist", "file".to_owned()),
            ("format_whitelist", format),
            ("max_pixels", MAX_PIXELS.to_string()),
        ]
    }

    fn artifact_path(&self, part: ArtifactId) -> String {
        self.parts.get(&part).map(|path| text(path)).unwrap_or_default()
    }

    fn concat_list_path(&self, input: usize) -> String {
        text(&self.directory.path().join(format!("{input}.ffconcat")))
    }

    fn generated_file_path(&self, index: usize) -> String {
        self.files.get(index).map(|path| text(path)).unwrap_or_default()
    }

    fn output_path(&self, index: usize) -> String {
        self.outputs
            .get(index)
            .and_then(Option::as_deref)
            .map(text)
            .unwrap_or_default()
    }

    fn gain(&self, stage: usize, target: Rational) -> String {
        self.measured
            .get(&stage)
            .map(|loudness| loudness.gain_to(target))
            .unwrap_or_default()
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
