//! Whether a track's packets can go into a container as they are.

use super::{Graph, NodeId, NodeKind, StreamType};
use crate::aac;
use crate::facts::{AudioFacts, Facts, StreamFacts, VideoFacts};
use crate::output::Container;
use crate::time::{Rational, Time};

/// Why a track cannot be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyObstacle {
    /// It is not a whole stream of a file.
    Changed,
    /// The container does not take its codec; FFmpeg's name of that.
    Codec(String),
    /// The container does not keep that the picture is to be turned, so many degrees clockwise, or mirrored.
    Rotated(u16),
    /// The container does not keep that the beginning of the track is hidden (ISO/IEC 14496-12, 8.6.6).
    TrimmedStart,
    /// The end of the track is hidden, and would come back.
    TrimmedEnd,
}

/// More samples than any encoder puts before a sound: HE-AAC twice as many as AAC-LC.
const PRIMING: i64 = 2 * aac::PRIMING;

impl Graph {
    /// Whether a node is a whole stream of a file that a container takes as it is.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check_copy(&self, id: NodeId, container: &Container, facts: &Facts) -> Result<(), CopyObstacle> {
        let node = self.node(id);
        let (NodeKind::Source { media, stream, .. }, Some(codec)) =
            (&node.kind, self.source_codec(id, facts))
        else {
            return Err(CopyObstacle::Changed);
        };
        let takes = match node.ty {
            StreamType::Video(_) => container.supports_video(codec),
            StreamType::Audio(_) => container.supports_audio(codec),
        };
        if !takes {
            return Err(CopyObstacle::Codec(codec.to_owned()));
        }
        let known = facts.media.get(media).and_then(|media| media.as_ref().ok());
        let stream = known.and_then(|media| media.stream(*stream));
        match stream.map(|stream| &stream.facts) {
            Some(StreamFacts::Video(video)) if !video.is_upright() && !container.keeps_rotation => {
                Err(CopyObstacle::Rotated(video.rotation))
            }
            Some(
                StreamFacts::Video(VideoFacts {
                    edit_list_trims_end: true,
                    ..
                })
                | StreamFacts::Audio(AudioFacts {
                    edit_list_trims_end: true,
                    ..
                }),
            ) => Err(CopyObstacle::TrimmedEnd),
            Some(StreamFacts::Video(video))
                if video.edit_list_trims_start && !supports_edit_lists(container) =>
            {
                Err(CopyObstacle::TrimmedStart)
            }
            Some(StreamFacts::Audio(audio))
                if trims_more_than_priming(audio) && !supports_edit_lists(container) =>
            {
                Err(CopyObstacle::TrimmedStart)
            }
            _ => Ok(()),
        }
    }
}

/// Whether a container says what of its tracks is hidden.
fn supports_edit_lists(container: &Container) -> bool {
    container.muxer.is_iso_media()
}

/// Whether more of a sound is hidden than what its encoder put there.
fn trims_more_than_priming(audio: &AudioFacts) -> bool {
    let rate = Rational::from_integer(i64::from(audio.sample_rate));
    let first = audio.first_packet.unwrap_or(Time::ZERO);
    first + Time::from_frames(PRIMING, rate) < Time::ZERO
}
