//! What is measured: the encoders, decoders and filters that operations use.

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

/// A filter.
pub(super) struct FilterCase {
    /// As [`vidc_compiler::cost::Rates::filters`] names it.
    pub(super) name: &'static str,
    /// Chains from `[in]`.
    pub(super) graph: &'static str,
    /// How many times the pictures go through it; 0 of a filter of sound.
    pub(super) rounds: usize,
    /// Megapixels or seconds that go through it.
    pub(super) amount: f64,
}

impl FilterCase {
    /// FFmpeg's name of it.
    pub(super) fn filter(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or(self.name)
    }
}

pub(super) fn filters() -> impl Iterator<Item = FilterCase> {
    let picture = |&(name, rounds, weight, graph): &(&'static str, usize, f64, &'static str)| FilterCase {
        name,
        graph,
        rounds,
        amount: (rounds * FRAMES) as f64 * FRAME * weight,
    };
    let sound = |&(name, weight, graph): &(&'static str, f64, &'static str)| FilterCase {
        name,
        graph,
        rounds: 0,
        amount: SOUND * weight,
    };
    PICTURES.iter().map(picture).chain(SOUNDS.iter().map(sound))
}

/// A title over the whole of a picture's length.
pub(super) const TITLE: &str = "[Script Info]\nScriptType: v4.00+\nPlayResX: 1280\nPlayResY: 720\n\n\
    [V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
    Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
    MarginR, MarginV, Encoding\nStyle: Default,sans-serif,44,&H00FFFFFF,&H000000FF,&H00000000,&H80000000,0,0,0,0,100,\
    100,0,0,1,3,0,2,40,40,36,1\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, \
    Effect, Text\nDialogue: 0,0:00:00.00,0:10:00.00,Default,,0,0,0,,A title of a usual length, in two lines\\Nas they \
    are often written\n";

/// Name, rounds, megapixels counted for each that flows in, and the graph. How amounts are counted is said in
/// `lower/work.rs` of the compiler.
const PICTURES: &[(&str, usize, f64, &str)] = &[
    ("scale", 4, 0.625, "[in]scale=w=640:h=360"),
    ("format", 4, 1.0, "[in]format=yuv420p10le"),
    (
        "overlay",
        4,
        0.5,
        "color=c=white@0.5:s=640x360:r=25:d=0.04,format=yuva420p,loop=loop=-1:size=1,setpts=N/25/TB[inset];\
         [in][inset]overlay=format=auto:shortest=1",
    ),
    ("ass", 4, 1.0, "[in]ass=title.ass"),
    ("fade", 4, 1.0, "[in]fade=t=in:d=60"),
    (
        "xfade",
        1,
        1.0,
        "[in]split[a][b];[a]settb=AVTB[c];[b]settb=AVTB[d];[c][d]xfade=transition=fade:duration=2:offset=0",
    ),
    (
        "xfade dissolve",
        1,
        1.0,
        "[in]split[a][b];[a]settb=AVTB[c];[b]settb=AVTB[d];[c][d]xfade=transition=dissolve:duration=2:offset=0",
    ),
    (
        "xfade circleopen",
        1,
        1.0,
        "[in]split[a][b];[a]settb=AVTB[c];[b]settb=AVTB[d];[c][d]xfade=transition=circleopen:duration=2:offset=0",
    ),
    ("gblur", 2, 1.0, "[in]gblur=sigma=9"),
    ("pad", 4, 1.5625, "[in]pad=w=1600:h=900"),
    ("transpose", 4, 1.0, "[in]transpose=1"),
    ("hflip", 4, 1.0, "[in]hflip"),
    ("eq", 4, 1.0, "[in]eq=brightness=-0.08"),
    ("hue", 4, 1.0, "[in]hue=s=0"),
    ("lutyuv", 4, 1.0, "[in]lutyuv=y=val*0.5"),
    ("rotate", 1, 1.0, "[in]rotate=0.3"),
    ("zscale", 1, 1.0, "[in]zscale=w=1280:h=720:r=full"),
    ("tonemap", 1, 1.0, "[in]format=gbrpf32le,tonemap=hable"),
    ("palettegen", 1, 1.0, "[in]palettegen=stats_mode=diff"),
    (
        "paletteuse",
        1,
        1.0,
        "[in]split[a][b];[b]trim=end_frame=1,palettegen[p];[a][p]paletteuse=dither=sierra2_4a:diff_mode=rectangle",
    ),
];

/// Name, seconds counted for each that flows in, and the graph.
const SOUNDS: &[(&str, f64, &str)] = &[
    ("aresample", 1.0, "[in]aresample=44100"),
    ("volume", 1.0, "[in]volume=-6dB"),
    ("aformat", 1.0, "[in]aformat=sample_fmts=fltp"),
    ("pan", 1.0, "[in]pan=stereo|c0=c1|c1=c0"),
    ("amix", 2.0, "[in]asplit[a][b];[a][b]amix=inputs=2:normalize=0"),
    ("afade", 1.0, "[in]afade=d=30"),
    ("adelay", 1.0, "[in]adelay=100S:all=1"),
    ("atempo", 1.0, "[in]atempo=1.5"),
    ("asetrate", 1.0, "[in]asetrate=44100"),
    ("acrossfade", 1.0, "[in]asplit[a][b];[a][b]acrossfade=d=15"),
    (
        "sidechaincompress",
        1.0,
        "[in]asplit[a][b];[a][b]sidechaincompress=threshold=0.01:ratio=20",
    ),
    (
        "alimiter",
        1.0,
        "[in]aresample=192000,alimiter=limit=0.9:level=0,aresample=48000",
    ),
    ("ebur128", 1.0, "[in]ebur128=framelog=verbose"),
];
