//! Properties of a media file's timestamps that decide how it is read.

use std::collections::HashSet;

use crate::facts::{Facts, GopKind, Media, Stream};
use crate::graph::{Graph, NodeKind, StreamType, VideoType};
use crate::time::{Rational, Time, Window};

/// How much of a file is read before a window of its audio: MP3 borrows bits from earlier packets, AAC overlaps with the
/// previous one, and Opus needs 80 ms (RFC 7845, section 4.6).
pub(super) const AUDIO_PREROLL: Time = Time::new(Rational::new_raw(1, 5));

/// The most frames that a decoder holds back for reordering (ITU-T H.264, A.3.1).
const MAX_REORDERED_FRAMES: i64 = 16;
/// The least delay assumed for reordering.
const MIN_REORDERING_DELAY: Time = Time::new(Rational::new_raw(1, 1));

/// The windows of audio whose codec decodes each packet from earlier ones.
pub(super) fn preroll_windows(graph: &Graph, facts: &Facts) -> HashSet<(String, Window)> {
    let mut windows = HashSet::new();
    for (_, node) in graph.iter() {
        let (
            NodeKind::Source {
                media,
                stream,
                window,
                ..
            },
            StreamType::Audio(_),
        ) = (&node.kind, &node.ty)
        else {
            continue;
        };
        let file = facts.media.get(media).and_then(|media| media.as_ref().ok());
        let stream = file.and_then(|file| file.stream(*stream));
        let lossless =
            stream.is_some_and(|s| s.codec.starts_with("pcm_") || matches!(&*s.codec, "flac" | "alac"));
        if window.start.is_positive() && !lossless {
            windows.insert((media.clone(), *window));
        }
    }
    windows
}

/// How much earlier than its PTS a keyframe of a file may be decoded, where that decides which frames a seek finds.
///
/// FFmpeg seeks in MP4 by DTS. A seek into VFR video must also find the frame shown before the target; and leading frames of
/// an open GOP are lost, as are frames before a keyframe whose DTS equals its PTS by an edit list.
pub(super) fn reordering_delay(media: &Media, is_vfr: bool) -> Time {
    let Some((stream, video)) = media.video().filter(|(stream, _)| !stream.is_in_order()) else {
        return Time::ZERO;
    };
    let loses_frames =
        (video.gop != GopKind::Closed || video.nonzero_first_pts) && media.format.contains("mp4");
    if !is_vfr && !loses_frames {
        return Time::ZERO;
    }
    let count = video.frames.and_then(|count| i64::try_from(count).ok());
    let delay = match (stream.duration.or(media.duration), count) {
        (Some(duration), Some(count)) if count > 0 => {
            duration.scale(Rational::new(MAX_REORDERED_FRAMES, count))
        }
        _ => Time::from_frames(MAX_REORDERED_FRAMES, video.frame_rate),
    };
    delay.max(MIN_REORDERING_DELAY)
}

/// Whether a stream begins between ticks of its file's clock, or not a whole number of frames after the file.
pub(super) fn is_off_frame_grid(media: &Media, stream: &Stream, ty: &VideoType) -> bool {
    let delay = stream.start - media.start;
    let ticks = stream.time_base.map(|base| (base * ty.frame_rate).recip());
    delay.round_to(ty.frame_rate) != delay || ticks.is_some_and(|ticks| !ticks.is_integer())
}

/// Whether FFmpeg derives a stream's PTS from when decoders return its frames, which is later than they are shown: AVI
/// stores only the order of decoding.
pub(super) fn has_late_pts(media: &Media, stream: &Stream) -> bool {
    media.format == "avi" && !stream.is_in_order()
}
