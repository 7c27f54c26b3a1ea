//! Containers: their muxers, the codecs they support, and what they store of a track.

use super::codec::{AudioCodec, MediaKind, SubtitleCodec, TrackCodec, VideoCodec};

/// An FFmpeg muxer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Muxer {
    Mp4,
    /// QuickTime
    Mov,
    /// MPEG-4 audio files
    Ipod,
    Matroska,
    WebM,
    Avi,
    Gif,
    Mp3,
    /// AAC without a container (ISO/IEC 13818-7, 6.2)
    Adts,
    Wav,
    Flac,
    Ogg,
    Opus,
    /// One image per file
    Image2,
    MpegTs,
}

impl Muxer {
    /// FFmpeg's name of the muxer.
    pub fn name(self) -> &'static str {
        match self {
            Muxer::Mp4 => "mp4",
            Muxer::Mov => "mov",
            Muxer::Ipod => "ipod",
            Muxer::Matroska => "matroska",
            Muxer::WebM => "webm",
            Muxer::Avi => "avi",
            Muxer::Gif => "gif",
            Muxer::Mp3 => "mp3",
            Muxer::Adts => "adts",
            Muxer::Wav => "wav",
            Muxer::Flac => "flac",
            Muxer::Ogg => "ogg",
            Muxer::Opus => "opus",
            Muxer::Image2 => "image2",
            Muxer::MpegTs => "mpegts",
        }
    }

    /// Whether it writes ISO base media files (ISO/IEC 14496-12) or QuickTime files, whose tracks have edit lists,
    /// sample entries with a codec tag, a timescale of their own, and handler names.
    pub fn is_iso_media(self) -> bool {
        matches!(self, Muxer::Mp4 | Muxer::Mov | Muxer::Ipod)
    }
}

/// A container, as chosen by a file name extension.
#[derive(Debug, PartialEq, Eq)]
pub struct Container {
    /// The extension, without a dot.
    pub extension: &'static str,
    /// The muxer that writes it.
    pub muxer: Muxer,
    /// Video codecs it supports; the first is its default.
    pub video: &'static [VideoCodec],
    /// Audio codecs it supports; the first is its default.
    pub audio: &'static [AudioCodec],
    /// Subtitle codecs it supports; other text subtitles are converted to the first.
    pub subtitles: &'static [SubtitleCodec],
    /// Options of the muxer.
    pub options: &'static [(&'static str, &'static str)],
    /// Whether it holds one still image.
    pub still: bool,
    /// Whether it stores the display rotation, so that copied video is shown upright.
    pub keeps_rotation: bool,
    /// Whether it stores color tags of its own.
    pub tags_color: bool,
}

const FASTSTART: &[(&str, &str)] = &[("movflags", "+faststart")];

/// All containers that can be written. Their codecs are those that FFmpeg's muxers (libavformat) support, without those
/// that common players reject.
pub(crate) static CONTAINERS: &[Container] = {
    use AudioCodec::{Aac, Ac3, Alac, Dts, Eac3, Flac, Mp3, Opus, Pcm, Vorbis};
    use SubtitleCodec::{Ass, Dvd, MovText, Pgs, SubRip, WebVtt};
    use VideoCodec::{Av1, Ffv1, Gif, H264, H265, Mjpeg, Mpeg2, Mpeg4, Png, ProRes, Vp8, Vp9};
    &[
        Container {
            video: &[H264, H265, Vp9, Av1, Mpeg4],
            audio: &[Aac, Mp3, Opus, Ac3, Eac3],
            subtitles: &[MovText],
            options: FASTSTART,
            keeps_rotation: true,
            ..Container::new("mp4", Muxer::Mp4)
        },
        Container {
            video: &[H264, H265, Mpeg4, ProRes, Mjpeg],
            audio: &[Aac, Mp3, Pcm, Ac3, Eac3, Alac],
            subtitles: &[MovText],
            options: FASTSTART,
            keeps_rotation: true,
            ..Container::new("mov", Muxer::Mov)
        },
        Container {
            video: &[H264, H265, Vp9, Vp8, Av1, Mpeg4, Mpeg2, ProRes, Mjpeg, Ffv1],
            audio: &[Aac, Mp3, Opus, Vorbis, Flac, Pcm, Ac3, Eac3, Dts],
            subtitles: &[SubRip, Ass, WebVtt, Pgs, Dvd],
            ..Container::new("mkv", Muxer::Matroska)
        },
        Container {
            video: &[Vp9, Vp8, Av1],
            audio: &[Opus, Vorbis],
            subtitles: &[WebVtt],
            ..Container::new("webm", Muxer::WebM)
        },
        Container {
            video: &[Mpeg4, H264, Mjpeg],
            audio: &[Mp3, Pcm, Ac3],
            // Otherwise FFmpeg delays the video by a frame to make room for the audio's priming, and leaves a gap.
            options: &[("avoid_negative_ts", "disabled")],
            tags_color: false,
            ..Container::new("avi", Muxer::Avi)
        },
        Container {
            video: &[Gif],
            ..Container::new("gif", Muxer::Gif)
        },
        Container {
            audio: &[Mp3],
            ..Container::new("mp3", Muxer::Mp3)
        },
        Container {
            audio: &[Aac, Alac],
            options: FASTSTART,
            ..Container::new("m4a", Muxer::Ipod)
        },
        Container {
            audio: &[Aac],
            ..Container::new("aac", Muxer::Adts)
        },
        Container {
            audio: &[Pcm],
            ..Container::new("wav", Muxer::Wav)
        },
        Container {
            audio: &[Flac],
            ..Container::new("flac", Muxer::Flac)
        },
        Container {
            audio: &[Vorbis, Opus, Flac],
            ..Container::new("ogg", Muxer::Ogg)
        },
        Container {
            audio: &[Opus],
            ..Container::new("opus", Muxer::Opus)
        },
        Container {
            video: &[Png],
            still: true,
            ..Container::new("png", Muxer::Image2)
        },
        Container {
            video: &[Mjpeg],
            still: true,
            ..Container::new("jpg", Muxer::Image2)
        },
        Container {
            video: &[Mjpeg],
            still: true,
            ..Container::new("jpeg", Muxer::Image2)
        },
    ]
};

impl Container {
    /// A container that supports no codecs, to be completed by struct update.
    pub(crate) const fn new(extension: &'static str, muxer: Muxer) -> Container {
        Container {
            extension,
            muxer,
            video: &[],
            audio: &[],
            subtitles: &[],
            options: &[],
            still: false,
            keeps_rotation: false,
            tags_color: true,
        }
    }

    /// The container for a file name's extension.
    pub fn for_file_name(name: &str) -> Option<&'static Container> {
        let (stem, extension) = name.rsplit_once('.')?;
        if stem.is_empty() || stem.ends_with('/') {
            return None;
        }
        CONTAINERS
            .iter()
            .find(|container| container.extension.eq_ignore_ascii_case(extension))
    }

    /// The video or audio codecs it supports; the first is its default.
    pub fn codecs(&self, kind: MediaKind) -> Vec<TrackCodec> {
        match kind {
            MediaKind::Video => self.video.iter().copied().map(TrackCodec::Video).collect(),
            MediaKind::Audio => self.audio.iter().copied().map(TrackCodec::Audio).collect(),
        }
    }

    /// Whether it supports video packets of the codec that FFmpeg calls by this name.
    pub fn supports_video(&self, ffmpeg_name: &str) -> bool {
        VideoCodec::from_ffmpeg(ffmpeg_name).is_some_and(|codec| self.video.contains(&codec))
    }

    /// Whether it supports audio packets of the codec that FFmpeg calls by this name.
    pub fn supports_audio(&self, ffmpeg_name: &str) -> bool {
        AudioCodec::from_ffmpeg(ffmpeg_name).is_some_and(|codec| self.audio.contains(&codec))
    }

    /// Whether it supports subtitle packets of the codec that FFmpeg calls by this name.
    pub fn supports_subtitles(&self, ffmpeg_name: &str) -> bool {
        SubtitleCodec::from_ffmpeg(ffmpeg_name).is_some_and(|codec| self.subtitles.contains(&codec))
    }
}

#[cfg(test)]
mod tests {
    use super::{Container, Muxer};

    #[test]
    fn extensions_choose_containers() {
        let muxer = |name| Container::for_file_name(name).map(|container| container.muxer);
        assert_eq!(muxer("show.MP4"), Some(Muxer::Mp4));
        assert_eq!(muxer("a.b/c.mkv"), Some(Muxer::Matroska));
        assert_eq!(muxer(".mp4"), None);
        assert_eq!(muxer("folder/.mp4"), None);
        assert_eq!(muxer("show"), None);
    }

    #[test]
    fn containers_support_codecs_by_the_names_of_ffmpeg() {
        let mp4 = Container::for_file_name("a.mp4").unwrap();
        assert!(mp4.supports_video("hevc") && mp4.supports_video("h264") && !mp4.supports_video("vp8"));
        let wav = Container::for_file_name("a.wav").unwrap();
        assert!(
            wav.supports_audio("pcm_s24le") && !wav.supports_audio("pcm_s16be") && !wav.supports_audio("aac")
        );
    }
}
