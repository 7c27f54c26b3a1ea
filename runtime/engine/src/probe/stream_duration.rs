//! Determines the duration of each stream.

use vidc_compiler::facts::{Problem, Stream, StreamFacts};
use vidc_compiler::time::{Rational, Time};

use super::reader::MediaReader;
use super::report::{FIRST_PACKETS, Packet, RawStream, Report};

/// How many seconds before the end of the file the search for the last packets begins.
const TAIL: i64 = 10;

/// Sets the durations that the container does not state or states wrongly: from Matroska's tag, from the last packet, or
/// else the duration of the file.
pub(super) async fn set_durations(
    reader: &MediaReader<'_>,
    report: &Report,
    streams: &mut [Stream],
) -> Result<(), Problem> {
    if report.format.is_still_image() {
        return Ok(());
    }
    for stream in streams.iter_mut() {
        let without_delay = stream
            .duration
            .and_then(|duration| without_encoder_delay(report, duration, stream.start));
        stream.duration = without_delay.or(stream.duration);
    }
    // MPEG transport and program streams do not state durations; FFmpeg takes the start of the last packet for the end.
    // For raw AAC it estimates them from the bit rate, and cannot seek to the end either.
    let is_estimated = matches!(report.format.format_name.as_str(), "mpegts" | "mpeg" | "aac");
    for stream in streams.iter_mut().filter(|_| is_estimated) {
        stream.duration = None;
    }
    // AVI counts a delay of audio as if it were packets.
    for stream in streams.iter_mut().filter(|_| report.format.format_name == "avi") {
        if matches!(stream.facts, StreamFacts::Audio(_)) {
            stream.duration = None;
        }
    }
    let raw = |stream: &Stream| report.stream(stream.index);
    for stream in streams.iter_mut().filter(|stream| stream.duration.is_none()) {
        stream.duration = raw(stream).and_then(|raw| tag_duration(raw, report, stream.start));
    }
    if streams.iter().all(has_known_duration) {
        return Ok(());
    }
    if report.packets.len() < FIRST_PACKETS {
        set_from_packets(&mut *streams, report, &report.packets);
    } else {
        // Reading the end is enough unless a stream ends well before it; then the whole file has to be read.
        let start = report.format.start().unwrap_or_default();
        let tail = report
            .format
            .duration()
            .map(|duration| start + duration - Time::seconds(TAIL));
        let tail = tail.filter(|_| report.format.format_name != "aac");
        for window_start in [tail.filter(|start| start.is_positive()), None] {
            if streams.iter().all(has_known_duration) {
                break;
            }
            // If that takes too long, the duration of the file is used below.
            let packets = reader
                .packets(None, window_start.map(|start| (start, None)))
                .await
                .unwrap_or_default();
            set_from_packets(&mut *streams, report, &packets);
        }
    }
    for stream in streams.iter_mut().filter(|stream| !has_known_duration(stream)) {
        stream.duration = report.format.duration();
    }
    Ok(())
}

/// The duration of an MP3 without the encoder delay, which ffprobe includes and decoders skip; `None` for other formats.
pub(super) fn without_encoder_delay(report: &Report, duration: Time, start: Time) -> Option<Time> {
    let includes_delay = report.format.format_name == "mp3";
    Some(duration - start).filter(|duration| includes_delay && duration.is_positive())
}

/// Sets missing durations of the streams that some of the packets belong to.
fn set_from_packets(streams: &mut [Stream], report: &Report, packets: &[Packet]) {
    for stream in streams.iter_mut().filter(|stream| !has_known_duration(stream)) {
        let raw = report.stream(stream.index);
        stream.duration = raw
            .and_then(|raw| last_packet_end(raw, packets))
            .map(|end| end - stream.start)
            .filter(|duration| duration.is_positive());
    }
}

/// The time from the start of the first stream to the end of the last.
pub(super) fn total_duration(streams: &[Stream]) -> Option<Time> {
    let start = streams.iter().map(|stream| stream.start).min()?;
    let end = streams
        .iter()
        .filter_map(|stream| Some(stream.start + stream.duration?))
        .max()?;
    Some(end - start)
}

fn has_known_duration(stream: &Stream) -> bool {
    stream.duration.is_some() || !matches!(stream.facts, StreamFacts::Video(_) | StreamFacts::Audio(_))
}

/// The duration by the tag that Matroska muxers write, such as `00:00:02.023000000`: when the track ends on the file's
/// clock. Tags may have been copied from another file, so one beyond the end of the file is ignored.
fn tag_duration(raw: &RawStream, report: &Report, start: Time) -> Option<Time> {
    let end = parse_clock(raw.tags.get_by_prefix("DURATION")?)?;
    let file_end = report.format.duration()? + report.format.start().unwrap_or_default();
    let duration = end - start;
    (duration.is_positive() && end <= file_end + Time::seconds(1)).then_some(duration)
}

/// Parses `H:MM:SS.fraction`.
fn parse_clock(text: &str) -> Option<Time> {
    let mut parts = text.trim().splitn(3, ':');
    let (hours, minutes): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let seconds = Time::parse_decimal(parts.next()?)?;
    Some(Time::seconds(hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?) + seconds)
}

/// When the last packet of a stream ends.
fn last_packet_end(raw: &RawStream, packets: &[Packet]) -> Option<Time> {
    let ends = packets
        .iter()
        .filter(|packet| packet.stream_index == raw.index)
        .filter_map(|packet| {
            let duration = packet.duration.unwrap_or_else(|| frame_ticks(raw).unwrap_or(0));
            packet.presented_at()?.checked_add(duration)
        });
    raw.ticks_to_time(ends.max()?)
}

/// The duration of one frame at the stream's frame rate, in ticks.
fn frame_ticks(raw: &RawStream) -> Option<i64> {
    let rate: Rational = raw.average_frame_rate().or_else(|| raw.base_frame_rate())?;
    let timescale = raw.time_base()?.recip();
    Some(Time::from_frames(1, rate).frames(timescale))
}
