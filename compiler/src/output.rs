//! What is to be made: an output's container, and how each of its tracks is encoded.

use vidc_dsl::Span;

use crate::facts::Keyframe;
use crate::graph::{NodeId, SubtitleTrack};
use crate::time::{Rational, Time, Window};

/// One file to make.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputSpec {
    /// Its name, relative to wherever outputs go.
    pub name: String,
    /// What holds its tracks.
    pub container: &'static Container,
    /// Its picture.
    pub video: Option<TrackSpec>,
    /// Its sound.
    pub audio: Option<TrackSpec>,
    /// Its subtitles beside the picture, each of which the container takes.
    pub subtitles: Vec<SubtitleTrack>,
    /// The title in its metadata.
    pub title: Option<String>,
    /// Of a stretch that is only looked at, when its clock begins.
    pub clock: Option<Time>,
    /// The statement that asks for it.
    pub origin: Span,
}

impl OutputSpec {
    /// How its picture is put together from parts, if it is.
    pub fn video_concat(&self) -> Option<&VideoConcat> {
        match &self.video.as_ref()?.encoding {
            Encoding::VideoConcat(join) => Some(join),
            _ => None,
        }
    }

    /// How its sound is put together from parts, if it is.
    pub fn audio_concat(&self) -> Option<&AudioConcat> {
        match &self.audio.as_ref()?.encoding {
            Encoding::AudioConcat(splice) => Some(splice),
            _ => None,
        }
    }

    /// Whether packets of different origin meet in it.
    pub fn is_joined(&self) -> bool {
        self.video_concat().is_some() || self.audio_concat().is_some()
    }

    /// The nodes it is made of.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.video.iter().chain(&self.audio).map(|track| track.node)
    }
}

/// One track.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackSpec {
    /// The stream it carries.
    pub node: NodeId,
    /// How it is written.
    pub encoding: Encoding,
}

/// How a track is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Encoding {
    /// Its packets are copied; the node is a whole source.
    Copy,
    /// It is encoded.
    Encode(Encoder),
    /// Packets are copied as far as the node is what a file holds and the container takes it, and the rest is encoded
    /// so.
    Auto(Encoder),
    /// Its first frame, as a still image.
    Frame(Encoder),
    /// Packets of files and newly encoded ones, one after the other; the node is what they show together.
    VideoConcat(VideoConcat),
    /// The same of sound.
    AudioConcat(AudioConcat),
}

/// A sound put together without decoding all of it.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioConcat {
    /// In order.
    pub parts: Vec<AudioSegment>,
    /// What writes those that are encoded.
    pub encoder: Encoder,
    /// How much of the first part is there only for decoding, and is hidden.
    pub early: Time,
    /// Samples a second, which every part's clock counts.
    pub rate: Rational,
}

impl AudioConcat {
    /// When one part ends and the next begins.
    pub fn seams(&self) -> Vec<Time> {
        seams(-self.early, self.parts.iter().map(|part| part.length))
    }
}

/// A part of a [`AudioConcat`].
#[derive(Clone, Debug, PartialEq)]
pub struct AudioSegment {
    /// How long it is, what is hidden included.
    pub length: Time,
    /// Where its packets come from.
    pub source: AudioSegmentSource,
}

/// Where a part's packets come from.
#[derive(Clone, Debug, PartialEq)]
pub enum AudioSegmentSource {
    /// Those packets of a file that begin in a window.
    Packets {
        /// The file's key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
        /// From a packet's beginning to another's; from the start it is also what the encoder put before it.
        window: Window,
    },
    /// An encoder, fed by a node.
    Encoded {
        /// What it is fed.
        node: NodeId,
        /// How much of what it makes is left out, because another part stands there; none if it begins the sound.
        skip: Option<Time>,
        /// Whether it ends the sound.
        last: bool,
    },
}

/// A picture put together without decoding all of it.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoConcat {
    /// In order.
    pub parts: Vec<VideoSegment>,
    /// What writes those that are encoded.
    pub encoder: Encoder,
    /// What all of them are coded in.
    pub codec: Codec,
    /// Ticks per second of every part's clock: packets are joined as they are, so that it must be the same.
    pub timescale: i64,
    /// Frames in a second.
    pub rate: Rational,
    /// How far a frame's time may be off: the grain of the coarsest clock of a file.
    pub pts_jitter: Time,
    /// Whether parts are decoded by parameter sets of their own, which must then go among the packets.
    pub in_band: bool,
}

impl VideoConcat {
    /// When one part ends and the next begins.
    pub fn seams(&self) -> Vec<Time> {
        seams(Time::ZERO, self.parts.iter().map(|part| part.length))
    }
}

/// The ends of all parts but the last.
fn seams(begin: Time, lengths: impl ExactSizeIterator<Item = Time>) -> Vec<Time> {
    let inner = lengths.len().saturating_sub(1);
    let ends = lengths.scan(begin, |end, length| {
        *end = *end + length;
        Some(*end)
    });
    ends.take(inner).collect()
}

/// A codec in which pictures are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// ITU-T H.264
    H264,
    /// ITU-T H.265
    Hevc,
    /// ISO/IEC 14496-2
    Mpeg4,
}

impl Codec {
    /// The codecs in which pictures are joined in a container. Only AVI takes MPEG-4 whose parts have headers of their own
    /// among the packets.
    pub fn joined_in(container: &Container) -> &'static [Codec] {
        match container.muxer {
            "mp4" | "mov" | "matroska" => &[Codec::H264, Codec::Hevc],
            "avi" => &[Codec::Mpeg4],
            _ => &[],
        }
    }

    /// FFmpeg's encoder.
    pub fn encoder(self) -> &'static str {
        match self {
            Codec::H264 => "libx264",
            Codec::Hevc => "libx265",
            Codec::Mpeg4 => "mpeg4",
        }
    }

    /// FFmpeg's muxer of files that hold a part.
    pub fn muxer(self) -> &'static str {
        match self {
            Codec::H264 | Codec::Hevc => "mp4",
            Codec::Mpeg4 => "avi",
        }
    }

    /// What MP4 and MOV call packets with parameter sets among them; none where their usual name will do.
    pub fn tag(self, in_band: bool) -> Option<&'static str> {
        match (self, in_band) {
            (Codec::H264, true) => Some("avc3"),
            (Codec::H264, false) => None,
            (Codec::Hevc, true) => Some("hev1"),
            (Codec::Hevc, false) => Some("hvc1"),
            (Codec::Mpeg4, _) => None,
        }
    }
}

/// A part of a [`VideoConcat`].
#[derive(Clone, Debug, PartialEq)]
pub struct VideoSegment {
    /// How long it is.
    pub length: Time,
    /// Where its packets come from.
    pub source: VideoSegmentSource,
}

/// Where a part's packets come from.
#[derive(Clone, Debug, PartialEq)]
pub enum VideoSegmentSource {
    /// A file, from a keyframe on, up to one that is decoded at some time, or to the end.
    Packets {
        /// The file's key in the facts.
        media: String,
        /// Index of the stream in its file.
        stream: u32,
        /// Where it begins.
        from: Keyframe,
        /// When what follows it is decoded; none is the end.
        until: Option<Time>,
        /// How many there are.
        frames: i64,
        /// Whether they are joined where they lie; otherwise a file of their own is made of them first.
        as_is: bool,
    },
    /// An encoder, fed by a node.
    Encoded(NodeId),
}

/// An FFmpeg encoder with its options.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoder {
    /// FFmpeg's name, such as `libx264`.
    pub name: &'static str,
    /// Options, each `-name:TRACK value`.
    pub options: Vec<(String, String)>,
}

/// What a file's extension says of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Container {
    /// The extension.
    pub extension: &'static str,
    /// FFmpeg's muxer.
    pub muxer: &'static str,
    /// The pictures it takes, by variant or codec name; the first is its usual one.
    pub video: &'static [&'static str],
    /// The sounds it takes, likewise.
    pub audio: &'static [&'static str],
    /// The subtitles it takes by codec name; text is converted to the first.
    pub subtitles: &'static [&'static str],
    /// Options of the whole file.
    pub options: &'static [(&'static str, &'static str)],
    /// Whether it holds one still picture.
    pub still: bool,
    /// Whether it says how a picture is to be turned, so that a copy of a turned one is shown upright.
    pub keeps_rotation: bool,
    /// Whether it says itself which colors its pictures have.
    pub tags_color: bool,
}

const FASTSTART: &[(&str, &str)] = &[("movflags", "+faststart")];

/// Every container that can be written. Which codecs each takes follows FFmpeg's muxers (libavformat), less what
/// common players refuse.
pub(crate) static CONTAINERS: &[Container] = &[
    Container {
        extension: "mp4",
        muxer: "mp4",
        video: &["h264", "h265", "vp9", "av1", "mpeg4"],
        audio: &["aac", "mp3", "opus", "ac3", "eac3"],
        subtitles: &["mov_text"],
        options: FASTSTART,
        keeps_rotation: true,
        ..Container::BASE
    },
    Container {
        extension: "mov",
        muxer: "mov",
        video: &["h264", "h265", "mpeg4", "prores", "mjpeg"],
        audio: &["aac", "mp3", "pcm", "ac3", "eac3", "alac"],
        subtitles: &["mov_text"],
        options: FASTSTART,
        keeps_rotation: true,
        ..Container::BASE
    },
    Container {
        extension: "mkv",
        muxer: "matroska",
        video: &[
            "h264",
            "h265",
            "vp9",
            "vp8",
            "av1",
            "mpeg4",
            "mpeg2video",
            "prores",
            "mjpeg",
            "ffv1",
        ],
        audio: &[
            "aac", "mp3", "opus", "vorbis", "flac", "pcm", "ac3", "eac3", "dts",
        ],
        subtitles: &["subrip", "ass", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle"],
        ..Container::BASE
    },
    Container {
        extension: "webm",
        muxer: "webm",
        video: &["vp9", "vp8", "av1"],
        audio: &["opus", "vorbis"],
        subtitles: &["webvtt"],
        ..Container::BASE
    },
    Container {
        extension: "avi",
        muxer: "avi",
        video: &["mpeg4", "h264", "mjpeg"],
        audio: &["mp3", "pcm", "ac3"],
        // Else the picture is moved by a frame to make room for the sound's priming, and a gap is left.
        options: &[("avoid_negative_ts", "disabled")],
        tags_color: false,
        ..Container::BASE
    },
    Container {
        extension: "gif",
        muxer: "gif",
        video: &["gif"],
        ..Container::BASE
    },
    Container {
        extension: "mp3",
        muxer: "mp3",
        audio: &["mp3"],
        ..Container::BASE
    },
    Container {
        extension: "m4a",
        muxer: "ipod",
        audio: &["aac", "alac"],
        options: FASTSTART,
        ..Container::BASE
    },
    Container {
        extension: "aac",
        muxer: "adts",
        audio: &["aac"],
        ..Container::BASE
    },
    Container {
        extension: "wav",
        muxer: "wav",
        audio: &["pcm"],
        ..Container::BASE
    },
    Container {
        extension: "flac",
        muxer: "flac",
        audio: &["flac"],
        ..Container::BASE
    },
    Container {
        extension: "ogg",
        muxer: "ogg",
        audio: &["vorbis", "opus", "flac"],
        ..Container::BASE
    },
    Container {
        extension: "opus",
        muxer: "opus",
        audio: &["opus"],
        ..Container::BASE
    },
    Container {
        extension: "png",
        muxer: "image2",
        video: &["png"],
        still: true,
        ..Container::BASE
    },
    Container {
        extension: "jpg",
        muxer: "image2",
        video: &["jpeg"],
        still: true,
        ..Container::BASE
    },
    Container {
        extension: "jpeg",
        muxer: "image2",
        video: &["jpeg"],
        still: true,
        ..Container::BASE
    },
];

impl Container {
    /// One that takes nothing; the others say what they do.
    pub(crate) const BASE: Container = Container {
        extension: "",
        muxer: "",
        video: &[],
        audio: &[],
        subtitles: &[],
        options: &[],
        still: false,
        keeps_rotation: false,
        tags_color: true,
    };

    /// The container that a file name's extension asks for.
    pub fn for_file_name(name: &str) -> Option<&'static Container> {
        let (stem, extension) = name.rsplit_once('.')?;
        if stem.is_empty() || stem.ends_with('/') {
            return None;
        }
        CONTAINERS
            .iter()
            .find(|container| container.extension.eq_ignore_ascii_case(extension))
    }

    /// Whether packets of a codec, by FFmpeg's name, may be put into it.
    pub fn takes_video(&self, codec: &str) -> bool {
        self.video.contains(&family(codec))
    }

    /// Whether packets of a codec, by FFmpeg's name, may be put into it.
    pub fn takes_audio(&self, codec: &str) -> bool {
        // Old MPEG-4 files hold PCM in byte orders that other containers do not know.
        let codec = if codec.starts_with("pcm_") && !codec.ends_with("le") {
            codec
        } else {
            family(codec)
        };
        self.audio.contains(&codec)
    }
}

/// What recipes call a codec that FFmpeg calls otherwise.
fn family(codec: &str) -> &str {
    match codec {
        "hevc" => "h265",
        codec if codec.starts_with("pcm_") => "pcm",
        codec => codec,
    }
}

#[cfg(test)]
mod tests {
    use super::Container;

    #[test]
    fn extensions_choose_containers() {
        let muxer = |name| Container::for_file_name(name).map(|container| container.muxer);
        assert_eq!(muxer("show.MP4"), Some("mp4"));
        assert_eq!(muxer("a.b/c.mkv"), Some("matroska"));
        assert_eq!(muxer(".mp4"), None);
        assert_eq!(muxer("folder/.mp4"), None);
        assert_eq!(muxer("show"), None);
    }

    #[test]
    fn copying_knows_codecs_by_both_names() {
        let mp4 = Container::for_file_name("a.mp4").unwrap();
        assert!(mp4.takes_video("hevc") && mp4.takes_video("h264") && !mp4.takes_video("vp8"));
        let wav = Container::for_file_name("a.wav").unwrap();
        assert!(wav.takes_audio("pcm_s24le") && !wav.takes_audio("pcm_s16be") && !wav.takes_audio("aac"));
    }
}
