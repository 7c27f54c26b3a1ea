//! Where the packets of a stream can be cut: keyframes that need nothing earlier, and packets after which nothing is
//! missing.

use vidc_compiler::facts::{End, Keyframe};
use vidc_compiler::time::{Rational, Time};

use super::idr::IdrFrames;
use super::report::Packet;

/// Fills in DTS that are missing at the beginning, where FFmpeg's Matroska demuxer has read too few frames to derive
/// them. They are extrapolated with the interval of the first two known ones.
pub(super) fn fill_leading_dts(mut packets: Vec<Packet>) -> Vec<Packet> {
    let known = packets.iter().position(|packet| packet.dts.is_some());
    let Some(first) = known.filter(|first| *first > 0) else {
        return packets;
    };
    if let (Some(dts), Some(next)) = (
        packets[first].dts,
        packets.get(first + 1).and_then(|packet| packet.dts),
    ) {
        let (leading, _) = packets.split_at_mut(first);
        for (packet, steps) in leading.iter_mut().rev().zip(1..) {
            packet.dts = Some(dts - steps * (next - dts));
        }
    }
    packets
}

/// The packets before which a stream can end so that all frames up to there are complete, the last first.
pub(super) fn ends(packets: &[Packet], time_base: Rational, start: Time) -> impl Iterator<Item = End> {
    let time = move |ticks: i64| Time::new(time_base) * ticks - start;
    // The latest PTS before each packet.
    let latest = packets.iter().scan(i64::MIN, |latest, packet| {
        let before = *latest;
        *latest = before.max(packet.pts.unwrap_or(i64::MAX));
        Some(before)
    });
    let latest: Vec<i64> = latest.collect();
    let from_last = packets.iter().zip(latest).rev();
    let mut earliest = i64::MAX;
    from_last.filter_map(move |(packet, latest)| {
        earliest = earliest.min(packet.pts.unwrap_or(i64::MIN));
        // Nothing is known about the packets before the first one, except that a keyframe does not need them.
        let is_end = match latest {
            i64::MIN => packet.is_keyframe() && packet.pts == Some(earliest),
            latest => latest < earliest,
        };
        is_end.then(|| End {
            pts: time(earliest),
            dts: time(packet.dts.unwrap_or(earliest)),
        })
    })
}

/// The keyframes, in decoding order, at which a stream can begin: IDR frames that begin a closed GOP.
pub(super) fn closed_gop_keyframes(
    packets: &[Packet],
    time_base: Rational,
    start: Time,
    idr_frames: &IdrFrames,
) -> Vec<Keyframe> {
    let time = |ticks: i64| Time::new(time_base) * ticks - start;
    let mut earliest = i64::MAX;
    let mut found = Vec::new();
    for packet in packets.iter().rev() {
        let (Some(pts), Some(dts)) = (packet.pts, packet.dts) else {
            // Without both times, frames cannot be ordered.
            return Vec::new();
        };
        if packet.is_keyframe() && pts < earliest && idr_frames.contains(pts) {
            found.push(Keyframe {
                pts: time(pts),
                dts: time(dts),
            });
        }
        earliest = earliest.min(pts);
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyframes_of_open_gops_are_skipped() {
        // The frame with PTS 5 is decoded after the keyframe with PTS 6, whose GOP is open.
        let packets = [
            (0, -1, true),
            (1, 0, false),
            (6, 3, true),
            (5, 4, false),
            (8, 7, true),
        ]
        .map(|(pts, dts, keyframe)| Packet::new(pts, dts, keyframe));
        let found = closed_gop_keyframes(&packets, Rational::ONE, Time::ZERO, &IdrFrames::AllKeyframes);
        let pts: Vec<Time> = found.iter().map(|keyframe| keyframe.pts).collect();
        assert_eq!(pts, [Time::ZERO, Time::seconds(8)]);
        assert_eq!(found[0].dts, Time::seconds(-1));
    }

    #[test]
    fn a_stream_can_end_where_no_earlier_frame_is_missing() {
        // I0 P3 B1 B2 P6 B4 B5, and an open GOP: I9 B7 B8.
        let pts = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12];
        let packets: Vec<Packet> = pts
            .iter()
            .zip(-1..)
            .map(|(pts, dts)| Packet::new(*pts, dts, pts % 9 == 0))
            .collect();
        let found: Vec<(Time, Time)> = ends(&packets, Rational::ONE, Time::ZERO)
            .map(|end| (end.pts, end.dts))
            .collect();
        let seconds = [(12, 9), (7, 6), (4, 3), (1, 0), (0, -1)];
        assert_eq!(
            found,
            seconds.map(|(pts, dts)| (Time::seconds(pts), Time::seconds(dts)))
        );
    }
}
