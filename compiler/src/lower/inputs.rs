//! The inputs of a run.

use std::collections::BTreeMap;

use super::run::RunBuilder;
use crate::facts::{GopKind, Stream, StreamFacts};
use crate::graph::Window;
use crate::plan::{Chain, FilterCall, FilterName, GeneratedFile, Pad, Run, RunInput, RunSource};
use crate::time::{Rational, Time};

/// FFmpeg's own grain of time.
const MICROS: Rational = Rational::new_raw(1_000_000, 1);
/// Demuxers whose clocks may begin anew in the middle.
const MOVED: &[&str] = &["mpegts", "mpeg", "ogg"];
/// Decoders hold no more frames than these to show them later.
const HELD: i64 = 16;
/// The least that is allowed for it.
const USUAL_DELAY: Time = Time::new(Rational::new_raw(1, 1));

/// Streams with the same key come from the same `-i`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct InputKey {
    pub(super) media: String,
    pub(super) window: Window,
    pub(super) repeats: bool,
    /// Whether frames from the keyframe before the window on are wanted, too.
    pub(super) from_keyframe: bool,
    /// Whether its packets are copied, where that makes a difference.
    pub(super) packets: bool,
    pub(super) at: Time,
}

impl InputKey {
    /// All of a file, from the output's beginning on.
    pub(super) fn whole(media: String) -> Self {
        InputKey {
            media,
            window: Window::default(),
            repeats: false,
            from_keyframe: false,
            packets: false,
            at: Time::ZERO,
        }
    }
}

impl RunBuilder<'_> {
    /// The index of the `-i` with a key.
    pub(super) fn input(&mut self, key: InputKey) -> usize {
        if let Some(index) = self.inputs.get(&key) {
            return *index;
        }
        let mut options = Vec::new();
        if key.repeats {
            options.push(("stream_loop".to_owned(), "-1".to_owned()));
        }
        let late = self.late(&key.media);
        let mut seek = key.window.start + late;
        // FFmpeg would count it from the keyframe.
        let mut length = key.window.end.map(|end| end - key.window.start);
        let from_the_first = self.begins_early(&key.media, key.window);
        if late != Time::ZERO && (key.packets || key.repeats || from_the_first) {
            // What comes before its beginning stays.
            options.push(("itsoffset".to_owned(), (-late).decimal()));
            seek = Time::ZERO;
            length = length.map(|length| if from_the_first { length + late } else { length });
        }
        self.run.inputs.push(RunInput {
            source: RunSource::Media(key.media.clone()),
            seek: seek.is_positive().then_some(seek),
            inaccurate_seek: key.from_keyframe,
            duration: length.filter(|_| !key.from_keyframe),
            options,
        });
        let index = self.run.inputs.len() - 1;
        self.inputs.insert(key, index);
        index
    }

    /// Whether what is read from a file's beginning on begins before that: seeking in Matroska goes to a keyframe, and would
    /// lose a packet of sound that begins before it and ends behind it.
    pub(super) fn begins_early(&self, media: &str, window: Window) -> bool {
        window.start == Time::ZERO && self.late(media).is_positive()
    }

    /// The index of an `-i` of its own for what earlier stages made or files hold.
    pub(super) fn made_input(&mut self, source: RunSource) -> usize {
        let options = match &source {
            // Their paths are absolute, which the demuxer takes for unsafe.
            RunSource::Concat(_) => vec![("f", "concat"), ("safe", "0"), ("protocol_whitelist", "file")],
            _ => Vec::new(),
        };
        let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        self.run.inputs.push(RunInput {
            source,
            seek: None,
            inaccurate_seek: false,
            duration: None,
            options: options.into_iter().map(text).collect(),
        });
        self.run.inputs.len() - 1
    }

    /// The index of an `-i` of its own for a stretch of a file from one packet to another. Packets are moved by whole ticks
    /// to begin at zero, and come until one begins there at the duration or later, to the nearest microsecond.
    pub(super) fn stretch_input(&mut self, media: String, window: Window) -> usize {
        let start = match window.start.is_positive() {
            true => (window.start + self.late(&media)).floor_to(MICROS),
            false => Time::ZERO,
        };
        self.run.inputs.push(RunInput {
            source: RunSource::Media(media),
            seek: start.is_positive().then_some(start),
            inaccurate_seek: false,
            duration: window.end.map(|end| (end - window.start).floor_to(MICROS)),
            options: Vec::new(),
        });
        self.run.inputs.len() - 1
    }

    /// The index of the `-i` of a file of which whole streams are copied.
    pub(super) fn whole_input(&mut self, media: String) -> usize {
        self.input(InputKey {
            packets: self.late(&media) != Time::ZERO,
            ..InputKey::whole(media)
        })
    }

    /// How much later than FFmpeg's count a file begins.
    fn late(&self, media: &str) -> Time {
        match self.facts.media.get(media) {
            Some(Ok(media)) if self.run.copy_timestamps => media.start,
            Some(Ok(media)) => media.lead,
            _ => Time::ZERO,
        }
    }

    /// How much earlier than shown a keyframe of a file's picture may be decoded, if that matters: `uneven` frames are
    /// sought with those before, and from a keyframe with frames behind it that are shown before it on, those are lost; so
    /// are those before a keyframe that is decoded when it would be shown with an edit list. It is by the times of decoding that FFmpeg seeks in MP4, and decoders hold back at most 16 frames (ITU-T H.264, A.3.1).
    pub(super) fn reordering(&self, media: &str, uneven: bool) -> Time {
        let Some(Ok(media)) = self.facts.media.get(media) else {
            return Time::ZERO;
        };
        let Some((stream, video)) = media.video().filter(|(stream, _)| !stream.is_in_order()) else {
            return Time::ZERO;
        };
        let loses_frames =
            (video.gop != GopKind::Closed || video.nonzero_first_pts) && media.format.contains("mp4");
        if !uneven && !loses_frames {
            return Time::ZERO;
        }
        let count = video.frames.and_then(|count| i64::try_from(count).ok());
        let held = match (stream.duration.or(media.duration), count) {
            (Some(duration), Some(count)) if count > 0 => duration.scale(Rational::new(HELD, count)),
            _ => Time::from_frames(HELD, video.frame_rate),
        };
        held.max(USUAL_DELAY)
    }

    /// Has an input's clock go before or behind.
    pub(super) fn shift(&mut self, input: usize, by: Time) {
        self.run.inputs[input]
            .options
            .push(("itsoffset".to_owned(), by.decimal()));
    }

    /// Has what is decoded of a file begin where it does on the file's timeline. Of some kinds, FFmpeg takes the first of
    /// the streams that are used for the beginning of all (FFmpeg 5.1, `process_input`), so the first of all is used.
    pub(super) fn keep_to_timeline(&self, run: &mut Run) {
        let mut used: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for pad in run.graph.chains.iter().flat_map(|chain| &chain.inputs) {
            if let Pad::Stream { input, stream } = pad {
                used.entry(*input).or_default().push(*stream);
            }
        }
        for (input, streams) in used {
            let RunSource::Media(key) = &run.inputs[input].source else {
                continue;
            };
            let Some(Ok(media)) = self.facts.media.get(key) else {
                continue;
            };
            if !media.format.split(',').any(|format| MOVED.contains(&format)) {
                continue;
            }
            let first = media.streams.iter().filter_map(|stream| match &stream.facts {
                StreamFacts::Video(video) if !video.still => Some((stream, FilterName::Nullsink)),
                StreamFacts::Audio(_) => Some((stream, FilterName::Anullsink)),
                _ => None,
            });
            let Some((first, sink)) = first.min_by_key(|(stream, _)| stream.start) else {
                continue;
            };
            let begins = |stream: &&Stream| streams.contains(&stream.index) && stream.start <= first.start;
            if media.streams.iter().any(|stream| begins(&stream)) {
                continue;
            }
            run.graph.chains.push(Chain {
                inputs: vec![Pad::Stream {
                    input,
                    stream: first.index,
                }],
                filters: vec![FilterCall::plain(sink)],
                outputs: Vec::new(),
            });
        }
    }

    /// The index of an `-i` of its own for a generated file, read by a demuxer.
    pub(super) fn generated_input(&mut self, file: GeneratedFile, demuxer: &str) -> usize {
        self.run.files.push(file);
        self.run.inputs.push(RunInput {
            source: RunSource::File(self.run.files.len() - 1),
            seek: None,
            inaccurate_seek: false,
            duration: None,
            options: vec![("f".to_owned(), demuxer.to_owned())],
        });
        self.run.inputs.len() - 1
    }

    /// Whether a picture's frames have no times of their own and are counted from when decoders are done with them, which
    /// is later than they are shown: AVI tells only the order of decoding.
    pub(super) fn is_late(&self, media: &str, stream: u32) -> bool {
        let Some(Ok(media)) = self.facts.media.get(media) else {
            return false;
        };
        let found = media.stream(stream);
        media.format == "avi" && found.is_some_and(|stream| !stream.is_in_order())
    }
}
