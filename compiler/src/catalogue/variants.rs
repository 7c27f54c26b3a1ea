//! The calls that are values: codecs with their settings, transitions.

use super::{Bounds, POSITIONS, Param, ParamType, VariantDef, millis, number, word};

const PRESETS: &[&str] = &[
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
];

const CRF_HELP: &str = "constant quality; lower is better and larger";
const BITRATE_HELP: &str = "average bit rate, instead of constant quality";

static AUTO: VariantDef = VariantDef {
    name: "auto",
    summary: "Copied where nothing touches it and the container takes it, else the container's usual codec.",
    params: &[],
};
static COPY: VariantDef = VariantDef {
    name: "copy",
    summary: "Copied as it is; an error where that is not possible.",
    params: &[],
};
static NONE: VariantDef = VariantDef {
    name: "none",
    summary: "Left out.",
    params: &[],
};
static H264: VariantDef = VariantDef {
    name: "h264",
    summary: "H.264 / AVC by x264.",
    params: &[
        Param::optional("crf", ParamType::Int(Bounds { min: 0, max: 51 }), CRF_HELP).by_name(),
        Param::optional("bitrate", ParamType::Bitrate, BITRATE_HELP),
        Param::with_default(
            "preset",
            ParamType::Enum(PRESETS),
            word("medium"),
            "slower is smaller",
        ),
    ],
};
static H265: VariantDef = VariantDef {
    name: "h265",
    summary: "H.265 / HEVC by x265.",
    params: &[
        Param::optional("crf", ParamType::Int(Bounds { min: 0, max: 51 }), CRF_HELP).by_name(),
        Param::optional("bitrate", ParamType::Bitrate, BITRATE_HELP),
        Param::with_default(
            "preset",
            ParamType::Enum(PRESETS),
            word("medium"),
            "slower is smaller",
        ),
    ],
};
static VP9: VariantDef = VariantDef {
    name: "vp9",
    summary: "VP9 by libvpx.",
    params: &[
        Param::optional("crf", ParamType::Int(Bounds { min: 0, max: 63 }), CRF_HELP).by_name(),
        Param::optional("bitrate", ParamType::Bitrate, BITRATE_HELP),
        Param::with_default(
            "speed",
            ParamType::Int(Bounds { min: 0, max: 8 }),
            number(4),
            "higher is faster and larger",
        ),
    ],
};
static MPEG4: VariantDef = VariantDef {
    name: "mpeg4",
    summary: "MPEG-4 part 2, for old players.",
    params: &[
        Param::optional(
            "quality",
            ParamType::Int(Bounds { min: 1, max: 31 }),
            "quantiser; lower is better",
        )
        .by_name(),
        Param::optional("bitrate", ParamType::Bitrate, BITRATE_HELP),
    ],
};
static GIF: VariantDef = VariantDef {
    name: "gif",
    summary: "An animated GIF with a palette of its own.",
    params: &[Param::with_default(
        "colors",
        ParamType::Int(Bounds { min: 4, max: 256 }),
        number(256),
        "size of the palette",
    )
    .by_name()],
};
static FRAME: VariantDef = VariantDef {
    name: "frame",
    summary: "One frame, as a still image: a poster.",
    params: &[Param::with_default("at", ParamType::Time, millis(0), "when").by_name()],
};

const AUDIO_BITRATE: Param = Param::optional("bitrate", ParamType::Bitrate, "average bit rate").by_name();
static AAC: VariantDef = VariantDef {
    name: "aac",
    summary: "AAC-LC.",
    params: &[AUDIO_BITRATE],
};
static MP3: VariantDef = VariantDef {
    name: "mp3",
    summary: "MP3 by LAME.",
    params: &[
        AUDIO_BITRATE,
        Param::optional(
            "quality",
            ParamType::Int(Bounds { min: 0, max: 9 }),
            "variable bit rate; lower is better",
        ),
    ],
};
static OPUS: VariantDef = VariantDef {
    name: "opus",
    summary: "Opus.",
    params: &[AUDIO_BITRATE],
};
static VORBIS: VariantDef = VariantDef {
    name: "vorbis",
    summary: "Vorbis.",
    params: &[AUDIO_BITRATE],
};
static FLAC: VariantDef = VariantDef {
    name: "flac",
    summary: "FLAC, lossless.",
    params: &[],
};
static PCM: VariantDef = VariantDef {
    name: "pcm",
    summary: "Uncompressed samples.",
    params: &[Param::with_default(
        "bits",
        ParamType::Int(Bounds { min: 16, max: 32 }),
        number(16),
        "bits per sample: 16, 24 or 32",
    )
    .by_name()],
};

/// Every transition of any FFmpeg's `xfade`; which of them a build has is in its capabilities.
#[rustfmt::skip]
const XFADES: &[&str] = &[
    "fade", "wipeleft", "wiperight", "wipeup", "wipedown", "slideleft", "slideright", "slideup", "slidedown",
    "circlecrop", "rectcrop", "distance", "fadeblack", "fadewhite", "radial", "smoothleft", "smoothright",
    "smoothup", "smoothdown", "circleopen", "circleclose", "vertopen", "vertclose", "horzopen", "horzclose",
    "dissolve", "pixelize", "diagtl", "diagtr", "diagbl", "diagbr", "hlslice", "hrslice", "vuslice", "vdslice",
    "hblur", "fadegrays", "wipetl", "wipetr", "wipebl", "wipebr", "squeezeh", "squeezev", "zoomin", "fadefast",
    "fadeslow", "hlwind", "hrwind", "vuwind", "vdwind", "coverleft", "coverright", "coverup", "coverdown",
    "revealleft", "revealright", "revealup", "revealdown",
];

static XFADE: VariantDef = VariantDef {
    name: "xfade",
    summary: "The next clip begins before this one ends; sound crossfades with it.",
    params: &[
        Param::with_default(
            "kind",
            ParamType::Enum(XFADES),
            word("fade"),
            "FFmpeg's name of the transition",
        ),
        Param::with_default(
            "duration",
            ParamType::Time,
            millis(1000),
            "how long both are seen",
        ),
    ],
};

macro_rules! places {
    ($($constant:ident = $name:literal),* $(,)?) => {
        $(static $constant: VariantDef =
            VariantDef { name: $name, summary: "A place in the picture, `margin` in from its edges.",  params: &[] };)*
        /// Where something is put on a picture.
        pub const PLACES: &[&VariantDef] = &[$(&$constant,)* &POINT];
    };
}

places! {
    TOP_LEFT = "top-left", TOP = "top", TOP_RIGHT = "top-right",
    LEFT = "left", CENTER = "center", RIGHT = "right",
    BOTTOM_LEFT = "bottom-left", BOTTOM = "bottom", BOTTOM_RIGHT = "bottom-right",
}

static POINT: VariantDef = VariantDef {
    name: "point",
    summary: "A point of the picture, on which the anchor of what is put there comes to lie.",
    params: &[
        Param::required(
            "x",
            ParamType::Length,
            "from the left; a percentage is of the picture's width",
        )
        .by_name(),
        Param::required(
            "y",
            ParamType::Length,
            "from the top; a percentage is of the picture's height",
        ),
        Param::with_default(
            "anchor",
            ParamType::Enum(POSITIONS),
            word("top-left"),
            "which of its own points lies there",
        ),
    ],
};

/// What an output's `video` can be.
pub(super) const VIDEO: &[&VariantDef] = &[&AUTO, &COPY, &NONE, &H264, &H265, &VP9, &MPEG4, &GIF, &FRAME];
/// What an output's `audio` can be.
pub(super) const AUDIO: &[&VariantDef] = &[&AUTO, &COPY, &NONE, &AAC, &MP3, &OPUS, &VORBIS, &FLAC, &PCM];
/// What happens at the joints of a `concat`.
pub const TRANSITIONS: &[&VariantDef] = &[&NONE, &XFADE];

/// Every variant.
pub static VARIANTS: &[&VariantDef] = &[
    &AUTO, &COPY, &NONE, &H264, &H265, &VP9, &MPEG4, &GIF, &FRAME, &AAC, &MP3, &OPUS, &VORBIS, &FLAC, &PCM,
    &XFADE, &POINT,
];
