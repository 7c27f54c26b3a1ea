//! The state of a preview: the last stream that compiled, and messages about the recipe's current text.

use std::fmt::Write as _;
use std::sync::Arc;

use vidc_compiler::preview::PreviewPart;
use vidc_compiler::time::{Rational, Time};
use vidc_engine::Compilation;
use vidc_engine::compilation::streams;

/// Target length of a segment, in seconds: short enough to render quickly, long enough to be worth a process.
const SEGMENT_SECONDS: i64 = 2;
/// Length of the first segment, in seconds. Nothing is visible until it is rendered, so it is shorter.
const FIRST_SEGMENT_SECONDS: i64 = 1;

/// What a preview currently shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct PreviewState {
    /// Incremented with each change; 0 until the recipe has been read.
    pub(crate) version: u64,
    /// The recipe's diagnostics, or the error that prevented compiling it.
    pub(crate) message: String,
    /// The stream of the last recipe that compiled.
    pub(crate) stream: Option<Arc<PreviewStream>>,
}

impl PreviewState {
    /// The state for an accepted recipe. Shows the requested output, or else the first that can be played.
    pub(crate) fn new(
        version: u64,
        diagnostics: String,
        compilation: Compilation,
        requested: Option<&str>,
    ) -> PreviewState {
        let found = compilation.compiled.as_ref().and_then(|compiled| {
            let mut streams = streams(compiled);
            streams.find(|stream| requested.is_none_or(|name| name == stream.output))
        });
        let message = match (&found, requested) {
            (None, Some(name)) => format!("{diagnostics}there is no playable output `{name}`"),
            (None, None) => format!("{diagnostics}the recipe has no playable output"),
            (Some(_), _) => diagnostics,
        };
        let stream = found.map(|stream| {
            Arc::new(PreviewStream {
                version,
                output: stream.output,
                duration: stream.duration,
                frame_rate: stream.frame_rate,
                compilation,
            })
        });
        PreviewState {
            version,
            message,
            stream,
        }
    }

    /// The same stream with another message.
    pub(crate) fn with_message(&self, version: u64, message: String) -> PreviewState {
        PreviewState {
            version,
            message,
            stream: self.stream.clone(),
        }
    }

    /// The stream, unless it has been replaced since that version.
    pub(super) fn stream_at(&self, version: u64) -> Option<&Arc<PreviewStream>> {
        self.stream.as_ref().filter(|stream| stream.version == version)
    }
}

/// An output as a stream of segments.
#[derive(Debug)]
pub(crate) struct PreviewStream {
    /// The version of the state that introduced the stream.
    pub(super) version: u64,
    /// The output's name in the recipe.
    pub(super) output: String,
    pub(super) compilation: Compilation,
    duration: Time,
    /// `None` if the output is audio only or has a variable frame rate.
    frame_rate: Option<Rational>,
}

impl PreviewStream {
    /// The start of a segment, rounded to a frame.
    fn segment_start(&self, number: i64) -> Time {
        let seconds = match number {
            ..=0 => 0,
            later => (later - 1)
                .saturating_mul(SEGMENT_SECONDS)
                .saturating_add(FIRST_SEGMENT_SECONDS),
        };
        let time = Time::seconds(seconds);
        let time = self.frame_rate.map_or(time, |rate| time.round_to(rate));
        time.min(self.duration)
    }

    /// The part of the output in a segment; `None` past the end.
    pub(super) fn segment(&self, number: i64) -> Option<PreviewPart> {
        let (start, end) = (
            self.segment_start(number),
            self.segment_start(number.checked_add(1)?),
        );
        (number >= 0 && start < end).then_some(PreviewPart::Segment { start, end })
    }

    /// The media playlist (RFC 8216, section 4.3.3).
    pub(super) fn playlist(&self) -> String {
        let mut list = format!(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{}\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n",
            SEGMENT_SECONDS + 1
        );
        for number in 0.. {
            let Some(PreviewPart::Segment { start, end }) = self.segment(number) else {
                break;
            };
            let _ = writeln!(list, "#EXTINF:{},\n{number}.ts", (end - start).decimal());
        }
        list + "#EXT-X-ENDLIST\n"
    }
}
