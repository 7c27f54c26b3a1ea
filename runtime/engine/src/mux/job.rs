//! Translates a run that only copies packets into the packets of each output track. Rejects runs that ask for anything
//! else.

use std::path::{Path, PathBuf};

use vidc_compiler::plan::{
    Destination, Run, RunEnvironment, RunInput, RunOutput, RunSource, Segment, SegmentSource, Track,
    TrackKind, TrackSource,
};
use vidc_compiler::time::Time;

use super::error::{MuxError, Result};

/// The movie timescale that FFmpeg uses by default, in ticks per second.
const DEFAULT_MOVIE_TIMESCALE: u32 = 1000;

/// An output file.
pub(super) struct MuxJob {
    pub(super) tracks: Vec<TrackJob>,
    pub(super) output: PathBuf,
    /// Movie timescale, in ticks per second.
    pub(super) timescale: u32,
    /// Whether the output gets the metadata tags and chapters of its sources.
    pub(super) keeps_tags: bool,
}

/// A track of an output file.
pub(super) struct TrackJob {
    pub(super) kind: TrackKind,
    pub(super) segments: Vec<TrackSegment>,
    /// By how much the whole track is delayed.
    pub(super) offset: Time,
    /// Whether parameter sets are inserted before keyframes.
    pub(super) in_band_parameter_sets: bool,
    /// ISO 639-2 code.
    pub(super) language: Option<String>,
}

/// Packets of one stream of a source file.
pub(super) struct TrackSegment {
    pub(super) path: PathBuf,
    pub(super) stream: u32,
    pub(super) range: PacketRange,
}

/// Which packets of a stream are copied, and to which time.
pub(super) enum PacketRange {
    /// Those of a window of the file, to times counted from the start of the window.
    Cut {
        /// From the file's start.
        start: Time,
        duration: Option<Time>,
    },
    /// All, to the times they have.
    Whole,
    /// Those of a segment, to the time at which the previous segment ends.
    Segment {
        /// The PTS of the first keyframe; `None` for the beginning of the file.
        first_pts: Option<Time>,
        /// The DTS of the first packet that is not copied.
        end_dts: Option<Time>,
        /// The duration of the segment in the output.
        duration: Time,
    },
}

impl MuxJob {
    /// Translates each output of a run that copies packets into MP4 files.
    pub(super) fn from_run(run: &Run, names: &dyn RunEnvironment) -> Result<Vec<MuxJob>> {
        if run.graph.filters().next().is_some() || !run.files.is_empty() {
            return Err(MuxError::Unsupported("it does not only copy packets"));
        }
        let outputs = run.outputs.iter().enumerate();
        outputs
            .map(|(index, output)| MuxJob::from_output(output, names.output_path(index), run, names))
            .collect()
    }

    fn from_output(
        output: &RunOutput,
        path: String,
        run: &Run,
        names: &dyn RunEnvironment,
    ) -> Result<MuxJob> {
        if output.destination == Destination::Null || output.muxer != "mp4" {
            return Err(MuxError::Unsupported("an output is not an MP4 file"));
        }
        let tracks = output
            .tracks
            .iter()
            .map(|track| TrackJob::from_track(track, run, names));
        Ok(MuxJob {
            tracks: tracks.collect::<Result<_>>()?,
            output: path.into(),
            timescale: movie_timescale(output)?,
            keeps_tags: keeps_tags(output),
        })
    }

    /// The paths of its source files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let segments = self.tracks.iter().flat_map(|track| &track.segments);
        segments.map(|segment| segment.path.as_path())
    }
}

/// Whether FFmpeg would copy the tags of the sources. It does not for intermediate files.
fn keeps_tags(output: &RunOutput) -> bool {
    let drops = |name: &str| {
        output
            .options
            .iter()
            .any(|(option, value)| option == name && value == "-1")
    };
    matches!(output.destination, Destination::Named(_)) && !(drops("map_metadata") && drops("map_chapters"))
}

/// The movie timescale of an output whose other options are what this module does anyway: `moov` comes first.
fn movie_timescale(output: &RunOutput) -> Result<u32> {
    let mut timescale = DEFAULT_MOVIE_TIMESCALE;
    for (name, value) in &output.options {
        match (name.as_str(), value.as_str()) {
            ("map_metadata" | "map_chapters", "-1") | ("movflags", "+faststart") => {}
            ("movie_timescale", value) => {
                timescale = value
                    .parse()
                    .map_err(|_| MuxError::Unsupported("the movie timescale is not a number"))?;
            }
            _ => return Err(MuxError::Unsupported("an output has an unknown option")),
        }
    }
    Ok(timescale)
}

impl TrackJob {
    fn from_track(track: &Track, run: &Run, names: &dyn RunEnvironment) -> Result<TrackJob> {
        let (TrackSource::Stream { input, stream }, "copy") = (&track.source, track.encoder.as_str()) else {
            return Err(MuxError::Unsupported("a track is encoded"));
        };
        let input = run
            .inputs
            .get(*input)
            .ok_or(MuxError::Unsupported("a track has no input"))?;
        let mut in_band_parameter_sets = false;
        let mut starts_exactly = input.seek.is_none();
        for (name, value) in &track.options {
            match (name.as_str(), value.as_str()) {
                ("tag", "avc3") => in_band_parameter_sets = true,
                // Packets before the start of the cut are not copied.
                ("copypriorss", "0") => starts_exactly = true,
                _ => return Err(MuxError::Unsupported("a track has an unknown option")),
            }
        }
        let is_audio = track.kind == TrackKind::Audio;
        if !starts_exactly || !is_audio && (input.seek.is_some() || input.duration.is_some()) {
            return Err(MuxError::Unsupported(
                "video is cut, or audio is cut with the packets before it",
            ));
        }
        Ok(TrackJob {
            kind: track.kind,
            segments: track_segments(input, *stream, run.copy_timestamps, names)?,
            offset: input_offset(input)?,
            in_band_parameter_sets,
            language: language(track)?,
        })
    }
}

/// The language of a track that has no other metadata.
fn language(track: &Track) -> Result<Option<String>> {
    let is_code = |text: &str| text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_lowercase());
    match track.metadata.as_slice() {
        [] => Ok(None),
        [(name, value)] if name == "language" && is_code(value) => Ok(Some(value.clone())),
        _ => Err(MuxError::Unsupported(
            "a track has metadata other than its language",
        )),
    }
}

/// The timestamp offset of an input that has no other unusual options.
fn input_offset(input: &RunInput) -> Result<Time> {
    let mut offset = Time::ZERO;
    for (name, value) in &input.options {
        let time = Time::parse_decimal(value);
        match (name.as_str(), value.as_str(), time) {
            ("f", "concat", _) | ("safe", "0", _) | ("protocol_whitelist", "file", _) => {}
            ("itsoffset", _, Some(time)) => offset = time,
            _ => return Err(MuxError::Unsupported("an input has an unknown option")),
        }
    }
    Ok(offset)
}

fn track_segments(
    input: &RunInput,
    stream: u32,
    keeps_clocks: bool,
    names: &dyn RunEnvironment,
) -> Result<Vec<TrackSegment>> {
    let range = match (keeps_clocks, input.seek, input.duration) {
        (_, _, _) if input.inaccurate_seek => {
            return Err(MuxError::Unsupported("an input begins at a keyframe"));
        }
        (true, None, None) => PacketRange::Whole,
        (true, ..) => {
            return Err(MuxError::Unsupported("an input is cut and keeps its timestamps"));
        }
        (false, start, duration) => PacketRange::Cut {
            start: start.unwrap_or_default(),
            duration,
        },
    };
    let path = match &input.source {
        RunSource::Concat(segments) if matches!(range, PacketRange::Whole) => {
            let segments = segments
                .iter()
                .map(|segment| concat_segment(segment, stream, names));
            return Ok(segments.collect());
        }
        RunSource::Concat(_) => return Err(MuxError::Unsupported("a concatenated input is cut")),
        RunSource::File(_) => return Err(MuxError::Unsupported("an input is not an MP4 file")),
        RunSource::Media(key) => names.media_path(key),
        RunSource::Artifact(part) => names.artifact_path(*part),
    };
    Ok(vec![TrackSegment {
        path: path.into(),
        stream,
        range,
    }])
}

fn concat_segment(segment: &Segment, stream: u32, names: &dyn RunEnvironment) -> TrackSegment {
    let (path, first_pts, end_dts) = match &segment.source {
        SegmentSource::Media {
            key,
            in_point: from,
            out_point: until,
        } => (names.media_path(key), Some(*from), *until),
        SegmentSource::Artifact {
            id: part,
            in_point: from,
            out_point: until,
        } => (names.artifact_path(*part), *from, *until),
    };
    TrackSegment {
        path: path.into(),
        stream,
        range: PacketRange::Segment {
            first_pts,
            end_dts,
            duration: segment.duration,
        },
    }
}
