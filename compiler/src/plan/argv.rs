//! The argument vector of an ffmpeg run.

use super::concat_list::concat_list;
use super::{Arg, Destination, Run, RunEnvironment, RunSource, TrackKind, TrackSource};
use crate::facts::Version;

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

/// The longest argument on Linux: `MAX_ARG_STRLEN` is 128 KiB, including the terminating zero.
const MAX_ARGUMENT: usize = 128 * 1024 - 1;

impl Arguments {
    /// The whole vector, and the text of the file `script`, if the caller must write one: a graph too long for one argument
    /// is read from there, by the option of that version of FFmpeg.
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

/// The lists for the `concat` demuxer, with the index of the input that reads each.
pub fn concat_lists(run: &Run, environment: &dyn RunEnvironment) -> Vec<(usize, String)> {
    let lists = run
        .inputs
        .iter()
        .enumerate()
        .map(|(index, input)| match &input.source {
            RunSource::Concat(segments) => Some((index, concat_list(segments, environment))),
            _ => None,
        });
    lists.flatten().collect()
}

/// The arguments of a run.
pub fn argv(run: &Run, environment: &dyn RunEnvironment) -> Arguments {
    let mut inputs = Vec::new();
    if run.copy_timestamps {
        inputs.push("-copyts".to_owned());
    }
    for (index, input) in run.inputs.iter().enumerate() {
        for (name, value) in &input.options {
            inputs.extend([format!("-{name}"), value.clone()]);
        }
        if let RunSource::Media(key) = &input.source {
            for (name, value) in environment.guard_options(key) {
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
            RunSource::Media(key) => environment.media_path(key),
            RunSource::File(index) => environment.generated_file_path(*index),
            RunSource::Artifact(id) => environment.artifact_path(*id),
            RunSource::Concat(_) => environment.concat_list_path(index),
        };
        inputs.extend(["-i".to_owned(), format!("file:{path}")]);
    }

    let resolve = |arg: &Arg| match arg {
        Arg::Text(text) => text.clone(),
        Arg::File(index) => environment.generated_file_path(*index),
        Arg::GainTo { stage, target } => environment.gain(*stage, *target),
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
            Destination::Named(_) | Destination::Artifact => {
                format!("file:{}", environment.output_path(index))
            }
            Destination::Null => "-".to_owned(),
        });
    }
    Arguments {
        inputs,
        graph,
        outputs,
    }
}
