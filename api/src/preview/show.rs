//! What a preview shows: a picture, and what there is to tell of the recipe as it is now.

use std::fmt::Write as _;
use std::sync::Arc;

use vidc_compiler::time::{Rational, Time};
use vidc_compiler::view::Part;
use vidc_engine::Compilation;
use vidc_engine::compilation::streams;

/// A segment is about so many seconds long: short enough to be there quickly, long enough to be worth a process.
const SEGMENT: i64 = 2;
/// The first is shorter: nothing is seen before it is there.
const FIRST: i64 = 1;

/// What is shown of a recipe.
#[derive(Clone, Debug, Default)]
pub(crate) struct Show {
    /// Counts the changes; 0 before the recipe was first read.
    pub(crate) version: u64,
    /// The diagnostics, or why there are none.
    pub(crate) told: String,
    /// The last that could be made.
    pub(crate) picture: Option<Arc<Picture>>,
}

impl Show {
    /// Of a recipe without mistakes; of its outputs the one of that name, or the first that plays.
    pub(crate) fn of(version: u64, told: String, draft: Compilation, wanted: Option<&str>) -> Show {
        let found = draft.compiled.as_ref().and_then(|compiled| {
            let mut streams = streams(compiled);
            streams.find(|stream| wanted.is_none_or(|wanted| wanted == stream.output))
        });
        let told = match (&found, wanted) {
            (None, Some(wanted)) => format!("{told}there is no output `{wanted}` that plays"),
            (None, None) => format!("{told}there is no output that plays"),
            (Some(_), _) => told,
        };
        let picture = found.map(|stream| {
            Arc::new(Picture {
                version,
                output: stream.output,
                duration: stream.duration,
                frame_rate: stream.frame_rate,
                draft,
            })
        });
        Show {
            version,
            told,
            picture,
        }
    }

    /// The same picture under other words.
    pub(crate) fn with(&self, version: u64, told: String) -> Show {
        Show {
            version,
            told,
            picture: self.picture.clone(),
        }
    }

    /// The picture, if it is still that one.
    pub(super) fn picture_of(&self, version: u64) -> Option<&Arc<Picture>> {
        self.picture.as_ref().filter(|picture| picture.version == version)
    }
}

/// An output to look at.
#[derive(Debug)]
pub(crate) struct Picture {
    /// The show that it came with.
    pub(super) version: u64,
    /// Its name in the recipe.
    pub(super) output: String,
    pub(super) draft: Compilation,
    duration: Time,
    /// None of a sound alone.
    frame_rate: Option<Rational>,
}

impl Picture {
    /// When a segment begins: on a frame.
    fn begins(&self, number: i64) -> Time {
        let seconds = match number {
            ..=0 => 0,
            further => (further - 1).saturating_mul(SEGMENT).saturating_add(FIRST),
        };
        let time = Time::seconds(seconds);
        let time = self.frame_rate.map_or(time, |rate| time.round_to(rate));
        time.min(self.duration)
    }

    /// The part that a segment shows; none past the end.
    pub(super) fn part(&self, number: i64) -> Option<Part> {
        let (start, end) = (self.begins(number), self.begins(number.checked_add(1)?));
        (number >= 0 && start < end).then_some(Part::Stretch { start, end })
    }

    /// The list of all segments.
    pub(super) fn playlist(&self) -> String {
        let mut list = format!(
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{}\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n",
            SEGMENT + 1
        );
        for number in 0.. {
            let Some(Part::Stretch { start, end }) = self.part(number) else {
                break;
            };
            let _ = writeln!(list, "#EXTINF:{},\n{number}.ts", (end - start).decimal());
        }
        list + "#EXT-X-ENDLIST\n"
    }
}
