//! The benchmark cases: encoders, decoders, and filters that the compiler uses.

use vidc_compiler::plan::{Benchmark, FilterName};

/// Frames per second of the test video.
pub(super) const FPS: usize = 25;
/// Frames of the test video.
pub(super) const FRAMES: usize = 50;
/// Size of a frame.
pub(super) const SIZE: &str = "1280x720";
/// Megapixels of a frame.
const FRAME_MEGAPIXELS: f64 = 1280.0 * 720.0 / 1e6;
/// Duration of the test audio in seconds.
pub(super) const AUDIO_SECONDS: f64 = 30.0;

/// The content of test media. Detailed video takes more CPU time per bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Slowly moving gradients.
    Plain,
    /// Sharp edges and some noise.
    Detailed,
    /// Audio.
    Audio,
}

impl Content {
    /// The name of its file.
    pub(super) fn file(self) -> &'static str {
        match self {
            Content::Plain => "plain.nut",
            Content::Detailed => "detailed.nut",
            Content::Audio => "audio.wav",
        }
    }
}

/// An encoder with a preset.
pub(super) struct EncoderCase {
    pub(super) encoder: &'static str,
    pub(super) preset: &'static str,
    /// Further options.
    pub(super) options: &'static [&'static str],
    /// Frames to encode; 0 for an audio encoder.
    pub(super) frames: usize,
}

impl EncoderCase {
    /// The key in [`vidc_compiler::cost::Rates::encoders`].
    pub(super) fn name(&self) -> String {
        match self.preset {
            "" => self.encoder.to_owned(),
            preset => format!("{} {preset}", self.encoder),
        }
    }

    pub(super) fn contents(&self) -> &'static [Content] {
        match self.frames {
            0 => &[Content::Audio],
            _ => &[Content::Plain, Content::Detailed],
        }
    }

    /// Megapixels, or seconds of audio, that are encoded.
    pub(super) fn units(&self) -> f64 {
        match self.frames {
            0 => AUDIO_SECONDS,
            frames => frames as f64 * FRAME_MEGAPIXELS,
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

/// Encoder, preset, frames, options.
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

/// A decoder, and the encoder that writes its input.
pub(super) struct DecoderCase {
    pub(super) codec: &'static str,
    pub(super) encoder: &'static str,
    preset: &'static str,
}

impl DecoderCase {
    /// The case that encodes its input.
    pub(super) fn encoder_case(&self) -> Option<EncoderCase> {
        encoders().find(|case| case.encoder == self.encoder && case.preset == self.preset)
    }

    pub(super) fn contents(&self) -> &'static [Content] {
        self.encoder_case().map_or(&[], |case| case.contents())
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

/// A filter, with a value of the option that decides its cost if there is one.
pub(super) struct FilterCase {
    /// The filter.
    pub(super) filter: FilterName,
    /// The value of that option.
    pub(super) setting: Option<&'static str>,
    /// Chains from `[in]`.
    pub(super) graph: &'static str,
    /// How often the test video is repeated; 0 for an audio filter.
    pub(super) rounds: usize,
    /// Megapixels, or seconds of audio, that pass through it.
    pub(super) units: f64,
}

impl FilterCase {
    fn new(filter: FilterName, setting: Option<&'static str>, benchmark: Benchmark) -> FilterCase {
        let once = match benchmark.rounds {
            0 => AUDIO_SECONDS,
            rounds => (rounds * FRAMES) as f64 * FRAME_MEGAPIXELS,
        };
        FilterCase {
            filter,
            setting,
            graph: benchmark.graph,
            rounds: benchmark.rounds,
            units: once * benchmark.weight,
        }
    }

    /// The key in [`vidc_compiler::cost::Rates::filters`].
    pub(super) fn name(&self) -> String {
        self.filter.cost_key(self.setting)
    }
}

/// The filters with a benchmark in the compiler's table.
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

/// A title over the whole duration of a video.
pub(super) const TITLE: &str = "[Script Info]\nScriptType: v4.00+\nPlayResX: 1280\nPlayResY: 720\n\n\
    [V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
    Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
    MarginR, MarginV, Encoding\nStyle: Default,sans-serif,44,&H00FFFFFF,&H000000FF,&H00000000,&H80000000,0,0,0,0,100,\
    100,0,0,1,3,0,2,40,40,36,1\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, \
    Effect, Text\nDialogue: 0,0:00:00.00,0:10:00.00,Default,,0,0,0,,A title of a usual length, in two lines\\Nas they \
    are often written\n";
