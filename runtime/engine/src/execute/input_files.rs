//! Where the things that a run names are on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vidc_compiler::facts::{Facts, Media, Problem};
use vidc_compiler::plan::{Arg, ArtifactId, Loudness, RunEnvironment, Stage, concat_lists};

use vidc_compiler::time::Rational;

use super::Done;
use crate::error::Error;
use crate::probe::LiteralPath;
use crate::probe_cache::file_state;

/// 16384 × 16384: twice as many as 8K has across and down.
const MAX_PIXELS: u64 = 1 << 28;

/// The media that stages read, as they were when the first of them began.
pub(super) struct Inputs(BTreeMap<String, Input>);

struct Input {
    /// As it was probed, perhaps by way of links.
    path: PathBuf,
    canonical: PathBuf,
    state: Option<String>,
}

impl Inputs {
    /// They must be there as they were probed.
    pub(super) fn of<'a>(
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

    /// Says so if something was written to since of what a stage has read: what it made may not be what it is kept as.
    pub(super) fn are_as_before(&self, stage: &Stage) -> Result<(), Error> {
        let changed = stage.run.media_keys().find(|key| {
            self.0
                .get(*key)
                .is_some_and(|input| file_state(&input.path) != input.state)
        });
        match changed {
            None => Ok(()),
            Some(key) => Err(Error::InputUnusable {
                key: key.clone(),
                reason: "was written to or replaced while it was read".to_owned(),
            }),
        }
    }
}

fn input(key: &str, facts: &Facts) -> Result<Input, Error> {
    let unusable = |reason: String| Error::InputUnusable {
        key: key.to_owned(),
        reason,
    };
    let media = known(key, facts)?;
    let path = Path::new(&media.path);
    let bytes = fs::metadata(path)
        .map_err(|error| unusable(format!("cannot be read any more ({error})")))?
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
        .map_err(|error| unusable(format!("cannot be found any more ({error})")))
}

fn known<'a>(key: &str, facts: &'a Facts) -> Result<&'a Media, Error> {
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

/// The names of one run, and a private directory with its generated files.
pub(super) struct Places {
    directory: TempDir,
    media: BTreeMap<String, LiteralPath>,
    /// The demuxer of each, by the same key.
    formats: BTreeMap<String, String>,
    files: Vec<PathBuf>,
    outputs: Vec<Option<PathBuf>>,
    measured: BTreeMap<usize, Loudness>,
    parts: BTreeMap<ArtifactId, PathBuf>,
}

impl Places {
    /// Writes the stage's generated files and finds everything else it names.
    pub(super) fn prepare(
        stage: &Stage,
        facts: &Facts,
        outputs: Vec<Option<&Path>>,
        before: &Done,
    ) -> Result<Places, Error> {
        let directory = tempfile::Builder::new()
            .prefix("vidc-run-")
            .tempdir()
            .map_err(Error::io("make a directory in", std::env::temp_dir()))?;
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
            let known = known(key, facts)?;
            let path = Path::new(&known.path);
            let alias = LiteralPath::new(path).map_err(Error::io("link to", path))?;
            media.insert(key.clone(), alias);
            formats.insert(key.clone(), known.format.clone());
        }
        let places = Places {
            directory,
            media,
            formats,
            files,
            outputs: outputs.into_iter().map(|path| path.map(Path::to_owned)).collect(),
            measured: used(stage, &before.measured)?,
            parts: before.parts.clone(),
        };
        for (input, list) in concat_lists(&stage.run, &places) {
            let path = places.directory.path().join(format!("{input}.ffconcat"));
            fs::write(&path, list).map_err(Error::io("write", &path))?;
        }
        Ok(places)
    }

    /// Where a filter graph goes that is too long for an argument.
    pub(super) fn script(&self) -> String {
        text(&self.directory.path().join("graph"))
    }

    pub(super) fn write_script(&self, graph: &str) -> Result<(), Error> {
        let path = self.directory.path().join("graph");
        fs::write(&path, graph).map_err(Error::io("write", &path))
    }
}

/// What the stage's filters use of earlier measurements; every one of them must have been made.
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
                    "`{}` uses what stage {by} measures, which did not run",
                    stage.title
                ))
            })?;
            Ok((by, *loudness))
        })
        .collect()
}

impl RunEnvironment for Places {
    fn media_path(&self, key: &str) -> String {
        self.media
            .get(key)
            .map(|alias| text(alias.path()))
            .unwrap_or_default()
    }

    /// Only local files, only by the demuxer that probed them, and no picture larger than any that is real.
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
