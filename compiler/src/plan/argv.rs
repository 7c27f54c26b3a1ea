//! The arguments of an ffmpeg run.

use super::{Arg, ArtifactId, Destination, Run, RunSource, TrackKind, TrackSource, join};
use crate::facts::Version;
use crate::time::Rational;

/// Where the things a run names are, on the machine that runs it.
pub trait RunEnvironment {
    /// The path of a probed media file.
    fn media_path(&self, key: &str) -> String;
    /// Further options of an input, each `-name value`, by which a machine protects itself from the file.
    fn guard_options(&self, _key: &str) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    /// The path of what an earlier stage made.
    fn artifact_path(&self, part: ArtifactId) -> String;
    /// The path of the list of an input that joins others.
    fn concat_list_path(&self, input: usize) -> String;
    /// The path of a generated file of this run.
    fn generated_file_path(&self, index: usize) -> String;
    /// The path an output is written to.
    fn output_path(&self, index: usize) -> String;
    /// The gain that brings what an earlier stage measured to a loudness in LUFS, such as `-3.20dB`.
    fn gain(&self, stage: usize, target: Rational) -> String;
}

/// An argument vector, without the program's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments {
    /// Everything before the filter graph.
    pub inputs: Vec<String>,
    /// The filter graph's text, if there is one.
    pub graph: Option<String>,
    /// Everything after it.
    pub outputs: Vec<String>,
}

/// A single argument may hold this much on Linux (`MAX_ARG_STRLEN` is 128 KiB, the terminating zero included).
const MAX_ARGUMENT: usize = 128 * 1024 - 1;

impl Arguments {
    /// The whole vector. A graph too long for one argument goes through the file `script`, which the caller then
    /// writes: by the option of that FFmpeg's version.
    pub fn into_argv(self, version: Version, script: &str) -> (Vec<String>, Option<String>) {
        let mut vector = self.inputs;
        let mut written = None;
        if let Some(graph) = self.graph {
            if graph.len() <= MAX_ARGUMENT {
                vector.extend(["-filter_complex".to_owned(), graph]);
            } else {
                let option = if version.major >= 7 {
                    "-/filter_complex"
                } else {
                    "-filter_complex_script"
                };
                vector.extend([option.to_owned(), script.to_owned()]);
                written = Some(graph);
            }
        }
        vector.extend(self.outputs);
        (vector, written)
    }
}

/// The lists of a run's inputs that join others, by the input's index.
pub fn concat_lists(run: &Run, names: &dyn RunEnvironment) -> Vec<(usize, String)> {
    let lists = run
        .inputs
        .iter()
        .enumerate()
        .map(|(index, input)| match &input.source {
            RunSource::Concat(segments) => Some((index, join::list(segments, names))),
            _ => None,
        });
    lists.flatten().collect()
}

/// The arguments of a run.
pub fn argv(run: &Run, names: &dyn RunEnvironment) -> Arguments {
    let mut inputs = Vec::new();
    if run.copy_timestamps {
        inputs.push("-copyts".to_owned());
    }
    for (index, input) in run.inputs.iter().enumerate() {
        for (name, value) in &input.options {
            inputs.extend([format!("-{name}"), value.clone()]);
        }
        if let RunSource::Media(key) = &input.source {
            for (name, value) in names.guard_options(key) {
                inputs.extend([format!("-{name}"), value]);
            }
        }
        if let Some(seek) = input.seek {
            inputs.extend(["-ss".to_owned(), seek.decimal()]);
            if input.inaccurate_seek {
                inputs.push("-noaccurate_seek".to_owned());
            }
        }
        if let Some(duration) = input.duration {
            inputs.extend(["-t".to_owned(), duration.decimal()]);
        }
        let path = match &input.source {
            RunSource::Media(key) => names.media_path(key),
            RunSource::File(index) => names.generated_file_path(*index),
            RunSource::Artifact(part) => names.artifact_path(*part),
            RunSource::Concat(_) => names.concat_list_path(index),
        };
        inputs.extend(["-i".to_owned(), format!("file:{path}")]);
    }

    let resolve = |arg: &Arg| match arg {
        Arg::Text(text) => text.clone(),
        Arg::File(index) => names.generated_file_path(*index),
        Arg::GainTo { stage, target } => names.gain(*stage, *target),
    };
    let graph = (!run.graph.is_empty()).then(|| run.graph.text(&resolve));

    let mut outputs = Vec::new();
    for (index, output) in run.outputs.iter().enumerate() {
        for track in &output.tracks {
            let source = match track.source {
                TrackSource::Stream { input, stream } => format!("{input}:{stream}"),
                TrackSource::Link(link) => format!("[l{link}]"),
            };
            outputs.extend(["-map".to_owned(), source]);
        }
        let mut counts = [0; 3];
        for track in &output.tracks {
            let (letter, count) = match track.kind {
                TrackKind::Video => ('v', &mut counts[0]),
                TrackKind::Audio => ('a', &mut counts[1]),
                TrackKind::Subtitle => ('s', &mut counts[2]),
            };
            let specifier = format!("{letter}:{count}");
            *count += 1;
            outputs.extend([format!("-c:{specifier}"), track.encoder.clone()]);
            for (name, value) in &track.options {
                outputs.extend([format!("-{name}:{specifier}"), value.clone()]);
            }
            for (key, value) in &track.metadata {
                outputs.extend([format!("-metadata:s:{specifier}"), format!("{key}={value}")]);
            }
        }
        for (name, value) in &output.options {
            outputs.extend([format!("-{name}"), value.clone()]);
        }
        outputs.extend(["-f".to_owned(), output.muxer.clone()]);
        outputs.push(match output.destination {
            Destination::Named(_) | Destination::Artifact => format!("file:{}", names.output_path(index)),
            Destination::Null => "-".to_owned(),
        });
    }
    Arguments {
        inputs,
        graph,
        outputs,
    }
}
