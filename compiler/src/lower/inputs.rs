//! The inputs of a run: its `-i` options, and the small files generated for it.

use std::collections::HashMap;

use crate::facts::Facts;
use crate::graph::Graph;
use crate::plan::{ArtifactId, FilterGraph, GeneratedFile, Run, RunInput, RunOutput, RunSource, Segment};
use crate::time::{Rational, Time, Window};

/// Ticks per second of FFmpeg's own clock (`AV_TIME_BASE`).
const MICROSECONDS: Rational = Rational::new_raw(1_000_000, 1);

/// The inputs of a run so far.
pub(super) struct Inputs<'g> {
    facts: &'g Facts,
    /// Whether the run counts by the files' own clocks (`-copyts`).
    copy_timestamps: bool,
    list: Vec<RunInput>,
    by_key: HashMap<InputKey, usize>,
    files: Vec<GeneratedFile>,
    /// Indices in `files` of the graph's files.
    graph_files: HashMap<usize, usize>,
}

/// Identifies an input: streams with the same key are read through the same `-i`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct InputKey {
    pub(super) media: String,
    pub(super) window: Window,
    /// Whether the file is read again from its start whenever it ends.
    pub(super) loops: bool,
    /// Whether frames from the keyframe before the window on are read as well.
    pub(super) from_keyframe: bool,
    /// Whether packets are copied, where that makes a difference.
    pub(super) copies_packets: bool,
    /// When the window begins on the run's timeline. Reading one input at two distant times would fill memory.
    pub(super) start: Time,
}

impl InputKey {
    /// A whole file, from the beginning of the run's timeline on.
    pub(super) fn whole(media: String) -> Self {
        InputKey {
            media,
            window: Window::default(),
            loops: false,
            from_keyframe: false,
            copies_packets: false,
            start: Time::ZERO,
        }
    }
}

impl<'g> Inputs<'g> {
    /// No inputs yet.
    pub(super) fn new(facts: &'g Facts, copy_timestamps: bool) -> Self {
        Inputs {
            facts,
            copy_timestamps,
            list: Vec::new(),
            by_key: HashMap::new(),
            files: Vec::new(),
            graph_files: HashMap::new(),
        }
    }

    /// The run that reads these inputs.
    pub(super) fn into_run(self, graph: FilterGraph, outputs: Vec<RunOutput>) -> Run {
        Run {
            inputs: self.list,
            files: self.files,
            copy_timestamps: self.copy_timestamps,
            graph,
            outputs,
        }
    }

    /// What an input reads.
    pub(super) fn source(&self, input: usize) -> &RunSource {
        &self.list[input].source
    }

    /// The input with a key.
    pub(super) fn media(&mut self, key: InputKey) -> usize {
        if let Some(index) = self.by_key.get(&key) {
            return *index;
        }
        let mut options = Vec::new();
        if key.loops {
            options.push(("stream_loop".to_owned(), "-1".to_owned()));
        }
        let lead = self.lead(&key.media);
        let mut seek = key.window.start + lead;
        // With `from_keyframe`, FFmpeg would count the duration from the keyframe.
        let mut duration = key.window.end.map(|end| end - key.window.start);
        let reads_lead = self.reads_lead(&key.media, key.window);
        if lead != Time::ZERO && (key.copies_packets || key.loops || reads_lead) {
            // Keeps what precedes the file's zero.
            options.push(("itsoffset".to_owned(), (-lead).decimal()));
            seek = Time::ZERO;
            duration = duration.map(|duration| if reads_lead { duration + lead } else { duration });
        }
        let input = RunInput {
            source: RunSource::Media(key.media.clone()),
            seek: seek.is_positive().then_some(seek),
            inaccurate_seek: key.from_keyframe,
            duration: duration.filter(|_| !key.from_keyframe),
            options,
        };
        let index = self.add(input);
        self.by_key.insert(key, index);
        index
    }

    /// The input of a file of which whole streams are copied.
    pub(super) fn copied_file(&mut self, media: String) -> usize {
        self.media(InputKey {
            copies_packets: self.lead(&media) != Time::ZERO,
            ..InputKey::whole(media)
        })
    }

    /// An input for the packets of a file from one packet to another.
    ///
    /// FFmpeg shifts them by whole ticks to begin at zero, and reads until a packet begins at the duration or later, to the
    /// nearest microsecond.
    pub(super) fn packet_window(&mut self, media: String, window: Window) -> usize {
        let start = match window.start.is_positive() {
            true => (window.start + self.lead(&media)).floor_to(MICROSECONDS),
            false => Time::ZERO,
        };
        self.add(RunInput {
            source: RunSource::Media(media),
            seek: start.is_positive().then_some(start),
            inaccurate_seek: false,
            duration: window.end.map(|end| (end - window.start).floor_to(MICROSECONDS)),
            options: Vec::new(),
        })
    }

    /// An input for an earlier stage's artifact.
    pub(super) fn artifact(&mut self, id: ArtifactId) -> usize {
        self.add(plain(RunSource::Artifact(id), &[]))
    }

    /// An input that reads segments one after another through the `concat` demuxer.
    pub(super) fn concat(&mut self, segments: Vec<Segment>) -> usize {
        // The demuxer takes absolute paths for unsafe.
        let options = [("f", "concat"), ("safe", "0"), ("protocol_whitelist", "file")];
        self.add(plain(RunSource::Concat(segments), &options))
    }

    /// An input for a generated file.
    pub(super) fn generated(&mut self, file: GeneratedFile, demuxer: &str) -> usize {
        self.files.push(file);
        let source = RunSource::File(self.files.len() - 1);
        self.add(plain(source, &[("f", demuxer)]))
    }

    /// The run's index of a file that the graph names by another.
    pub(super) fn graph_file(&mut self, graph: &Graph, index: usize) -> usize {
        let files = &mut self.files;
        *self.graph_files.entry(index).or_insert_with(|| {
            files.push(graph.files[index].clone());
            files.len() - 1
        })
    }

    /// Shifts an input's timestamps.
    pub(super) fn shift(&mut self, input: usize, by: Time) {
        self.list[input]
            .options
            .push(("itsoffset".to_owned(), by.decimal()));
    }

    /// Whether a window from the file's start on also reads packets before zero: seeking in Matroska goes to a keyframe,
    /// and would lose an audio packet that begins before it and ends after it.
    pub(super) fn reads_lead(&self, media: &str, window: Window) -> bool {
        window.start == Time::ZERO && self.lead(media).is_positive()
    }

    /// How much later than FFmpeg's zero a file's timeline begins.
    fn lead(&self, media: &str) -> Time {
        match self.facts.media.get(media) {
            Some(Ok(media)) if self.copy_timestamps => media.start,
            Some(Ok(media)) => media.lead,
            _ => Time::ZERO,
        }
    }

    fn add(&mut self, input: RunInput) -> usize {
        self.list.push(input);
        self.list.len() - 1
    }
}

/// An input that is read as a whole.
fn plain(source: RunSource, options: &[(&str, &str)]) -> RunInput {
    let option = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    RunInput {
        source,
        seek: None,
        inaccurate_seek: false,
        duration: None,
        options: options.iter().map(option).collect(),
    }
}
