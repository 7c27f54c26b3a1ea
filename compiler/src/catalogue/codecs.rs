//! Codecs, and the other choices of how an output's track is written.

use crate::param::{Constant, Param, VariantDef, choice, millis, number, word};
use crate::time::Time;

choice! {
    /// A preset of x264 and x265: encoding speed against compression.
    pub(crate) enum Preset {
        Ultrafast = "ultrafast",
        Superfast = "superfast",
        Veryfast = "veryfast",
        Faster = "faster",
        Fast = "fast",
        Medium = "medium",
        Slow = "slow",
        Slower = "slower",
        Veryslow = "veryslow",
    }
}

const CRF_HELP: &str = "constant rate factor; lower values give better quality and larger files";

/// The CRF of x264 and x265.
pub(crate) const X26X_CRF: Param<Option<i64>> = Param::int("crf", 0, 51, CRF_HELP).optional().by_name();
/// The preset of x264 and x265.
pub(crate) const X26X_PRESET: Param<Preset> =
    Param::choice("preset", "encoder preset; slower presets give smaller files")
        .default(word(Preset::Medium.word()));
/// The CRF of libvpx.
pub(crate) const VP9_CRF: Param<Option<i64>> = Param::int("crf", 0, 63, CRF_HELP).optional().by_name();
/// `-cpu-used` of libvpx.
pub(crate) const VP9_SPEED: Param<i64> = Param::int(
    "speed",
    0,
    8,
    "encoder speed; higher values encode faster and give larger files",
)
.default(number(4));
/// `-q:v` of FFmpeg's MPEG-4 encoder.
pub(crate) const MPEG4_QUALITY: Param<Option<i64>> = Param::int(
    "quality",
    1,
    31,
    "quantizer scale; lower values give better quality",
)
.optional()
.by_name();
/// The average bit rate of a video track.
pub(crate) const VIDEO_BITRATE: Param<Option<i64>> =
    Param::bitrate("bitrate", "average bit rate, instead of constant quality").optional();
/// The palette size of a GIF.
pub(crate) const GIF_COLORS: Param<i64> = Param::int("colors", 4, 256, "number of colors in the palette")
    .default(number(256))
    .by_name();
/// The position of a single frame.
pub(crate) const FRAME_AT: Param<Time> = Param::time("at", "position of the frame in the clip")
    .default(millis(0))
    .by_name();

/// The average bit rate of an audio track.
pub(crate) const AUDIO_BITRATE: Param<Option<i64>> =
    Param::bitrate("bitrate", "average bit rate").optional().by_name();
/// `-q:a` of LAME.
pub(crate) const MP3_QUALITY: Param<Option<i64>> = Param::int(
    "quality",
    0,
    9,
    "variable bit rate quality; lower values give better quality",
)
.optional();
/// The sample size of PCM.
pub(crate) const PCM_BITS: Param<i64> = Param::int("bits", 16, 32, "bits per sample: 16, 24 or 32")
    .default(number(16))
    .by_name();

static AUTO: VariantDef = VariantDef {
    name: "auto",
    summary: "Copy the track if it is unchanged and the container supports its codec; otherwise encode it with the container's default codec.",
    params: &[],
};
static COPY: VariantDef = VariantDef {
    name: "copy",
    summary: "Copy the track without re-encoding; it is an error if that is impossible.",
    params: &[],
};
static NONE: VariantDef = VariantDef {
    name: "none",
    summary: "Leave the track out.",
    params: &[],
};
static H264: VariantDef = VariantDef {
    name: "h264",
    summary: "Encode H.264 (AVC) with x264.",
    params: &[X26X_CRF.spec, VIDEO_BITRATE.spec, X26X_PRESET.spec],
};
static H265: VariantDef = VariantDef {
    name: "h265",
    summary: "Encode H.265 (HEVC) with x265.",
    params: &[X26X_CRF.spec, VIDEO_BITRATE.spec, X26X_PRESET.spec],
};
static VP9: VariantDef = VariantDef {
    name: "vp9",
    summary: "Encode VP9 with libvpx.",
    params: &[VP9_CRF.spec, VIDEO_BITRATE.spec, VP9_SPEED.spec],
};
static MPEG4: VariantDef = VariantDef {
    name: "mpeg4",
    summary: "Encode MPEG-4 Part 2, for old players.",
    params: &[MPEG4_QUALITY.spec, VIDEO_BITRATE.spec],
};
static GIF: VariantDef = VariantDef {
    name: "gif",
    summary: "Encode an animated GIF with an optimized palette.",
    params: &[GIF_COLORS.spec],
};
static FRAME: VariantDef = VariantDef {
    name: "frame",
    summary: "Save a single frame as a still image, such as a poster.",
    params: &[FRAME_AT.spec],
};
static AAC: VariantDef = VariantDef {
    name: "aac",
    summary: "Encode AAC-LC.",
    params: &[AUDIO_BITRATE.spec],
};
static MP3: VariantDef = VariantDef {
    name: "mp3",
    summary: "Encode MP3 with LAME.",
    params: &[AUDIO_BITRATE.spec, MP3_QUALITY.spec],
};
static OPUS: VariantDef = VariantDef {
    name: "opus",
    summary: "Encode Opus.",
    params: &[AUDIO_BITRATE.spec],
};
static VORBIS: VariantDef = VariantDef {
    name: "vorbis",
    summary: "Encode Vorbis.",
    params: &[AUDIO_BITRATE.spec],
};
static FLAC: VariantDef = VariantDef {
    name: "flac",
    summary: "Encode lossless FLAC.",
    params: &[],
};
static PCM: VariantDef = VariantDef {
    name: "pcm",
    summary: "Write uncompressed PCM.",
    params: &[PCM_BITS.spec],
};

/// The default of both tracks.
pub(super) const DEFAULT: Constant = word("auto");
/// The choices for an output's `video`.
pub(super) const VIDEO: &[&VariantDef] = &[&AUTO, &COPY, &NONE, &H264, &H265, &VP9, &MPEG4, &GIF, &FRAME];
/// The choices for an output's `audio`.
pub(super) const AUDIO: &[&VariantDef] = &[&AUTO, &COPY, &NONE, &AAC, &MP3, &OPUS, &VORBIS, &FLAC, &PCM];
