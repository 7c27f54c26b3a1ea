//! Codecs with their settings as FFmpeg's encoders with their options.

use crate::catalogue::Args;
use crate::graph::{AudioType, VideoType};
use crate::output::{Container, Encoder};

/// An encoder, and what is lost by it.
pub(super) struct Chosen {
    pub(super) encoder: Encoder,
    pub(super) warnings: Vec<String>,
}

/// What writes pictures of a codec. Without arguments, its usual settings.
pub(super) fn video(codec: &str, args: Option<&Args>, container: &Container, ty: &VideoType) -> Chosen {
    let mut options = Options::default();
    let mut warnings = Vec::new();
    let deep = ty.pixels.depth > 8;
    let rate = |name: &str| args.and_then(|args| args.bitrate(name));
    let number = |name: &str| args.and_then(|args| args.number(name)).map(|n| n.to_integer());
    let preset = args
        .and_then(|args| args.text("preset"))
        .unwrap_or("medium")
        .to_owned();
    let name = match codec {
        "h265" => {
            options.quality("crf", number("crf").unwrap_or(26), rate("bitrate"));
            options.set("preset", preset);
            options.set("pix_fmt", if deep { "yuv420p10le" } else { "yuv420p" });
            options.set("x265-params", "log-level=error");
            if matches!(container.extension, "mp4" | "mov") {
                // QuickTime plays `hvc1` and not FFmpeg's own choice, `hev1`.
                options.set("tag", "hvc1");
            }
            "libx265"
        }
        "vp9" => {
            options.quality("crf", number("crf").unwrap_or(31), rate("bitrate"));
            if rate("bitrate").is_none() {
                // Constant quality needs this (FFmpeg wiki, "Encode/VP9").
                options.set("b", "0");
            }
            options.set("deadline", "good");
            options.set("cpu-used", number("speed").unwrap_or(4));
            options.set("row-mt", "1");
            options.set("pix_fmt", if ty.pixels.alpha { "yuva420p" } else { "yuv420p" });
            "libvpx-vp9"
        }
        "mpeg4" => {
            options.quality("q", number("quality").unwrap_or(4), rate("bitrate"));
            options.set("pix_fmt", "yuv420p");
            "mpeg4"
        }
        "gif" => "gif",
        _ => {
            options.quality("crf", number("crf").unwrap_or(21), rate("bitrate"));
            options.set("preset", preset);
            options.set("pix_fmt", "yuv420p");
            "libx264"
        }
    };
    if codec != "gif" {
        options.0.extend(ty.color_space.options());
    }
    if deep && !matches!(codec, "h265" | "gif") && !ty.color_space.is_hdr() {
        warnings.push(format!(
            "the picture has {} bits per color, and `{codec}` is written with 8",
            ty.pixels.depth
        ));
    }
    Chosen {
        encoder: Encoder {
            name,
            options: options.0,
        },
        warnings,
    }
}

/// What writes sound of a codec. Without arguments, its usual settings.
pub(super) fn audio(codec: &str, args: Option<&Args>, ty: &AudioType) -> Chosen {
    let mut options = Options::default();
    let rate = args.and_then(|args| args.bitrate("bitrate"));
    let number = |name: &str| args.and_then(|args| args.number(name)).map(|n| n.to_integer());
    let each = |bits: i64| bits * i64::from(ty.channels.max(1));
    let name = match codec {
        "mp3" => {
            options.quality("q", number("quality").unwrap_or(2), rate);
            "libmp3lame"
        }
        "opus" => {
            options.set("b", rate.unwrap_or(each(64_000)).to_string());
            "libopus"
        }
        "vorbis" => {
            options.quality("q", 5, rate);
            "libvorbis"
        }
        "flac" => "flac",
        "pcm" => match number("bits") {
            Some(24) => "pcm_s24le",
            Some(32) => "pcm_s32le",
            _ => "pcm_s16le",
        },
        _ => {
            options.set("b", rate.unwrap_or(each(80_000)).to_string());
            "aac"
        }
    };
    Chosen {
        encoder: Encoder {
            name,
            options: options.0,
        },
        warnings: Vec::new(),
    }
}

/// The nearest form of a sound that a codec has.
pub(super) fn audio_form(codec: &str, ty: &AudioType) -> AudioType {
    let nearest = |rates: &[u32]| {
        let above = rates.iter().copied().filter(|rate| *rate >= ty.sample_rate).min();
        above.or(rates.iter().copied().max()).unwrap_or(ty.sample_rate)
    };
    let sample_rate = match codec {
        // RFC 6716, section 2: Opus always plays at 48 kHz.
        "opus" => 48_000,
        "mp3" => nearest(&[
            8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
        ]),
        "aac" => nearest(&[
            7_350, 8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200,
            96_000,
        ]),
        _ => ty.sample_rate,
    };
    let stereo = codec == "mp3" && ty.channels > 2;
    let (channels, layout) = if stereo {
        (2, "stereo".to_owned())
    } else {
        (ty.channels, ty.layout.clone())
    };
    AudioType {
        sample_rate,
        channels,
        layout,
        duration: None,
    }
}

/// What writes a still image.
pub(super) fn still(container: &Container) -> Encoder {
    let mut options = Options::default();
    if container.extension == "png" {
        return Encoder {
            name: "png",
            options: options.0,
        };
    }
    options.set("q", "2");
    options.set("pix_fmt", "yuvj420p");
    Encoder {
        name: "mjpeg",
        options: options.0,
    }
}

#[derive(Default)]
struct Options(Vec<(String, String)>);

impl Options {
    fn set(&mut self, name: &str, value: impl ToString) {
        self.0.push((name.to_owned(), value.to_string()));
    }

    /// A bit rate, if one is asked for, else a quality.
    fn quality(&mut self, name: &str, quality: i64, bitrate: Option<i64>) {
        match bitrate {
            Some(bitrate) => self.set("b", bitrate),
            None => self.set(name, quality),
        }
    }
}
