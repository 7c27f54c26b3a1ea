//! ffprobe's streams in the compiler's terms. Rates and durations are as ffprobe says; they are settled after.

use vidc_compiler::aac;
use vidc_compiler::facts::{AudioFacts, GopKind, Stream, StreamFacts, VideoFacts};
use vidc_compiler::time::{Rational, Time};

use super::keyframes;
use super::pixels;
use super::refreshes::Refreshes;
use super::report::{Format, Packet, RawStream, Report};

/// What FFmpeg shows a stream at that does not say, frames per second.
pub(super) const DEFAULT_RATE: Rational = Rational::new_raw(25, 1);

/// The streams of a file other than pictures attached to sound.
pub(super) fn streams(report: &Report) -> Vec<Stream> {
    let still = is_still(&report.format);
    report
        .streams
        .iter()
        .filter(|raw| raw.disposition.attached_pic == 0)
        .map(|raw| stream(raw, still || raw.disposition.still_image != 0))
        .collect()
}

/// Whether a file is one picture: FFmpeg reads those with `image2` or a `…_pipe` demuxer, and AVIF and HEIF as MP4.
pub(super) fn is_still(format: &Format) -> bool {
    let brand = format.tags.get("major_brand").unwrap_or_default();
    format.format_name == "image2"
        || format.format_name.ends_with("_pipe")
        || matches!(brand, "avif" | "heic" | "heix" | "mif1")
}

fn stream(raw: &RawStream, still: bool) -> Stream {
    let facts = match raw.codec_type.as_deref() {
        Some("video") => video(raw, still),
        Some("audio") => audio(raw),
        Some("subtitle") => Some(StreamFacts::Subtitle),
        _ => None,
    };
    Stream {
        index: raw.index,
        codec: raw.codec_name.clone().unwrap_or_else(|| "unknown".to_owned()),
        start: if still {
            Time::ZERO
        } else {
            raw.start().unwrap_or_default()
        },
        duration: if still { None } else { raw.duration() },
        time_base: raw.time_base(),
        bit_rate: raw.bit_rate(),
        language: raw
            .tags
            .get("language")
            .filter(|language| !matches!(*language, "" | "und"))
            .map(str::to_owned),
        title: raw.tags.get("title").map(str::to_owned),
        default: raw.disposition.default != 0,
        facts: facts.unwrap_or(StreamFacts::Other),
    }
}

/// How much later than its first stream a file begins: with its picture, if that comes less than a frame later, or than a
/// sound's priming takes. FFmpeg moves all that it puts into Matroska behind that. Only of files that are sought in.
pub(super) fn lead(format: &Format, streams: &[Stream]) -> Time {
    let pictured = streams.iter().find_map(|stream| match &stream.facts {
        StreamFacts::Video(video) => Some((stream.start, Time::from_frames(1, video.frame_rate))),
        _ => None,
    });
    let exact = format.format_name.contains("mp4") || format.format_name.contains("matroska");
    let late = pictured.map(|(start, frame)| (start - format.start().unwrap_or_default(), frame));
    let primed = streams.iter().find_map(|stream| match &stream.facts {
        StreamFacts::Audio(audio) => Some(Rational::from_integer(i64::from(audio.sample_rate))),
        _ => None,
    });
    let priming = primed.map_or(Time::ZERO, |rate| Time::from_frames(aac::PRIMING, rate));
    match late {
        Some((late, frame)) if exact && late.is_positive() && late < frame.max(priming) => late,
        _ => Time::ZERO,
    }
}

/// Sets where the packets of each picture can be cut first, and where those of each sound begin, from the file's start.
pub(super) fn first_packets(report: &Report, start: Time, streams: &mut [Stream]) {
    for stream in streams {
        let Some(base) = stream.time_base else { continue };
        let mut mine = report
            .packets
            .iter()
            .filter(|packet| packet.stream_index == stream.index);
        match &mut stream.facts {
            StreamFacts::Video(video) => {
                let packets: Vec<Packet> = keyframes::timed(mine.cloned().collect());
                video.nonzero_first_pts = packets.first().and_then(|packet| packet.dts) >= Some(0);
                video.edit_list_trims_start = packets.iter().any(|packet| packet.time().is_none());
                // Those before the start are only there for decoding; the file hides them.
                video.first_keyframe = keyframes::closed(&packets, base, start, &Refreshes::Every)
                    .into_iter()
                    .find(|keyframe| keyframe.pts >= Time::ZERO);
            }
            StreamFacts::Audio(audio) => {
                let first = mine.next().and_then(|packet| packet.pts);
                audio.first_packet = first.map(|pts| Time::new(base) * pts - start);
            }
            StreamFacts::Subtitle | StreamFacts::Other => {}
        }
    }
}

/// None if it cannot be decoded: no size or no pixel format is known of it.
fn video(raw: &RawStream, still: bool) -> Option<StreamFacts> {
    let pixel_format = raw.pix_fmt.clone()?;
    if raw.width == 0 || raw.height == 0 {
        return None;
    }
    let rotation = quarter_turns(raw.rotation());
    let turned = rotation % 180 == 90;
    let (width, height) = if turned {
        (raw.height, raw.width)
    } else {
        (raw.width, raw.height)
    };
    let aspect = raw.sample_aspect().unwrap_or(Rational::ONE);
    Some(StreamFacts::Video(VideoFacts {
        width,
        height,
        rotation,
        mirrored: raw.is_mirrored(),
        sample_aspect: if turned { aspect.recip() } else { aspect },
        frame_rate: raw
            .average_rate()
            .or_else(|| raw.base_rate())
            .unwrap_or(DEFAULT_RATE),
        variable_rate: false,
        bit_depth: pixels::bit_depth(&pixel_format),
        alpha: pixels::has_alpha(&pixel_format),
        pixel_format,
        still,
        interlaced: matches!(raw.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt")),
        color_range: known(&raw.color_range),
        color_space: known(&raw.color_space),
        color_primaries: known(&raw.color_primaries),
        color_transfer: known(&raw.color_transfer),
        profile: known(&raw.profile),
        // FFmpeg's own number for "unknown" (`FF_LEVEL_UNKNOWN`).
        level: raw.level.filter(|level| *level != -99),
        frames: if still { Some(1) } else { raw.frames() },
        first_keyframe: None,
        gop: GopKind::Unknown,
        nonzero_first_pts: false,
        in_band_parameter_sets: false,
        edit_list_trims_start: false,
        edit_list_trims_end: false,
        gradual_decoder_refresh: false,
        parameter_sets: raw.extradata_hash.clone(),
    }))
}

/// None if it cannot be decoded: no rate or no channel is known of it.
fn audio(raw: &RawStream) -> Option<StreamFacts> {
    if raw.channels == 0 {
        return None;
    }
    Some(StreamFacts::Audio(AudioFacts {
        sample_rate: raw.sample_rate()?,
        channels: raw.channels,
        layout: known(&raw.channel_layout).unwrap_or_else(|| default_layout(raw.channels)),
        sample_format: known(&raw.sample_fmt),
        profile: known(&raw.profile),
        first_packet: None,
        packets: raw.frames(),
        contiguous: false,
        edit_list_trims_end: false,
    }))
}

fn known(text: &Option<String>) -> Option<String> {
    text.clone()
        .filter(|text| !matches!(text.as_str(), "" | "unknown" | "N/A"))
}

/// The nearest of 0, 90, 180 and 270 degrees clockwise; FFmpeg turns by other angles no more than players do.
fn quarter_turns(degrees: f64) -> u16 {
    match (degrees / 90.0).round().rem_euclid(4.0) {
        1.0 => 90,
        2.0 => 180,
        3.0 => 270,
        _ => 0,
    }
}

/// The layout that FFmpeg assumes for a number of channels (`av_channel_layout_default`).
fn default_layout(channels: u16) -> String {
    match channels {
        1 => "mono",
        2 => "stereo",
        3 => "2.1",
        4 => "4.0",
        5 => "5.0",
        6 => "5.1",
        7 => "6.1",
        8 => "7.1",
        16 => "hexadecagonal",
        other => return format!("{other} channels"),
    }
    .to_owned()
}
