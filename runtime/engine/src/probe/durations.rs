//! How long each stream is.

use vidc_compiler::facts::{Problem, Stream, StreamFacts};
use vidc_compiler::time::{Rational, Time};

use super::reading::Reading;
use super::report::{FIRST_PACKETS, Packet, RawStream, Report};
use super::streams::is_still;

/// How many seconds before the end the last packets are looked for: reading starts at a keyframe before that.
const TAIL: i64 = 10;

/// Sets the duration of each stream that has none yet: by Matroska's tag, by its last packet, else the file's.
pub(super) async fn settle(
    reading: &Reading<'_>,
    report: &Report,
    streams: &mut [Stream],
) -> Result<(), Problem> {
    if is_still(&report.format) {
        return Ok(());
    }
    for stream in streams.iter_mut() {
        let heard = stream
            .duration
            .and_then(|duration| heard(report, duration, stream.start));
        stream.duration = heard.or(stream.duration);
    }
    // MPEG transport and program streams say nothing; FFmpeg then takes the last packet's start for the end. For raw AAC
    // it guesses from the bit rate, and can only guess where to look for the end.
    let estimated = matches!(report.format.format_name.as_str(), "mpegts" | "mpeg" | "aac");
    for stream in streams.iter_mut().filter(|_| estimated) {
        stream.duration = None;
    }
    // AVI counts the time before a sound as if it were packets.
    for stream in streams.iter_mut().filter(|_| report.format.format_name == "avi") {
        if matches!(stream.facts, StreamFacts::Audio(_)) {
            stream.duration = None;
        }
    }
    let raw = |stream: &Stream| report.streams.iter().find(|raw| raw.index == stream.index);
    for stream in streams.iter_mut().filter(|stream| stream.duration.is_none()) {
        stream.duration = raw(stream).and_then(|raw| tagged(raw, report, stream.start));
    }
    if streams.iter().all(is_settled) {
        return Ok(());
    }
    if report.packets.len() < FIRST_PACKETS {
        by_packets(&mut *streams, report, &report.packets);
    } else {
        // A look at the end is enough, unless a stream ends well before it; then all of the file has to be read.
        let start = report.format.start().unwrap_or_default();
        let near_end = report
            .format
            .duration()
            .map(|duration| start + duration - Time::seconds(TAIL));
        let near_end = near_end.filter(|_| report.format.format_name != "aac");
        for from in [near_end.filter(|from| from.is_positive()), None] {
            if streams.iter().all(is_settled) {
                break;
            }
            // That may take too long; then the file's own duration must do.
            let packets = reading
                .packets(None, from.map(|from| (from, None)))
                .await
                .unwrap_or_default();
            by_packets(&mut *streams, report, &packets);
        }
    }
    for stream in streams.iter_mut().filter(|stream| !is_settled(stream)) {
        stream.duration = report.format.duration();
    }
    Ok(())
}

/// What is heard of an MP3: its length is told with the encoder's delay, which decoders leave out.
pub(super) fn heard(report: &Report, duration: Time, start: Time) -> Option<Time> {
    let told_with_delay = report.format.format_name == "mp3";
    Some(duration - start).filter(|heard| told_with_delay && heard.is_positive())
}

/// Sets the durations that are missing, of streams that some of the packets are of.
fn by_packets(streams: &mut [Stream], report: &Report, packets: &[Packet]) {
    for stream in streams.iter_mut().filter(|stream| !is_settled(stream)) {
        let raw = report.streams.iter().find(|raw| raw.index == stream.index);
        stream.duration = raw
            .and_then(|raw| end(raw, packets))
            .map(|end| end - stream.start)
            .filter(|duration| duration.is_positive());
    }
}

/// The longest stream's end, from the first one's start.
pub(super) fn longest(streams: &[Stream]) -> Option<Time> {
    let start = streams.iter().map(|stream| stream.start).min()?;
    let end = streams
        .iter()
        .filter_map(|stream| Some(stream.start + stream.duration?))
        .max()?;
    Some(end - start)
}

fn is_settled(stream: &Stream) -> bool {
    stream.duration.is_some() || !matches!(stream.facts, StreamFacts::Video(_) | StreamFacts::Audio(_))
}

/// By the tag that Matroska writers add, such as `00:00:02.023000000`: it is where the track ends on the file's
/// clock. Tags survive careless copying; one that goes beyond the file's end is not believed.
fn tagged(raw: &RawStream, report: &Report, start: Time) -> Option<Time> {
    let end = clock(raw.tags.beginning("DURATION")?)?;
    let file_end = report.format.duration()? + report.format.start().unwrap_or_default();
    let duration = end - start;
    (duration.is_positive() && end <= file_end + Time::seconds(1)).then_some(duration)
}

/// `H:MM:SS.fraction`
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.trim().splitn(3, ':');
    let (hours, minutes): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let seconds = Time::parse_decimal(parts.next()?)?;
    Some(Time::seconds(hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?) + seconds)
}

/// Where the last of a stream's packets ends.
fn end(raw: &RawStream, packets: &[Packet]) -> Option<Time> {
    let ends = packets
        .iter()
        .filter(|packet| packet.stream_index == raw.index)
        .filter_map(|packet| {
            let duration = packet.duration.unwrap_or_else(|| frame_ticks(raw).unwrap_or(0));
            packet.time()?.checked_add(duration)
        });
    raw.ticks(ends.max()?)
}

/// One frame at the stream's rate, in ticks.
fn frame_ticks(raw: &RawStream) -> Option<i64> {
    let rate: Rational = raw.average_rate().or_else(|| raw.base_rate())?;
    let ticks_a_second = raw.time_base()?.recip();
    Some(Time::from_frames(1, rate).frames(ticks_a_second))
}
