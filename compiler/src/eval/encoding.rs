//! Maps codecs with their settings to FFmpeg's encoders with their options.

use crate::catalogue::codecs::{
    AUDIO_BITRATE, MP3_QUALITY, MPEG4_QUALITY, PCM_BITS, VIDEO_BITRATE, VP9_CRF, VP9_SPEED, X26X_CRF,
    X26X_PRESET,
};
use crate::graph::{AudioType, StreamType, VideoType};
use crate::output::{AudioCodec, Container, Encoder, TrackCodec, VideoCodec};
use crate::value::Args;

/// An encoder, with warnings about the quality it loses.
pub(super) struct ChosenEncoder {
    pub(super) encoder: Encoder,
    pub(super) warnings: Vec<String>,
}

/// The encoder of a codec for a stream, with the settings in `args`; `None` if one is video and the
/// other audio.
pub(super) fn encoder(
    codec: TrackCodec,
    args: &Args,
    container: &Container,
    ty: &StreamType,
) -> Option<ChosenEncoder> {
    match (codec, ty) {
        (TrackCodec::Video(codec), StreamType::Video(ty)) => Some(video(codec, args, container, ty)),
        (TrackCodec::Audio(codec), StreamType::Audio(ty)) => Some(audio(codec, args, ty)),
        _ => None,
    }
}

fn video(codec: VideoCodec, args: &Args, container: &Container, ty: &VideoType) -> ChosenEncoder {
    let mut options = Options::default();
    let mut warnings = Vec::new();
    let deep = ty.pixels.depth > 8;
    let bitrate = args.get(&VIDEO_BITRATE);
    let name = match codec {
        VideoCodec::H265 => {
            options.quality("crf", args.get(&X26X_CRF).unwrap_or(26), bitrate);
            options.set("preset", args.get(&X26X_PRESET).word());
            options.set("pix_fmt", if deep { "yuv420p10le" } else { "yuv420p" });
            options.set("x265-params", "log-level=error");
            if container.muxer.is_iso_media() {
                // QuickTime plays `hvc1` but not `hev1`, FFmpeg's default.
                options.set("tag", "hvc1");
            }
            "libx265"
        }
        VideoCodec::Vp9 => {
            options.quality("crf", args.get(&VP9_CRF).unwrap_or(31), bitrate);
            if bitrate.is_none() {
                // Constant quality needs this (FFmpeg wiki, "Encode/VP9").
                options.set("b", "0");
            }
            options.set("deadline", "good");
            options.set("cpu-used", args.get(&VP9_SPEED));
            options.set("row-mt", "1");
            options.set("pix_fmt", if ty.pixels.alpha { "yuva420p" } else { "yuv420p" });
            "libvpx-vp9"
        }
        VideoCodec::Mpeg4 => {
            options.quality("q", args.get(&MPEG4_QUALITY).unwrap_or(4), bitrate);
            options.set("pix_fmt", "yuv420p");
            "mpeg4"
        }
        VideoCodec::Gif => "gif",
        // The other codecs can only be copied.
        _ => {
            options.quality("crf", args.get(&X26X_CRF).unwrap_or(21), bitrate);
            options.set("preset", args.get(&X26X_PRESET).word());
            options.set("pix_fmt", "yuv420p");
            "libx264"
        }
    };
    if codec != VideoCodec::Gif {
        options.0.extend(ty.color_space.options());
    }
    if deep && !matches!(codec, VideoCodec::H265 | VideoCodec::Gif) && !ty.color_space.is_hdr() {
        warnings.push(format!(
            "the video has a bit depth of {}, but `{}` is encoded with 8 bits",
            ty.pixels.depth,
            codec.name()
        ));
    }
    ChosenEncoder {
        encoder: Encoder {
            name,
            options: options.0,
        },
        warnings,
    }
}

fn audio(codec: AudioCodec, args: &Args, ty: &AudioType) -> ChosenEncoder {
    let mut options = Options::default();
    let bitrate = args.get(&AUDIO_BITRATE);
    let per_channel = |bits: i64| bits * i64::from(ty.channels.max(1));
    let name = match codec {
        AudioCodec::Mp3 => {
            options.quality("q", args.get(&MP3_QUALITY).unwrap_or(2), bitrate);
            "libmp3lame"
        }
        AudioCodec::Opus => {
            options.set("b", bitrate.unwrap_or(per_channel(64_000)).to_string());
            "libopus"
        }
        AudioCodec::Vorbis => {
            options.quality("q", 5, bitrate);
            "libvorbis"
        }
        AudioCodec::Flac => "flac",
        AudioCodec::Pcm => match args.get(&PCM_BITS) {
            24 => "pcm_s24le",
            32 => "pcm_s32le",
            _ => "pcm_s16le",
        },
        // The other codecs can only be copied.
        _ => {
            options.set("b", bitrate.unwrap_or(per_channel(80_000)).to_string());
            "aac"
        }
    };
    ChosenEncoder {
        encoder: Encoder {
            name,
            options: options.0,
        },
        warnings: Vec::new(),
    }
}

/// The audio format nearest to `ty` that a codec supports.
pub(super) fn supported_audio(codec: AudioCodec, ty: &AudioType) -> AudioType {
    let nearest = |rates: &[u32]| {
        let above = rates.iter().copied().filter(|rate| *rate >= ty.sample_rate).min();
        above.or(rates.iter().copied().max()).unwrap_or(ty.sample_rate)
    };
    let sample_rate = match codec {
        // RFC 6716, section 2: Opus always plays at 48 kHz.
        AudioCodec::Opus => 48_000,
        AudioCodec::Mp3 => nearest(&[
            8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
        ]),
        AudioCodec::Aac => nearest(&[
            7_350, 8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200,
            96_000,
        ]),
        _ => ty.sample_rate,
    };
    let needs_downmix = codec == AudioCodec::Mp3 && ty.channels > 2;
    let (channels, layout) = if needs_downmix {
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

/// The encoder of a still image.
pub(super) fn still(container: &Container) -> Encoder {
    let mut options = Options::default();
    if container.video == [VideoCodec::Png] {
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

/// Encoder options under construction.
#[derive(Default)]
struct Options(Vec<(String, String)>);

impl Options {
    fn set(&mut self, name: &str, value: impl ToString) {
        self.0.push((name.to_owned(), value.to_string()));
    }

    /// Sets the bit rate if one is given, otherwise the quality option `name`.
    fn quality(&mut self, name: &str, quality: i64, bitrate: Option<i64>) {
        match bitrate {
            Some(bitrate) => self.set("b", bitrate),
            None => self.set(name, quality),
        }
    }
}
