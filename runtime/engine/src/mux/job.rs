//! What is to be done, of all that runs can ask of FFmpeg.

use std::path::{Path, PathBuf};

use vidc_compiler::plan::{
    Destination, Names, Run, RunInput, RunOutput, RunSource, Segment, SegmentSource, Track, TrackKind,
    TrackSource,
};
use vidc_compiler::time::Time;

use super::{Left, Outcome};

/// The movie's own clock, as FFmpeg sets it, in ticks a second.
const USUAL_CLOCK: u32 = 1000;

/// Packets of files, in tracks of one.
pub(super) struct Job {
    pub(super) tracks: Vec<TrackJob>,
    pub(super) output: PathBuf,
    /// Ticks a second of the clock that lengths of tracks are told in.
    pub(super) clock: u32,
    /// Whether titles, chapters and the like of the files are wanted.
    pub(super) keeps_tags: bool,
}

/// One track of it.
pub(super) struct TrackJob {
    pub(super) kind: TrackKind,
    pub(super) pieces: Vec<Piece>,
    /// How much later all of it is.
    pub(super) offset: Time,
    /// Whether parameter sets are put among the packets.
    pub(super) in_band_parameter_sets: bool,
    /// ISO 639-2.
    pub(super) language: Option<String>,
}

/// Packets of one stream of a file, on that file's clock.
pub(super) struct Piece {
    pub(super) path: PathBuf,
    pub(super) stream: u32,
    pub(super) extent: Extent,
}

/// Which packets, and when they are shown.
pub(super) enum Extent {
    /// Those from a time on, counted from the file's beginning, at times counted from there.
    Cut {
        /// From when on.
        from: Time,
        /// For how long.
        length: Option<Time>,
    },
    /// All, at their own times.
    Whole,
    /// Those of a segment, behind what is before them.
    Segment {
        /// When the first is shown; none is when the file begins.
        from: Option<Time>,
        /// When the first that does not belong to it is decoded.
        until: Option<Time>,
        /// How long they are shown.
        length: Time,
    },
}

impl Job {
    /// Of each output of a run that copies packets into MP4 files.
    pub(super) fn all(run: &Run, names: &dyn Names) -> Outcome<Vec<Job>> {
        if run.graph.filters().next().is_some() || !run.files.is_empty() {
            return Err(Left::Unusual("it does more than copying packets"));
        }
        let outputs = run.outputs.iter().enumerate();
        outputs
            .map(|(index, output)| Job::of(output, names.output(index), run, names))
            .collect()
    }

    fn of(output: &RunOutput, path: String, run: &Run, names: &dyn Names) -> Outcome<Job> {
        if output.to == Destination::Nowhere || output.muxer != "mp4" {
            return Err(Left::Unusual("it makes no MP4 file"));
        }
        let tracks = output.tracks.iter().map(|track| TrackJob::of(track, run, names));
        Ok(Job {
            tracks: tracks.collect::<Outcome<_>>()?,
            output: path.into(),
            clock: clock(output)?,
            keeps_tags: keeps_tags(output),
        })
    }

    /// The files that it reads.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let pieces = self.tracks.iter().flat_map(|track| &track.pieces);
        pieces.map(|piece| piece.path.as_path())
    }
}

/// Whether tags of the files that are read become those of the output. Those of a part of one are lost anyway.
fn keeps_tags(output: &RunOutput) -> bool {
    let drops = |name: &str| {
        output
            .options
            .iter()
            .any(|(other, value)| other == name && value == "-1")
    };
    matches!(output.to, Destination::Named(_)) && !(drops("map_metadata") && drops("map_chapters"))
}

/// The movie's clock, if nothing else is asked of the file but what is done anyway: its index comes first.
fn clock(output: &RunOutput) -> Outcome<u32> {
    let mut clock = USUAL_CLOCK;
    for (name, value) in &output.options {
        match (name.as_str(), value.as_str()) {
            ("map_metadata" | "map_chapters", "-1") | ("movflags", "+faststart") => {}
            ("movie_timescale", value) => {
                clock = value
                    .parse()
                    .map_err(|_| Left::Unusual("its clock is no number"))?;
            }
            _ => return Err(Left::Unusual("something else is asked of the file")),
        }
    }
    Ok(clock)
}

impl TrackJob {
    fn of(track: &Track, run: &Run, names: &dyn Names) -> Outcome<TrackJob> {
        let (TrackSource::Stream { input, stream }, "copy") = (&track.source, track.encoder.as_str()) else {
            return Err(Left::Unusual("it encodes"));
        };
        let input = run
            .inputs
            .get(*input)
            .ok_or(Left::Unusual("it reads what is not there"))?;
        let mut in_band_parameter_sets = false;
        let mut may_begin_anywhere = input.seek.is_none();
        for (name, value) in &track.options {
            match (name.as_str(), value.as_str()) {
                ("tag", "avc3") => in_band_parameter_sets = true,
                // What is before a cut is left out.
                ("copypriorss", "0") => may_begin_anywhere = true,
                _ => return Err(Left::Unusual("something else is asked of a track")),
            }
        }
        let of_sound = track.kind == TrackKind::Audio;
        if !may_begin_anywhere || !of_sound && (input.seek.is_some() || input.duration.is_some()) {
            return Err(Left::Unusual("it cuts a picture"));
        }
        Ok(TrackJob {
            kind: track.kind,
            pieces: pieces(input, *stream, run.keeps_clocks, names)?,
            offset: offset(input)?,
            in_band_parameter_sets,
            language: language(track)?,
        })
    }
}

/// What language a track is in, if nothing else is told of it.
fn language(track: &Track) -> Outcome<Option<String>> {
    let is_code = |text: &str| text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_lowercase());
    match track.metadata.as_slice() {
        [] => Ok(None),
        [(name, value)] if name == "language" && is_code(value) => Ok(Some(value.clone())),
        _ => Err(Left::Unusual("something is told of a track")),
    }
}

/// How much later an input is, if nothing else is asked of it.
fn offset(input: &RunInput) -> Outcome<Time> {
    let mut offset = Time::ZERO;
    for (name, value) in &input.options {
        let time = Time::parse_decimal(value);
        match (name.as_str(), value.as_str(), time) {
            ("f", "concat", _) | ("safe", "0", _) | ("protocol_whitelist", "file", _) => {}
            ("itsoffset", _, Some(time)) => offset = time,
            _ => return Err(Left::Unusual("something else is asked of an input")),
        }
    }
    Ok(offset)
}

fn pieces(input: &RunInput, stream: u32, keeps_clocks: bool, names: &dyn Names) -> Outcome<Vec<Piece>> {
    let extent = match (keeps_clocks, input.seek, input.duration) {
        (_, _, _) if input.from_keyframe => return Err(Left::Unusual("it begins at a keyframe")),
        (true, None, None) => Extent::Whole,
        (true, ..) => return Err(Left::Unusual("it cuts by a file's own clock")),
        (false, from, length) => Extent::Cut {
            from: from.unwrap_or_default(),
            length,
        },
    };
    let path = match &input.source {
        RunSource::Concat(segments) if matches!(extent, Extent::Whole) => {
            let pieces = segments.iter().map(|segment| piece(segment, stream, names));
            return Ok(pieces.collect());
        }
        RunSource::Concat(_) => return Err(Left::Unusual("it cuts what is joined")),
        RunSource::File(_) => return Err(Left::Unusual("it reads what is no MP4 file")),
        RunSource::Media(key) => names.media(key),
        RunSource::Artifact(part) => names.artifact(*part),
    };
    Ok(vec![Piece {
        path: path.into(),
        stream,
        extent,
    }])
}

fn piece(segment: &Segment, stream: u32, names: &dyn Names) -> Piece {
    let (path, from, until) = match &segment.source {
        SegmentSource::Media { key, from, until } => (names.media(key), Some(*from), *until),
        SegmentSource::Made { part, from, until } => (names.artifact(*part), *from, *until),
    };
    Piece {
        path: path.into(),
        stream,
        extent: Extent::Segment {
            from,
            until,
            length: segment.length,
        },
    }
}
