//! Proptest strategies for random recipes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::media::{CLIPS, Medium, SONGS};
use super::recipes::{Base, Clip, Joint, Output, Recipe, Span, Stage};

fn span() -> impl Strategy<Value = Span> {
    (0..900_u32, 60..1000_u32, select(vec![true, true, false])).prop_map(|(from, length, on_frames)| Span {
        from,
        length,
        on_frames,
    })
}

/// What kind of recipes: which media, which stages, which outputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    clips: &'static [Medium],
    made: &'static [(&'static str, f64)],
    alone: &'static [&'static str],
    during: &'static [&'static str],
    with: &'static [&'static str],
    joints: &'static [&'static str],
    outputs: &'static [(&'static str, &'static str)],
    /// What a second output may show.
    parts: &'static [&'static str],
}

const LOSSLESS: &str = ", video: h264(crf: 0, preset: ultrafast), audio: pcm";
const MUTE: &str = ", video: h264(crf: 0, preset: ultrafast)";

/// Recipes that leave most of a picture as it is, so that packets may be copied.
pub(super) const CUTS: Theme = Theme {
    clips: CLIPS.split_at(9).0,
    made: &[("color(teal, size: 160x90, fps: 25, duration: 1s)", 1.0)],
    alone: &[
        "fade(in: 300ms)",
        "fade(out: 400ms, track: video)",
        "volume(-6dB)",
        "mute",
        "subtitles(\"words.srt\")",
        "subtitles(\"words.srt\", mode: soft, language: \"eng\")",
        "delay(200ms)",
        "delay(-120ms)",
        "delay(200ms, track: video)",
    ],
    during: &[
        "text(\"Hi\", size: 30%, during: D)",
        "overlay(image(\"still.png\"), during: D)",
    ],
    with: &[
        "overlay(X, during: D)",
        "pip(X, during: D, border: 2px)",
        "pip(X, during: D, audio: mix)",
        "replace-audio(X)",
        "mix(X, volume: -6dB)",
    ],
    joints: &[""],
    outputs: &[("mp4", ""), ("mov", ""), ("mkv", "")],
    parts: &["", "trim(0.5s..)", "trim(..1.52s)"],
};

/// Everything, written so that nothing is lost.
pub(super) const PICTURES: Theme = Theme {
    clips: CLIPS,
    made: &[
        ("color(teal, size: 160x90, fps: 25, duration: 1s)", 1.0),
        ("image(\"still.png\", duration: 2s)", 2.0),
    ],
    alone: &[
        "fade(in: 300ms, out: 400ms)",
        "fps(15)",
        "fps(24000/1001)",
        "fps(50)",
        "crop(96x64, position: top-left)",
        "scale(200x120)",
        "scale(width: 50%)",
        "fit(120x120, mode: blur)",
        "fit(200x100, mode: cover)",
        "fit(200x100)",
        "rotate(90deg)",
        "flip(vertical)",
        "grayscale",
        "opacity(60%)",
        "loop(count: 2)",
        "mute",
        "subtitles(\"words.srt\")",
        "subtitles(\"words.srt\", offset: -500ms)",
        "delay(200ms)",
        "delay(-120ms)",
        "delay(400ms, track: both)",
        "delay(200ms, track: video)",
        "volume(-6dB)",
    ],
    during: &[
        "text(\"Hi\", size: 30%, during: D)",
        "text(\"Hi\", size: 30%, during: D, fade-in: 200ms, fade-out: 200ms)",
        "overlay(image(\"still.png\"), during: D, opacity: 0.5)",
    ],
    with: &[
        "overlay(X)",
        "overlay(X, during: D, audio: mix)",
        "pip(X, during: D)",
        "pip(X, audio: mix, volume: -6dB, fit: blur)",
        "mix(X, loop: true)",
        "replace-audio(X, fit: loop)",
    ],
    joints: &["", "", ", fit: cover", ", fps: 30", ", size: 120x90"],
    outputs: &[("mkv", LOSSLESS), ("mov", LOSSLESS), ("mkv", MUTE)],
    parts: &["", "trim(0.5s..)", "trim(..1.52s)"],
};

/// Sounds, written so that nothing is lost.
pub(super) const SOUNDS: Theme = Theme {
    clips: &[
        SONGS[0], SONGS[1], SONGS[2], CLIPS[0], CLIPS[1], CLIPS[5], CLIPS[6], CLIPS[7], CLIPS[8], CLIPS[9],
        CLIPS[10],
    ],
    made: &[("silence(500ms)", 0.5)],
    alone: &[
        "volume(-6dB)",
        "channels(mono)",
        "channels(stereo)",
        "resample(32kHz)",
        "fade(in: 300ms)",
        "fade(out: 400ms)",
        "delay(200ms)",
        "delay(-120ms)",
        "speed(2, pitch: shift)",
        "speed(0.8, pitch: shift)",
        "speed(0.5, pitch: shift)",
        "loop(count: 2)",
        "loudness",
        "loudness(-23LUFS)",
    ],
    during: &[],
    with: &[
        "mix(X)",
        "mix(X, loop: true, duck: 9dB)",
        "mix(X, start: 700ms, fade-in: 200ms, fade-out: 200ms)",
        "mix(X, duration: longest)",
        "duck(under: X)",
    ],
    joints: &[""],
    outputs: &[("wav", "")],
    parts: &["", "trim(0.5s..)", "trim(..1.5203s)"],
};

impl Theme {
    fn stage(self, depth: u32) -> BoxedStrategy<Stage> {
        let mut kinds = vec![
            (6, span().prop_map(Stage::Trim).boxed()),
            (4, select(self.alone).prop_map(Stage::Alone).boxed()),
        ];
        if !self.during.is_empty() {
            let during = (select(self.during), span()).prop_map(|(call, span)| Stage::During(call, span));
            kinds.push((3, during.boxed()));
        }
        if depth > 0 {
            let with = (select(self.with), self.clip(depth - 1), span());
            let with = with.prop_map(|(call, clip, span)| Stage::With(call, Box::new(clip), span));
            kinds.push((3, with.boxed()));
        }
        proptest::strategy::Union::new_weighted(kinds).boxed()
    }

    fn clip(self, depth: u32) -> BoxedStrategy<Clip> {
        let mut bases = vec![
            (6, select(self.clips).prop_map(Base::Medium).boxed()),
            (
                1,
                select(self.made)
                    .prop_map(|(text, length)| Base::Made(text, length))
                    .boxed(),
            ),
        ];
        if depth > 0 {
            let transitions = vec![None, None, Some("fade"), Some("wipeleft")];
            let joint = (select(transitions), select(self.joints));
            let concat =
                (vec(self.clip(depth - 1), 1..4), joint).prop_map(|(clips, (transition, options))| {
                    Base::Concat(clips, Joint { transition, options })
                });
            bases.push((5, concat.boxed()));
        }
        let base = proptest::strategy::Union::new_weighted(bases);
        (base, vec(self.stage(depth), 0..4))
            .prop_map(|(base, stages)| Clip { base, stages })
            .boxed()
    }

    pub(super) fn recipe(self) -> impl Strategy<Value = Recipe> {
        let output = (select(self.outputs), select(self.parts));
        let output = output.prop_map(|((extension, options), stage)| Output {
            extension,
            options,
            stage,
        });
        (self.clip(2), vec(output, 1..3)).prop_map(|(clip, outputs)| Recipe { clip, outputs })
    }
}
