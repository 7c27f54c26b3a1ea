//! The check whether a track can be stream-copied into a container.

use super::{Graph, NodeId, NodeKind, StreamType};
use crate::aac;
use crate::facts::{AudioFacts, Facts, StreamFacts, VideoFacts};
use crate::output::Container;
use crate::time::{Rational, Time};

/// The reason why a track cannot be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyObstacle {
    /// It is not a whole stream of a file.
    Changed,
    /// The container does not support its codec, given by FFmpeg's name.
    Codec(String),
    /// The container cannot store its rotation, in degrees clockwise, or its mirroring.
    Rotated(u16),
    /// An edit list trims its start (ISO/IEC 14496-12, 8.6.6), and the container has none.
    TrimmedStart,
    /// An edit list trims its end, which a copy would bring back.
    TrimmedEnd,
}

/// More priming samples than any encoder inserts: HE-AAC inserts twice as many as AAC-LC.
const MAX_PRIMING: i64 = 2 * aac::MAX_PRIMING;

impl Graph {
    /// Checks that a node is a whole stream of a file, and that the container can hold its packets.
    ///
    /// # Errors
    /// The first obstacle found.
    pub fn check_copy(&self, id: NodeId, container: &Container, facts: &Facts) -> Result<(), CopyObstacle> {
        let node = self.node(id);
        let (NodeKind::Source { media, stream, .. }, Some(codec)) =
            (&node.kind, self.source_codec(id, facts))
        else {
            return Err(CopyObstacle::Changed);
        };
        let is_supported = match node.ty {
            StreamType::Video(_) => container.supports_video(codec),
            StreamType::Audio(_) => container.supports_audio(codec),
        };
        if !is_supported {
            return Err(CopyObstacle::Codec(codec.to_owned()));
        }
        let media = facts.media.get(media).and_then(|media| media.as_ref().ok());
        let stream = media.and_then(|media| media.stream(*stream));
        let has_edit_lists = container.muxer.is_iso_media();
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
            Some(StreamFacts::Video(video)) if video.edit_list_trims_start && !has_edit_lists => {
                Err(CopyObstacle::TrimmedStart)
            }
            Some(StreamFacts::Audio(audio)) if trims_more_than_priming(audio) && !has_edit_lists => {
                Err(CopyObstacle::TrimmedStart)
            }
            _ => Ok(()),
        }
    }
}

/// Whether an edit list trims more of the start than the encoder's priming samples.
fn trims_more_than_priming(audio: &AudioFacts) -> bool {
    let rate = Rational::from_integer(i64::from(audio.sample_rate));
    let first = audio.first_packet.unwrap_or(Time::ZERO);
    first + Time::from_frames(MAX_PRIMING, rate) < Time::ZERO
}
