//! Video, audio and subtitle codecs, and the mapping from FFmpeg's names to them.

/// Whether a track is video or audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    Video,
    Audio,
}

impl MediaKind {
    /// The kind's name in messages.
    pub fn name(self) -> &'static str {
        match self {
            MediaKind::Video => "video",
            MediaKind::Audio => "audio",
        }
    }
}

/// The codec of a video or audio track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackCodec {
    Video(VideoCodec),
    Audio(AudioCodec),
}

impl TrackCodec {
    /// The codec that a recipe calls by this name.
    pub fn from_name(kind: MediaKind, name: &str) -> Option<TrackCodec> {
        match kind {
            MediaKind::Video => {
                let codec = VideoCodec::ALL.iter().find(|codec| codec.name() == name)?;
                Some(TrackCodec::Video(*codec))
            }
            MediaKind::Audio => {
                let codec = AudioCodec::ALL.iter().find(|codec| codec.name() == name)?;
                Some(TrackCodec::Audio(*codec))
            }
        }
    }

    /// The codec's name in recipes and messages.
    pub fn name(self) -> &'static str {
        match self {
            TrackCodec::Video(codec) => codec.name(),
            TrackCodec::Audio(codec) => codec.name(),
        }
    }
}

/// A video codec that can be written. Some can only be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VideoCodec {
    /// ITU-T H.264
    H264,
    /// ITU-T H.265
    H265,
    Vp8,
    Vp9,
    Av1,
    /// MPEG-4 Visual (ISO/IEC 14496-2)
    Mpeg4,
    /// MPEG-2 video (ITU-T H.262)
    Mpeg2,
    ProRes,
    /// JPEG, as a still image or as video
    Mjpeg,
    Ffv1,
    Gif,
    Png,
}

impl VideoCodec {
    const ALL: &[VideoCodec] = &[
        VideoCodec::H264,
        VideoCodec::H265,
        VideoCodec::Vp8,
        VideoCodec::Vp9,
        VideoCodec::Av1,
        VideoCodec::Mpeg4,
        VideoCodec::Mpeg2,
        VideoCodec::ProRes,
        VideoCodec::Mjpeg,
        VideoCodec::Ffv1,
        VideoCodec::Gif,
        VideoCodec::Png,
    ];

    /// The codec that FFmpeg calls by this name (`codec_name` of ffprobe).
    pub fn from_ffmpeg(name: &str) -> Option<VideoCodec> {
        if name == "hevc" {
            return Some(VideoCodec::H265);
        }
        VideoCodec::ALL
            .iter()
            .copied()
            .find(|codec| codec.name() == name && *codec != VideoCodec::H265)
    }

    /// The codec's name in recipes and messages.
    pub fn name(self) -> &'static str {
        match self {
            VideoCodec::H264 => "h264",
            VideoCodec::H265 => "h265",
            VideoCodec::Vp8 => "vp8",
            VideoCodec::Vp9 => "vp9",
            VideoCodec::Av1 => "av1",
            VideoCodec::Mpeg4 => "mpeg4",
            VideoCodec::Mpeg2 => "mpeg2video",
            VideoCodec::ProRes => "prores",
            VideoCodec::Mjpeg => "mjpeg",
            VideoCodec::Ffv1 => "ffv1",
            VideoCodec::Gif => "gif",
            VideoCodec::Png => "png",
        }
    }
}

/// An audio codec that can be written. Some can only be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioCodec {
    Aac,
    Mp3,
    Opus,
    Vorbis,
    Flac,
    /// PCM with little-endian samples
    Pcm,
    Ac3,
    Eac3,
    Alac,
    Dts,
}

impl AudioCodec {
    const ALL: &[AudioCodec] = &[
        AudioCodec::Aac,
        AudioCodec::Mp3,
        AudioCodec::Opus,
        AudioCodec::Vorbis,
        AudioCodec::Flac,
        AudioCodec::Pcm,
        AudioCodec::Ac3,
        AudioCodec::Eac3,
        AudioCodec::Alac,
        AudioCodec::Dts,
    ];

    /// The codec that FFmpeg calls by this name (`codec_name` of ffprobe).
    pub fn from_ffmpeg(name: &str) -> Option<AudioCodec> {
        if name.starts_with("pcm_") {
            // Old QuickTime files hold PCM in byte orders that other containers do not support.
            return name.ends_with("le").then_some(AudioCodec::Pcm);
        }
        AudioCodec::ALL
            .iter()
            .copied()
            .find(|codec| codec.name() == name && *codec != AudioCodec::Pcm)
    }

    /// The codec's name in recipes and messages.
    pub fn name(self) -> &'static str {
        match self {
            AudioCodec::Aac => "aac",
            AudioCodec::Mp3 => "mp3",
            AudioCodec::Opus => "opus",
            AudioCodec::Vorbis => "vorbis",
            AudioCodec::Flac => "flac",
            AudioCodec::Pcm => "pcm",
            AudioCodec::Ac3 => "ac3",
            AudioCodec::Eac3 => "eac3",
            AudioCodec::Alac => "alac",
            AudioCodec::Dts => "dts",
        }
    }
}

/// A subtitle codec that some container supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubtitleCodec {
    /// MPEG-4 timed text (3GPP TS 26.245)
    MovText,
    SubRip,
    Ass,
    WebVtt,
    /// Bitmaps of Blu-ray discs
    Pgs,
    /// Bitmaps of DVDs
    Dvd,
}

impl SubtitleCodec {
    const ALL: &[SubtitleCodec] = &[
        SubtitleCodec::MovText,
        SubtitleCodec::SubRip,
        SubtitleCodec::Ass,
        SubtitleCodec::WebVtt,
        SubtitleCodec::Pgs,
        SubtitleCodec::Dvd,
    ];

    /// The codec that FFmpeg calls by this name.
    pub fn from_ffmpeg(name: &str) -> Option<SubtitleCodec> {
        SubtitleCodec::ALL
            .iter()
            .copied()
            .find(|codec| codec.ffmpeg_name() == name)
    }

    /// FFmpeg's name of the codec, and of its encoder.
    pub fn ffmpeg_name(self) -> &'static str {
        match self {
            SubtitleCodec::MovText => "mov_text",
            SubtitleCodec::SubRip => "subrip",
            SubtitleCodec::Ass => "ass",
            SubtitleCodec::WebVtt => "webvtt",
            SubtitleCodec::Pgs => "hdmv_pgs_subtitle",
            SubtitleCodec::Dvd => "dvd_subtitle",
        }
    }

    /// Whether the codec that FFmpeg calls by this name is text, which can be converted to any other text codec.
    pub fn is_text(ffmpeg_name: &str) -> bool {
        match SubtitleCodec::from_ffmpeg(ffmpeg_name) {
            Some(codec) => !matches!(codec, SubtitleCodec::Pgs | SubtitleCodec::Dvd),
            None => matches!(ffmpeg_name, "srt" | "ssa" | "text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codecs_are_found_by_the_names_of_ffmpeg() {
        assert_eq!(VideoCodec::from_ffmpeg("hevc"), Some(VideoCodec::H265));
        assert_eq!(VideoCodec::from_ffmpeg("h265"), None);
        assert_eq!(AudioCodec::from_ffmpeg("pcm_s24le"), Some(AudioCodec::Pcm));
        assert_eq!(AudioCodec::from_ffmpeg("pcm_s16be"), None);
        assert_eq!(AudioCodec::from_ffmpeg("pcm"), None);
        for codec in SubtitleCodec::ALL {
            assert_eq!(SubtitleCodec::from_ffmpeg(codec.ffmpeg_name()), Some(*codec));
        }
        assert!(SubtitleCodec::is_text("ssa") && !SubtitleCodec::is_text("dvd_subtitle"));
    }

    #[test]
    fn codecs_are_found_by_their_names_in_recipes() {
        for codec in VideoCodec::ALL {
            let found = TrackCodec::from_name(MediaKind::Video, codec.name());
            assert_eq!(found, Some(TrackCodec::Video(*codec)));
        }
        for codec in AudioCodec::ALL {
            let found = TrackCodec::from_name(MediaKind::Audio, codec.name());
            assert_eq!(found, Some(TrackCodec::Audio(*codec)));
        }
    }
}
