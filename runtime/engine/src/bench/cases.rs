//! What is measured: the encoders, decoders and filters that operations use.

use vidc_compiler::plan::{Benchmark, FilterName};

/// Frames per second of the pictures.
pub(super) const FPS: usize = 25;
/// How many pictures a medium has.
pub(super) const FRAMES: usize = 50;
/// Their size.
pub(super) const SIZE: &str = "1280x720";
/// Megapixels of one.
const FRAME: f64 = 1280.0 * 720.0 / 1e6;
/// How long sounds are, in seconds.
pub(super) const SOUND: f64 = 30.0;

/// What media show: bits are dear for some pictures and cheap for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Soft colors that move slowly.
    Plain,
    /// Sharp edges, and some noise.
    Detailed,
    /// A sound.
    Sound,
}

impl Content {
    /// Its file.
    pub(super) fn file(self) -> &'static str {
        match self {
            Content::Plain => "plain.nut",
            Content::Detailed => "detailed.nut",
            Content::Sound => "sound.wav",
        }
    }
}

/// An encoder with settings.
pub(super) struct EncoderCase {
    pub(super) encoder: &'static str,
    pub(super) preset: &'static str,
    /// Further options.
    pub(super) options: &'static [&'static str],
    /// How many pictures; 0 of an encoder of sound.
    pub(super) frames: usize,
}

impl EncoderCase {
    /// As [`vidc_compiler::cost::Rates::encoders`] names it.
    pub(super) fn name(&self) -> String {
        match self.preset {
            "" => self.encoder.to_owned(),
            preset => format!("{} {preset}", self.encoder),
        }
    }

    pub(super) fn contents(&self) -> &'static [Content] {
        match self.frames {
            0 => &[Content::Sound],
            _ => &[Content::Plain, Content::Detailed],
        }
    }

    /// Megapixels, or seconds.
    pub(super) fn amount(&self) -> f64 {
        match self.frames {
            0 => SOUND,
            frames => frames as f64 * FRAME,
        }
    }
}

pub(super) fn encoders() -> impl Iterator<Item = EncoderCase> {
    let case = |&(encoder, preset, frames, options): &(&'static str, &'static str, usize, _)| EncoderCase {
        encoder,
        preset,
        options,
        frames,
    };
    ENCODERS.iter().map(case)
}

/// Encoder, preset, pictures, options.
type Encoder = (&'static str, &'static str, usize, &'static [&'static str]);

const ENCODERS: &[Encoder] = &[
    (
        "libx264",
        "ultrafast",
        50,
        &["-preset", "ultrafast", "-crf", "23"],
    ),
    ("libx264", "veryfast", 50, &["-preset", "veryfast", "-crf", "21"]),
    ("libx264", "medium", 50, &["-preset", "medium", "-crf", "21"]),
    (
        "libx265",
        "ultrafast",
        20,
        &[
            "-preset",
            "ultrafast",
            "-crf",
            "28",
            "-x265-params",
            "log-level=error",
        ],
    ),
    (
        "libx265",
        "medium",
        20,
        &[
            "-preset",
            "medium",
            "-crf",
            "26",
            "-x265-params",
            "log-level=error",
        ],
    ),
    (
        "libvpx-vp9",
        "4",
        20,
        &[
            "-deadline",
            "good",
            "-cpu-used",
            "4",
            "-row-mt",
            "1",
            "-b:v",
            "0",
            "-crf",
            "31",
        ],
    ),
    ("mpeg4", "", 50, &["-q:v", "4"]),
    ("prores_ks", "", 6, &[]),
    ("gif", "", 25, &[]),
    ("mjpeg", "", 25, &["-q:v", "2", "-pix_fmt", "yuvj420p"]),
    ("png", "", 4, &[]),
    ("aac", "", 0, &["-b:a", "160k"]),
    ("libmp3lame", "", 0, &["-q:a", "2"]),
    ("libopus", "", 0, &["-b:a", "128k"]),
    ("libvorbis", "", 0, &["-q:a", "5"]),
    ("flac", "", 0, &[]),
    ("pcm_s16le", "", 0, &[]),
];

/// A decoder, and the encoder whose file it is given.
pub(super) struct DecoderCase {
    pub(super) codec: &'static str,
    pub(super) encoder: &'static str,
    preset: &'static str,
}

impl DecoderCase {
    /// How its file was made.
    pub(super) fn made(&self) -> Option<EncoderCase> {
        encoders().find(|case| case.encoder == self.encoder && case.preset == self.preset)
    }

    pub(super) fn contents(&self) -> &'static [Content] {
        self.made().map_or(&[], |case| case.contents())
    }
}

pub(super) fn decoders() -> impl Iterator<Item = DecoderCase> {
    let case = |&(codec, encoder, preset): &(&'static str, &'static str, &'static str)| DecoderCase {
        codec,
        encoder,
        preset,
    };
    DECODERS.iter().map(case)
}

const DECODERS: &[(&str, &str, &str)] = &[
    ("h264", "libx264", "medium"),
    ("hevc", "libx265", "medium"),
    ("vp9", "libvpx-vp9", "4"),
    ("mpeg4", "mpeg4", ""),
    ("prores", "prores_ks", ""),
    ("mjpeg", "mjpeg", ""),
    ("png", "png", ""),
    ("aac", "aac", ""),
    ("mp3", "libmp3lame", ""),
    ("opus", "libopus", ""),
    ("vorbis", "libvorbis", ""),
    ("flac", "flac", ""),
    ("pcm_s16le", "pcm_s16le", ""),
];

/// A filter, or a filter with one value of the option that decides on its cost.
pub(super) struct FilterCase {
    /// The filter.
    pub(super) filter: FilterName,
    /// The value of that option.
    pub(super) setting: Option<&'static str>,
    /// Chains from `[in]`.
    pub(super) graph: &'static str,
    /// How many times the test video goes through it; 0 for a filter of audio.
    pub(super) rounds: usize,
    /// Megapixels or seconds that go through it.
    pub(super) amount: f64,
}

impl FilterCase {
    fn new(filter: FilterName, setting: Option<&'static str>, benchmark: Benchmark) -> FilterCase {
        let once = match benchmark.rounds {
            0 => SOUND,
            rounds => (rounds * FRAMES) as f64 * FRAME,
        };
        FilterCase {
            filter,
            setting,
            graph: benchmark.graph,
            rounds: benchmark.rounds,
            amount: once * benchmark.weight,
        }
    }

    /// As [`vidc_compiler::cost::Rates::filters`] names it.
    pub(super) fn name(&self) -> String {
        self.filter.cost_key(self.setting)
    }
}

/// The filters that the compiler's table says how to measure.
pub(super) fn filters() -> impl Iterator<Item = FilterCase> {
    FilterName::ALL.iter().flat_map(|filter| {
        let spec = filter.spec();
        let plain = spec
            .benchmark
            .map(|benchmark| FilterCase::new(*filter, None, benchmark));
        let settings = spec.settings.iter().filter_map(|setting| {
            let benchmark = setting.benchmark?;
            Some(FilterCase::new(*filter, Some(setting.value), benchmark))
        });
        plain.into_iter().chain(settings)
    })
}

/// A title over the whole of a picture's length.
pub(super) const TITLE: &str = "[Script Info]\nScriptType: v4.00+\nPlayResX: 1280\nPlayResY: 720\n\n\
    [V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
    Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
    MarginR, MarginV, Encoding\nStyle: Default,sans-serif,44,&H00FFFFFF,&H000000FF,&H00000000,&H80000000,0,0,0,0,100,\
    100,0,0,1,3,0,2,40,40,36,1\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, \
    Effect, Text\nDialogue: 0,0:00:00.00,0:10:00.00,Default,,0,0,0,,A title of a usual length, in two lines\\Nas they \
    are often written\n";
