//! The keyframes next to a time.

use std::path::Path;

use vidc_compiler::facts::{CutPoints, End, Keyframe, Media};
use vidc_compiler::time::{Rational, Time};

use super::Alias;
use super::reading::Reading;
use super::refreshes::Refreshes;
use super::report::Packet;
use crate::ffmpeg::Tools;
use crate::probe_cache::{ProbeCache, told_by};

/// How far behind a time a keyframe is looked for where packets have to be read; encoders put one at least every ten
/// seconds or so.
const REACH: Time = Time::new(Rational::new_raw(15, 1));

/// Looks for the keyframes next to a time of a file's picture, or recalls them. What cannot be read has none.
pub async fn keyframes(tools: &Tools, cache: &ProbeCache, media: &Media, at: Time) -> CutPoints {
    let key = told_by(&tools.ffprobe, &format!("{} {}", media.hash, at.as_rational()));
    if let Some(known) = cache.get("keyframes", &key) {
        return known;
    }
    let Some(found) = look(tools, media, at).await else {
        return CutPoints::default();
    };
    cache.put("keyframes", &key, &found);
    found
}

async fn look(tools: &Tools, media: &Media, at: Time) -> Option<CutPoints> {
    let alias = Alias::of(Path::new(&media.path)).ok()?;
    around(&Reading::of(tools, alias.path()).await, media, at).await
}

/// The keyframes next to a time of a file's picture, by some way of reading it. Where packets have to be read, only so
/// far behind it.
pub(super) async fn around(reading: &Reading<'_>, media: &Media, at: Time) -> Option<CutPoints> {
    let (stream, _) = media.video()?;
    let from = at + media.start;
    let (packets, refreshes) = tokio::join!(
        reading.packets(Some(stream.index), Some((from, Some(REACH)))),
        reading.refreshes((stream.index, &stream.codec), (Some(from), REACH)),
    );
    let packets = timed(packets.ok()?);
    let base = stream.time_base?;
    let closed = closed(&packets, base, media.start, &refreshes.ok()?);
    let after = closed.into_iter().find(|keyframe| keyframe.pts >= at);
    let end = ends(&packets, base, media.start).find(|end| end.pts <= at);
    Some(CutPoints { end, after })
}

/// The packets with the times of decoding that are missing at their beginning, where a reader of Matroska has seen too
/// few frames to tell: one every so often, as behind it.
pub(super) fn timed(mut packets: Vec<Packet>) -> Vec<Packet> {
    let known = packets.iter().position(|packet| packet.dts.is_some());
    let Some(first) = known.filter(|first| *first > 0) else {
        return packets;
    };
    if let (Some(from), Some(next)) = (
        packets[first].dts,
        packets.get(first + 1).and_then(|packet| packet.dts),
    ) {
        let (early, _) = packets.split_at_mut(first);
        for (packet, steps) in early.iter_mut().rev().zip(1..) {
            packet.dts = Some(from - steps * (next - from));
        }
    }
    packets
}

/// Where packets can end, the last first.
fn ends(packets: &[Packet], base: Rational, start: Time) -> impl Iterator<Item = End> {
    let time = move |ticks: i64| Time::new(base) * ticks - start;
    // The latest time shown so far, before each packet.
    let latest = packets.iter().scan(i64::MIN, |latest, packet| {
        let before = *latest;
        *latest = before.max(packet.pts.unwrap_or(i64::MAX));
        Some(before)
    });
    let latest: Vec<i64> = latest.collect();
    let behind = packets.iter().zip(latest).rev();
    let mut earliest = i64::MAX;
    behind.filter_map(move |(packet, latest)| {
        earliest = earliest.min(packet.pts.unwrap_or(i64::MIN));
        // Of what is before the first packet nothing is known, but that a keyframe needs none of it.
        let is_end = match latest {
            i64::MIN => packet.is_key() && packet.pts == Some(earliest),
            latest => latest < earliest,
        };
        is_end.then(|| End {
            pts: time(earliest),
            dts: time(packet.dts.unwrap_or(earliest)),
        })
    })
}

/// The keyframes among packets, in the order of decoding, at which packets can be cut: that are refreshes, and behind which
/// nothing is shown before them.
pub(super) fn closed(
    packets: &[Packet],
    base: Rational,
    start: Time,
    refreshes: &Refreshes,
) -> Vec<Keyframe> {
    let time = |ticks: i64| Time::new(base) * ticks - start;
    let mut earliest = i64::MAX;
    let mut found = Vec::new();
    for packet in packets.iter().rev() {
        let (Some(pts), Some(dts)) = (packet.pts, packet.dts) else {
            // Without both times there is no saying what is decoded before what is shown.
            return Vec::new();
        };
        if packet.is_key() && pts < earliest && refreshes.contains(pts) {
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

    fn packets(of: &[(i64, i64, bool)]) -> Vec<Packet> {
        of.iter()
            .map(|(pts, dts, key)| Packet::new(*pts, *dts, *key))
            .collect()
    }

    #[test]
    fn open_groups_are_passed_over() {
        // The frame shown at 5 is decoded after the keyframe shown at 6: its group is open.
        let packets = packets(&[
            (0, -1, true),
            (1, 0, false),
            (6, 3, true),
            (5, 4, false),
            (8, 7, true),
        ]);
        let found = closed(&packets, Rational::ONE, Time::ZERO, &Refreshes::Every);
        let pts: Vec<Time> = found.iter().map(|keyframe| keyframe.pts).collect();
        assert_eq!(pts, [Time::ZERO, Time::seconds(8)]);
        assert_eq!(found[0].dts, Time::seconds(-1));
    }

    #[test]
    fn packets_end_where_nothing_that_is_shown_before_is_missing() {
        // I0 P3 B1 B2 P6 B4 B5, and an open group: I9 B7 B8.
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
