//! Converts ffprobe's streams to facts. Frame rates and durations are those that ffprobe reports; they are corrected
//! later.

use vidc_compiler::aac;
use vidc_compiler::facts::{AudioFacts, GopKind, Stream, StreamFacts, VideoFacts};
use vidc_compiler::time::{Rational, Time};

use super::cut_points::{closed_gop_keyframes, fill_leading_dts};
use super::idr::IdrFrames;
use super::pixel_format;
use super::report::{Format, Packet, RawStream, Report};

/// FFmpeg's frame rate for streams that do not state one, in frames per second.
pub(super) const DEFAULT_FRAME_RATE: Rational = Rational::new_raw(25, 1);

/// Builds the facts about the streams of a file, without cover art.
pub(super) fn build_streams(report: &Report) -> Vec<Stream> {
    let is_still = report.format.is_still_image();
    report
        .streams
        .iter()
        .filter(|raw| raw.disposition.attached_pic == 0)
        .map(|raw| build_stream(raw, is_still || raw.disposition.still_image != 0))
        .collect()
}

fn build_stream(raw: &RawStream, is_still: bool) -> Stream {
    let facts = match raw.codec_type.as_deref() {
        Some("video") => build_video(raw, is_still),
        Some("audio") => build_audio(raw),
        Some("subtitle") => Some(StreamFacts::Subtitle),
        _ => None,
    };
    Stream {
        index: raw.index,
        codec: raw.codec_name.clone().unwrap_or_else(|| "unknown".to_owned()),
        start: if is_still {
            Time::ZERO
        } else {
            raw.start().unwrap_or_default()
        },
        duration: if is_still { None } else { raw.duration() },
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

/// How much later than its first stream a file begins: with its video, if that starts less than a frame, or less than the
/// duration of AAC priming, after the first stream. FFmpeg shifts all streams by as much when it writes Matroska. Zero for
/// formats other than MP4 and Matroska.
pub(super) fn lead(format: &Format, streams: &[Stream]) -> Time {
    let video = streams.iter().find_map(|stream| match &stream.facts {
        StreamFacts::Video(video) => Some((stream.start, Time::from_frames(1, video.frame_rate))),
        _ => None,
    });
    let is_seekable = format.format_name.contains("mp4") || format.format_name.contains("matroska");
    let late = video.map(|(start, frame)| (start - format.start().unwrap_or_default(), frame));
    let sample_rate = streams.iter().find_map(|stream| match &stream.facts {
        StreamFacts::Audio(audio) => Some(Rational::from_integer(i64::from(audio.sample_rate))),
        _ => None,
    });
    let priming = sample_rate.map_or(Time::ZERO, |rate| Time::from_frames(aac::MAX_PRIMING, rate));
    match late {
        Some((late, frame)) if is_seekable && late.is_positive() && late < frame.max(priming) => late,
        _ => Time::ZERO,
    }
}

/// Sets the facts that the first packets of each stream state, with times from the file's start: the first keyframe of
/// video at which packets can be cut, and when the first packet of audio begins.
pub(super) fn set_first_packets(report: &Report, start: Time, streams: &mut [Stream]) {
    for stream in streams {
        let Some(time_base) = stream.time_base else {
            continue;
        };
        let mut stream_packets = report
            .packets
            .iter()
            .filter(|packet| packet.stream_index == stream.index);
        match &mut stream.facts {
            StreamFacts::Video(video) => {
                let packets: Vec<Packet> = fill_leading_dts(stream_packets.cloned().collect());
                video.nonzero_first_pts = packets.first().and_then(|packet| packet.dts) >= Some(0);
                video.edit_list_trims_start = packets.iter().any(|packet| packet.presented_at().is_none());
                // Keyframes before the start are only needed for decoding; the edit list trims them.
                video.first_keyframe =
                    closed_gop_keyframes(&packets, time_base, start, &IdrFrames::AllKeyframes)
                        .into_iter()
                        .find(|keyframe| keyframe.pts >= Time::ZERO);
            }
            StreamFacts::Audio(audio) => {
                let first = stream_packets.next().and_then(|packet| packet.pts);
                audio.first_packet = first.map(|pts| Time::new(time_base) * pts - start);
            }
            StreamFacts::Subtitle | StreamFacts::Other => {}
        }
    }
}

/// Builds the facts about a video stream; `None` if it cannot be decoded because its frame size or pixel format is unknown.
fn build_video(raw: &RawStream, is_still: bool) -> Option<StreamFacts> {
    let pixel_format = raw.pix_fmt.clone()?;
    if raw.width == 0 || raw.height == 0 {
        return None;
    }
    let rotation = quarter_turns(raw.rotation());
    let swaps_sides = rotation % 180 == 90;
    let (width, height) = if swaps_sides {
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
        sample_aspect: if swaps_sides { aspect.recip() } else { aspect },
        frame_rate: raw
            .average_frame_rate()
            .or_else(|| raw.base_frame_rate())
            .unwrap_or(DEFAULT_FRAME_RATE),
        variable_rate: false,
        bit_depth: pixel_format::bit_depth(&pixel_format),
        alpha: pixel_format::has_alpha(&pixel_format),
        pixel_format,
        still: is_still,
        interlaced: matches!(raw.field_order.as_deref(), Some("tt" | "bb" | "tb" | "bt")),
        color_range: known(&raw.color_range),
        color_space: known(&raw.color_space),
        color_primaries: known(&raw.color_primaries),
        color_transfer: known(&raw.color_transfer),
        profile: known(&raw.profile),
        // FFmpeg's own number for "unknown" (`FF_LEVEL_UNKNOWN`).
        level: raw.level.filter(|level| *level != -99),
        frames: if is_still { Some(1) } else { raw.frame_count() },
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

/// Builds the facts about an audio stream; `None` if it cannot be decoded because its sample rate or channels are unknown.
fn build_audio(raw: &RawStream) -> Option<StreamFacts> {
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
        packets: raw.frame_count(),
        contiguous: false,
        edit_list_trims_end: false,
    }))
}

fn known(text: &Option<String>) -> Option<String> {
    text.clone()
        .filter(|text| !matches!(text.as_str(), "" | "unknown" | "N/A"))
}

/// Rounds to 0, 90, 180 or 270 degrees clockwise. Like players, FFmpeg does not rotate by other angles.
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
