//! Transitions between the clips of a `concat`.

use vidc_dsl::{Diagnostic, Span};

use crate::call::Call;
use crate::codes;
use crate::param::{Param, VariantDef, millis, word};
use crate::time::{Rational, Time};
use crate::value::Variant;

/// The transitions of all versions of FFmpeg's `xfade`. The capabilities list those of the installed build.
#[rustfmt::skip]
const XFADE_TRANSITIONS: &[&str] = &[
    "fade", "wipeleft", "wiperight", "wipeup", "wipedown", "slideleft", "slideright", "slideup", "slidedown",
    "circlecrop", "rectcrop", "distance", "fadeblack", "fadewhite", "radial", "smoothleft", "smoothright",
    "smoothup", "smoothdown", "circleopen", "circleclose", "vertopen", "vertclose", "horzopen", "horzclose",
    "dissolve", "pixelize", "diagtl", "diagtr", "diagbl", "diagbr", "hlslice", "hrslice", "vuslice", "vdslice",
    "hblur", "fadegrays", "wipetl", "wipetr", "wipebl", "wipebr", "squeezeh", "squeezev", "zoomin", "fadefast",
    "fadeslow", "hlwind", "hrwind", "vuwind", "vdwind", "coverleft", "coverright", "coverup", "coverdown",
    "revealleft", "revealright", "revealup", "revealdown",
];

const KIND: Param<String> = Param::word(
    "kind",
    XFADE_TRANSITIONS,
    "transition, by its name in FFmpeg's `xfade` filter",
)
.default(word("fade"));
const DURATION: Param<Time> =
    Param::time("duration", "duration of the overlap of both clips").default(millis(1000));

static NONE: VariantDef = VariantDef {
    name: "none",
    summary: "Cut from one clip to the next.",
    params: &[],
};
static XFADE: VariantDef = VariantDef {
    name: "xfade",
    summary: "Overlap the end of one clip with the beginning of the next, and crossfade their audio.",
    params: &[KIND.spec, DURATION.spec],
};

/// The values of the parameter `transition`.
pub const TRANSITIONS: &[&VariantDef] = &[&NONE, &XFADE];

/// A transition at every join of a `concat`.
pub(in crate::ops) struct Transition {
    /// The name in FFmpeg's `xfade` filter.
    pub(in crate::ops) name: String,
    /// The overlap, in frames.
    pub(in crate::ops) overlap: i64,
    /// The place in the recipe.
    pub(in crate::ops) span: Span,
}

impl Transition {
    /// Reads the parameter `transition` for clips of a frame rate; none inside for a plain cut.
    ///
    /// Reports an error if FFmpeg does not have the transition, or if it is shorter than a frame.
    pub(in crate::ops) fn read(
        call: &mut Call<'_>,
        variant: &Variant,
        frame_rate: Rational,
    ) -> Option<Option<Transition>> {
        if variant.name == NONE.name {
            return Some(None);
        }
        let name = variant.args.get(&KIND);
        let available = &call.facts().ffmpeg.transitions;
        if !available.contains(&name) {
            let version = call.facts().ffmpeg.version;
            let at = variant.args.span_of(&KIND).unwrap_or(variant.span);
            let diagnostic = Diagnostic::new(
                &codes::NOT_IN_FFMPEG,
                at,
                format!("the installed FFmpeg {version} does not have the transition `{name}`"),
            )
            .help(format!(
                "it has {}",
                available
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", ")
            ));
            call.report(diagnostic);
            return None;
        }
        let duration = variant.args.get(&DURATION);
        let overlap = duration.frames(frame_rate);
        if overlap < 1 {
            let message = format!("the transition lasts {duration}, which is less than a frame");
            return call.fail(&codes::OUT_OF_RANGE, variant.span, message);
        }
        let span = variant.span;
        Some(Some(Transition { name, overlap, span }))
    }
}
