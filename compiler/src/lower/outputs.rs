//! The outputs of a run: named files, artifacts for later stages, and measurements.

use super::context::Context;
use super::expected;
use crate::output::{Encoding, OutputSpec, TrackSpec};
use crate::plan::{Destination, Expected, RunOutput, Track};

/// A file that the recipe names.
pub(super) fn named(context: Context<'_>, output: &OutputSpec, tracks: Vec<Track>) -> RunOutput {
    let mut options: Vec<(String, String)> = Vec::new();
    let mut option = |name: &str, value: &str| options.push((name.to_owned(), value.to_owned()));
    let is_copied = |track: &Option<TrackSpec>| {
        track
            .as_ref()
            .is_none_or(|track| track.encoding == Encoding::Copy)
    };
    if output.container.still {
        option("frames:v", "1");
        option("update", "1");
    } else if !(is_copied(&output.video) && is_copied(&output.audio)) {
        // Metadata and chapters of the sources do not describe the result.
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
        expected: expected::of_output(context, output),
    }
}

/// An artifact for a later stage. The file made from it is verified instead.
pub(super) fn artifact(muxer: &str, track: Track, options: Vec<(String, String)>) -> RunOutput {
    RunOutput {
        destination: Destination::Artifact,
        muxer: muxer.to_owned(),
        tracks: vec![track],
        options,
        expected: Expected::default(),
    }
}

/// No file; the run only measures.
pub(super) fn null(track: Track) -> RunOutput {
    RunOutput {
        destination: Destination::Null,
        ..artifact("null", track, Vec::new())
    }
}
