//! What a run writes: the tracks of an output, and the options of its file.

use super::expected;
use super::run::RunBuilder;
use crate::output::{Encoding, OutputSpec, TrackSpec};
use crate::plan::{Destination, RunOutput, Track};

impl<'g> RunBuilder<'g> {
    /// One output of a run.
    pub(super) fn output(&mut self, output: &OutputSpec) -> RunOutput {
        let tracks = self.tracks(output);
        self.output_of(output, tracks)
    }

    /// An output with its tracks.
    pub(super) fn output_of(&self, output: &OutputSpec, tracks: Vec<Track>) -> RunOutput {
        let mut options: Vec<(String, String)> = Vec::new();
        let mut option = |name: &str, value: &str| options.push((name.to_owned(), value.to_owned()));
        let copied = |track: &Option<TrackSpec>| {
            track
                .as_ref()
                .is_none_or(|track| track.encoding == Encoding::Copy)
        };
        if output.container.still {
            option("frames:v", "1");
            option("update", "1");
        } else if !(copied(&output.video) && copied(&output.audio)) {
            // What the sources say of themselves is not true of what is made of them.
            option("map_metadata", "-1");
            option("map_chapters", "-1");
        }
        if let Some(title) = &output.title {
            option("metadata", &format!("title={title}"));
        }
        for (name, value) in output.container.options {
            option(name, value);
        }
        if let Some(clock) = output.clock {
            option("output_ts_offset", &clock.decimal());
        }
        RunOutput {
            destination: Destination::Named(output.name.clone()),
            muxer: output.container.muxer.name().to_owned(),
            tracks,
            options,
            expected: expected::of(self.graph, self.facts, output),
        }
    }
}
