//! The FFmpeg filters that vidc emits: their names, costs, timing, color handling, requirements, and benchmarks.
//!
//! This table is the only place where a filter's name is a string. Estimates, `vidc doctor`, the benchmark, stage keys,
//! and passes read its columns instead of comparing names.

use serde::{Deserialize, Serialize};

/// The row of one filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilterSpec {
    /// FFmpeg's name, such as `setpts`.
    pub name: &'static str,
    /// The CPU time it takes.
    pub cost: Cost,
    /// Costs that differ with a setting, such as the transition of `xfade`.
    pub settings: &'static [Setting],
    /// The dependence of its effect on time.
    pub timing: Timing,
    /// How it handles the colors of frames.
    pub color: ColorHandling,
    /// Whether it renders text with installed fonts, so that its result depends on them.
    pub uses_fonts: bool,
    /// The filter whose measured cost also covers this one, because both run the same code.
    pub same_cost_as: Option<FilterName>,
    /// The features of the language that a build of FFmpeg without this filter cannot offer; none if every build has it.
    pub needed_for: Option<&'static str>,
    /// The measurement of `vidc doctor --bench`; none if the cost is scaled with the measured ones.
    pub benchmark: Option<Benchmark>,
}

/// The CPU time of a filter on a plain two-core machine with FFmpeg 5.1.
///
/// A unit is a megapixel of video, or a second of 48 kHz stereo audio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cost {
    /// Time in proportion to the media.
    PerUnit {
        /// Seconds of CPU time per unit.
        seconds: f64,
        /// The share, 0 to 1, that runs on one thread.
        serial: f64,
    },
    /// No measurable time per unit.
    Free(Reason),
}

/// The reason why a filter costs nothing per unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It changes timestamps or other properties of frames, never their samples.
    EditsMetadata,
    /// It passes on, repeats, or drops references to frames.
    PassesReferences,
    /// It produces one frame and repeats references to it.
    RepeatsOneFrame,
}

/// The cost of a filter with one value of the option that decides on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The option's value.
    pub value: &'static str,
    /// The CPU time it takes.
    pub cost: Cost,
    /// The measurement of `vidc doctor --bench`.
    pub benchmark: Option<Benchmark>,
}

/// The dependence of a filter's effect on time.
///
/// Ordered from the least to the most restrictive: filters in a row depend on time as the most restrictive of them does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timing {
    /// On nothing: it treats each frame or sample alone, so trimming before it equals trimming after it.
    PerFrame,
    /// On the timestamp alone: trimming before it equals trimming after it if timestamps stay as they were.
    Timestamp,
    /// On neighboring frames, or it adds, drops, or moves frames.
    Stateful,
}

/// The way a filter handles the colors of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorHandling {
    /// It works the same for every matrix and range, or handles no video.
    Independent,
    /// It computes as if YUV were in limited range, and does not change the tag of frames in full range.
    LimitedRange,
    /// It changes the pixel format, and colors only as far as the new format stores them less precisely.
    PixelFormat,
    /// It converts matrix, range, or transfer as its options say.
    Converts,
}

/// A measurement of a filter's cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Benchmark {
    /// Chains from `[in]` to an unlabeled output. Video is 1280x720 at 25 fps, audio 48 kHz stereo; `title.ass` exists.
    pub graph: &'static str,
    /// How often the test video is repeated; 0 for a filter of audio.
    pub rounds: usize,
    /// Units counted per unit that flows in, in agreement with how the compiler counts the work of this filter.
    pub weight: f64,
}

impl FilterSpec {
    const fn new(name: &'static str, cost: Cost) -> FilterSpec {
        FilterSpec {
            name,
            cost,
            settings: &[],
            timing: Timing::PerFrame,
            color: ColorHandling::Independent,
            uses_fonts: false,
            same_cost_as: None,
            needed_for: None,
            benchmark: None,
        }
    }

    const fn settings(self, settings: &'static [Setting]) -> FilterSpec {
        FilterSpec { settings, ..self }
    }

    const fn timing(self, timing: Timing) -> FilterSpec {
        FilterSpec { timing, ..self }
    }

    const fn color(self, color: ColorHandling) -> FilterSpec {
        FilterSpec { color, ..self }
    }

    const fn needed_for(self, features: &'static str) -> FilterSpec {
        FilterSpec {
            needed_for: Some(features),
            ..self
        }
    }

    const fn with_fonts(self) -> FilterSpec {
        FilterSpec {
            uses_fonts: true,
            ..self
        }
    }

    const fn costs_as(self, other: FilterName) -> FilterSpec {
        FilterSpec {
            same_cost_as: Some(other),
            ..self
        }
    }

    const fn video_bench(self, rounds: usize, weight: f64, graph: &'static str) -> FilterSpec {
        FilterSpec {
            benchmark: Some(Benchmark {
                graph,
                rounds,
                weight,
            }),
            ..self
        }
    }

    const fn audio_bench(self, weight: f64, graph: &'static str) -> FilterSpec {
        self.video_bench(0, weight, graph)
    }
}

/// CPU seconds per unit, of which a share is serial.
const fn per_unit(seconds: f64, serial: f64) -> Cost {
    Cost::PerUnit { seconds, serial }
}

/// A filter that works on slices of a frame in parallel (FFmpeg's slice threading).
const fn sliced(name: &'static str, seconds: f64) -> FilterSpec {
    FilterSpec::new(name, per_unit(seconds, SLICED))
}

/// A filter that works on one thread.
const fn serial(name: &'static str, seconds: f64) -> FilterSpec {
    FilterSpec::new(name, per_unit(seconds, 1.0))
}

const fn free(name: &'static str, reason: Reason) -> FilterSpec {
    FilterSpec::new(name, Cost::Free(reason))
}

const fn transition(value: &'static str, seconds: f64, graph: Option<&'static str>) -> Setting {
    let benchmark = match graph {
        Some(graph) => Some(Benchmark {
            graph,
            rounds: 1,
            weight: 1.0,
        }),
        None => None,
    };
    Setting {
        value,
        cost: per_unit(seconds, SLICED),
        benchmark,
    }
}

/// The share of a filter with slice threads that runs on one thread (measured with two cores).
const SLICED: f64 = 0.25;

/// Declares [`FilterName`] and the row of each.
macro_rules! filters {
    ($($name:ident: $spec:expr;)*) => {
        /// A filter of FFmpeg, serialized by FFmpeg's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        #[expect(missing_docs, reason = "documented by FFmpeg")]
        pub enum FilterName {
            $($name,)*
        }

        impl FilterName {
            /// Every filter that vidc can emit.
            pub const ALL: &[FilterName] = &[$(FilterName::$name,)*];
        }

        const SPECS: &[FilterSpec] = &[$($spec,)*];
    };
}

use ColorHandling::{Converts, LimitedRange, PixelFormat};
use Reason::{EditsMetadata, PassesReferences, RepeatsOneFrame};
use Timing::{Stateful, Timestamp};

filters! {
    Acrossfade: serial("acrossfade", 0.00025).timing(Stateful)
        .audio_bench(1.0, "[in]asplit[a][b];[a][b]acrossfade=d=15");
    Adelay: serial("adelay", 0.00012).timing(Stateful).audio_bench(1.0, "[in]adelay=100S:all=1");
    Afade: serial("afade", 0.00012).timing(Timestamp).audio_bench(1.0, "[in]afade=d=30");
    Aformat: serial("aformat", 0.00012).audio_bench(1.0, "[in]aformat=sample_fmts=fltp");
    Alimiter: serial("alimiter", 0.0044).timing(Stateful)
        .audio_bench(1.0, "[in]aresample=192000,alimiter=limit=0.9:level=0,aresample=48000");
    Aloop: serial("aloop", 0.00003).timing(Stateful);
    Amix: serial("amix", 0.00013).timing(Stateful)
        .audio_bench(2.0, "[in]asplit[a][b];[a][b]amix=inputs=2:normalize=0");
    Anullsink: free("anullsink", PassesReferences);
    Anullsrc: serial("anullsrc", 0.00007);
    Apad: serial("apad", 0.000058).timing(Stateful);
    Aresample: serial("aresample", 0.00028).audio_bench(1.0, "[in]aresample=44100");
    Asetpts: free("asetpts", EditsMetadata).timing(Timestamp);
    Asetrate: free("asetrate", EditsMetadata).timing(Stateful);
    Asplit: free("asplit", PassesReferences);
    Ass: serial("ass", 0.00091).timing(Timestamp).with_fonts().needed_for("`text` and `subtitles`")
        .video_bench(4, 1.0, "[in]ass=title.ass");
    Atempo: serial("atempo", 0.00087).timing(Stateful).audio_bench(1.0, "[in]atempo=1.5");
    Atrim: free("atrim", PassesReferences).timing(Stateful);
    Bwdif: sliced("bwdif", 0.0011).timing(Stateful)
        .video_bench(4, 1.0, "[in]bwdif=mode=send_frame:deint=all");
    Color: free("color", RepeatsOneFrame);
    Concat: free("concat", PassesReferences).timing(Stateful);
    Copy: serial("copy", 0.00015).video_bench(4, 1.0, "[in]copy");
    Crop: free("crop", EditsMetadata);
    Ebur128: serial("ebur128", 0.001).timing(Stateful).needed_for("`loudness`")
        .audio_bench(1.0, "[in]ebur128=framelog=verbose");
    Eq: serial("eq", 0.000098).video_bench(4, 1.0, "[in]eq=brightness=-0.08");
    Fade: sliced("fade", 0.0013).timing(Timestamp).video_bench(4, 1.0, "[in]fade=t=in:d=60");
    Format: sliced("format", 0.00051).color(PixelFormat).video_bench(4, 1.0, "[in]format=yuv420p10le");
    Fps: free("fps", PassesReferences).timing(Stateful);
    Freezeframes: free("freezeframes", PassesReferences).timing(Stateful);
    Gblur: sliced("gblur", 0.0028).video_bench(2, 1.0, "[in]gblur=sigma=9");
    Hflip: sliced("hflip", 0.00026).video_bench(4, 1.0, "[in]hflip");
    Hue: serial("hue", 0.00026).color(LimitedRange).video_bench(4, 1.0, "[in]hue=s=0");
    Loop: free("loop", PassesReferences).timing(Stateful);
    Lutrgb: sliced("lutrgb", 0.0005).color(Converts);
    Lutyuv: sliced("lutyuv", 0.0005).color(Converts).video_bench(4, 1.0, "[in]lutyuv=y=val*0.5");
    Nullsink: free("nullsink", PassesReferences);
    Overlay: sliced("overlay", 0.0042).timing(Stateful).color(LimitedRange).needed_for("`overlay` and `pip`")
        .video_bench(
            4,
            0.5,
            "color=c=white@0.5:s=640x360:r=25:d=0.04,format=yuva420p,loop=loop=-1:size=1,setpts=N/25/TB[inset];\
             [in][inset]overlay=format=auto:shortest=1",
        );
    Pad: serial("pad", 0.000083).video_bench(4, 1.5625, "[in]pad=w=1600:h=900");
    Palettegen: serial("palettegen", 0.0092).timing(Stateful)
        .video_bench(1, 1.0, "[in]palettegen=stats_mode=diff");
    Paletteuse: serial("paletteuse", 0.029).timing(Stateful)
        .video_bench(
            1,
            1.0,
            "[in]split[a][b];[b]trim=end_frame=1,palettegen[p];\
             [a][p]paletteuse=dither=sierra2_4a:diff_mode=rectangle",
        );
    Pan: serial("pan", 0.000067).audio_bench(1.0, "[in]pan=stereo|c0=c1|c1=c0");
    Rotate: sliced("rotate", 0.012).video_bench(1, 1.0, "[in]rotate=0.3");
    Scale: sliced("scale", 0.001).color(Converts).video_bench(4, 0.625, "[in]scale=w=640:h=360");
    Setparams: free("setparams", EditsMetadata);
    Setpts: free("setpts", EditsMetadata).timing(Timestamp);
    Setsar: free("setsar", EditsMetadata);
    Settb: free("settb", EditsMetadata);
    Sidechaincompress: serial("sidechaincompress", 0.0015).timing(Stateful).needed_for("`duck`")
        .audio_bench(1.0, "[in]asplit[a][b];[a][b]sidechaincompress=threshold=0.01:ratio=20");
    Split: free("split", PassesReferences);
    Subtitles: serial("subtitles", 0.00091).timing(Timestamp).with_fonts().costs_as(FilterName::Ass);
    Tonemap: sliced("tonemap", 0.021).color(Converts).video_bench(1, 1.0, "[in]format=gbrpf32le,tonemap=hable");
    Tpad: free("tpad", PassesReferences).timing(Stateful);
    Transpose: sliced("transpose", 0.00041).video_bench(4, 1.0, "[in]transpose=1");
    Trim: free("trim", PassesReferences).timing(Stateful);
    Vflip: serial("vflip", 0.000026);
    Volume: serial("volume", 0.00012).audio_bench(1.0, "[in]volume=-6dB");
    Xfade: sliced("xfade", 0.0058).timing(Stateful).needed_for("transitions")
        .video_bench(1, 1.0, XFADE_FADE)
        .settings(&[
            transition("circleopen", 0.013, Some(XFADE_CIRCLEOPEN)),
            transition("dissolve", 0.021, Some(XFADE_DISSOLVE)),
            transition("pixelize", 0.014, None),
        ]);
    Zscale: sliced("zscale", 0.0016).color(Converts).needed_for("converting HDR video to SDR")
        .video_bench(1, 1.0, "[in]zscale=w=1280:h=720:r=full");
}

const XFADE_FADE: &str =
    "[in]split[a][b];[a]settb=AVTB[c];[b]settb=AVTB[d];[c][d]xfade=transition=fade:duration=2:offset=0";
const XFADE_DISSOLVE: &str =
    "[in]split[a][b];[a]settb=AVTB[c];[b]settb=AVTB[d];[c][d]xfade=transition=dissolve:duration=2:offset=0";
const XFADE_CIRCLEOPEN: &str =
    "[in]split[a][b];[a]settb=AVTB[c];[b]settb=AVTB[d];[c][d]xfade=transition=circleopen:duration=2:offset=0";

impl FilterName {
    /// The row of the filter.
    pub fn spec(self) -> &'static FilterSpec {
        // Declared together, so there is a row for each.
        &SPECS[self as usize]
    }

    /// FFmpeg's name.
    pub fn as_str(self) -> &'static str {
        self.spec().name
    }

    /// The key of its cost in [`crate::cost::Rates::filters`], with the value of the option that decides on it, if any.
    pub fn cost_key(self, setting: Option<&str>) -> String {
        let name = self.spec().same_cost_as.unwrap_or(self).as_str();
        match setting {
            Some(setting) => format!("{name} {setting}"),
            None => name.to_owned(),
        }
    }
}

impl std::fmt::Display for FilterName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_has_its_row_and_is_serialized_by_its_name() {
        assert_eq!(SPECS.len(), FilterName::ALL.len());
        for filter in FilterName::ALL {
            let name = filter.as_str();
            assert_eq!(serde_json::to_value(filter).unwrap(), name);
            assert_eq!(format!("{filter:?}").to_lowercase(), name);
        }
    }

    #[test]
    fn every_filter_has_a_cost_or_a_reason_to_have_none() {
        for filter in FilterName::ALL {
            let spec = filter.spec();
            let costs = spec
                .settings
                .iter()
                .map(|setting| setting.cost)
                .chain([spec.cost]);
            for cost in costs {
                if let Cost::PerUnit { seconds, serial } = cost {
                    assert!(
                        seconds > 0.0 && serial > 0.0 && serial <= 1.0,
                        "{filter}: {cost:?}"
                    );
                }
            }
            if let Some(other) = spec.same_cost_as {
                assert_eq!(spec.cost, other.spec().cost, "{filter}");
            }
        }
    }
}
