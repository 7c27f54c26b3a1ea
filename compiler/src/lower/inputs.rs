//! The inputs of a run.

use super::run::RunBuilder;
use crate::graph::Window;
use crate::plan::{GeneratedFile, RunInput, RunSource};
use crate::time::{Rational, Time};

/// FFmpeg's own grain of time.
const MICROS: Rational = Rational::new_raw(1_000_000, 1);

/// Streams with the same key come from the same `-i`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct InputKey {
    pub(super) media: String,
    pub(super) window: Window,
    pub(super) repeats: bool,
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
        if late != Time::ZERO && (key.packets || key.repeats) {
            // What comes before its beginning stays.
            options.push(("itsoffset".to_owned(), (-late).decimal()));
            seek = Time::ZERO;
        }
        self.run.inputs.push(RunInput {
            source: RunSource::Media(key.media.clone()),
            seek: seek.is_positive().then_some(seek),
            duration: key.window.end.map(|end| end - key.window.start),
            options,
        });
        let index = self.run.inputs.len() - 1;
        self.inputs.insert(key, index);
        index
    }

    /// The index of an `-i` of its own for what earlier stages made or files hold.
    pub(super) fn made_input(&mut self, source: RunSource) -> usize {
        let options = match &source {
            // Their paths are absolute, which the demuxer takes for unsafe.
            RunSource::Join(_) => vec![("f", "concat"), ("safe", "0"), ("protocol_whitelist", "file")],
            _ => Vec::new(),
        };
        let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        self.run.inputs.push(RunInput {
            source,
            seek: None,
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
            Some(Ok(media)) if self.run.keeps_clocks => media.start,
            Some(Ok(media)) => media.lead,
            _ => Time::ZERO,
        }
    }

    /// Has an input's clock go before or behind.
    pub(super) fn shift(&mut self, input: usize, by: Time) {
        self.run.inputs[input]
            .options
            .push(("itsoffset".to_owned(), by.decimal()));
    }

    /// The index of an `-i` of its own for a generated file, read by a demuxer.
    pub(super) fn generated_input(&mut self, file: GeneratedFile, demuxer: &str) -> usize {
        self.run.files.push(file);
        self.run.inputs.push(RunInput {
            source: RunSource::File(self.run.files.len() - 1),
            seek: None,
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
        let found = media.streams.iter().find(|known| known.index == stream);
        media.format == "avi" && found.is_some_and(|stream| !stream.is_in_order())
    }
}
