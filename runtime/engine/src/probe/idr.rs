//! Finds the frames at which packets of a stream can be cut: those from which a decoder needs nothing earlier.
//!
//! Frames that containers mark as keyframes may be less than that. With open GOPs, H.264 has I frames with a recovery
//! point, and H.265 has CRA pictures: decoding can begin there, but after other packets they are decoded in the state that
//! those left, namely their picture order count and, in H.264, their parameter sets. Only IDR pictures reset all of it
//! (ITU-T H.264, 7.4.1.2.4; H.265, 7.4.2.2).

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use vidc_compiler::facts::Problem;
use vidc_compiler::time::Time;

use super::ffprobe::FORMATS;
use super::ffprobe_errors;
use crate::ffmpeg::{Tools, capture, command};

/// How long one run of ffmpeg may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The keyframes in a window of time that are IDR frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IdrFrames {
    /// All of them.
    AllKeyframes,
    /// Those with these PTS, in ticks.
    AtPts(BTreeSet<i64>),
}

impl IdrFrames {
    /// Whether the keyframe with a PTS is an IDR frame.
    pub(super) fn contains(&self, pts: i64) -> bool {
        match self {
            IdrFrames::AllKeyframes => true,
            IdrFrames::AtPts(found) => found.contains(&pts),
        }
    }
}

/// A window of a file's timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeWindow {
    /// On the file's clock; `None` for the beginning of the file.
    pub(super) start: Option<Time>,
    pub(super) duration: Time,
}

/// The `nal_unit_type`s of IDR pictures (H.264, table 7-1; H.265, table 7-1), in the syntax of FFmpeg's `filter_units`;
/// `None` for codecs all of whose keyframes are like them.
fn idr_unit_types(codec: &str) -> Option<&'static str> {
    match codec {
        "h264" => Some("5"),
        "hevc" => Some("19-20"),
        _ => None,
    }
}

/// Finds the IDR frames of a stream in a window of time with FFmpeg, without decoding.
pub(super) async fn find_idr_frames(
    tools: &Tools,
    path: &Path,
    (stream, codec): (u32, &str),
    window: TimeWindow,
) -> Result<IdrFrames, Problem> {
    match idr_unit_types(codec) {
        Some(unit_types) => Ok(IdrFrames::AtPts(
            find_packets_with_units(tools, path, stream, unit_types, window).await?,
        )),
        None => Ok(IdrFrames::AllKeyframes),
    }
}

/// Whether packets of an H.265 stream contain parameter sets, in a window of time.
pub(super) async fn has_in_band_parameter_sets(
    tools: &Tools,
    path: &Path,
    stream: u32,
    window: TimeWindow,
) -> Result<bool, Problem> {
    // VPS, SPS and PPS (H.265, table 7-1).
    let found = find_packets_with_units(tools, path, stream, "32-34", window).await?;
    Ok(!found.is_empty())
}

/// The PTS of packets that contain NAL units of some types.
async fn find_packets_with_units(
    tools: &Tools,
    path: &Path,
    stream: u32,
    unit_types: &str,
    window: TimeWindow,
) -> Result<BTreeSet<i64>, Problem> {
    let input = format!("file:{}", path.to_string_lossy());
    let (start, duration) = (window.start.map(Time::decimal), window.duration.decimal());
    let (stream, filter) = (
        format!("0:{stream}"),
        format!("filter_units=pass_types={unit_types}"),
    );
    let mut arguments = vec![
        "-v",
        "error",
        "-nostdin",
        "-copyts",
        "-protocol_whitelist",
        "file",
    ];
    arguments.extend(["-format_whitelist", FORMATS]);
    if let Some(start) = &start {
        arguments.extend(["-seek_timestamp", "1", "-ss", start]);
    }
    arguments.extend(["-t", &duration, "-i", &input, "-map", &stream, "-c", "copy"]);
    arguments.extend(["-bsf", &filter, "-f", "framecrc", "-"]);
    let captured = capture::capture(command(&tools.ffmpeg, arguments), None, TIMEOUT)
        .await
        .map_err(|error| Problem::Unreadable(format!("ffmpeg: {error}")))?;
    match captured.status.success() {
        true => Ok(parse_framecrc(&String::from_utf8_lossy(&captured.stdout))),
        false => Err(Problem::Unreadable(ffprobe_errors::explain(
            &captured.stderr,
            &input,
        ))),
    }
}

/// The PTS in the output of FFmpeg's `framecrc` muxer: comments, then lines of stream, DTS, PTS and more.
fn parse_framecrc(output: &str) -> BTreeSet<i64> {
    let packets = output.lines().filter(|line| !line.starts_with('#'));
    packets
        .filter_map(|line| line.split(',').nth(2)?.trim().parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parse_framecrc;

    #[test]
    fn pts_are_parsed_and_comments_skipped() {
        let output = "#tb 0: 1/12800\n#sar 0: 1/1\n0,  -1024,     0,  512,  3770, 0x21fc5d80\n0, 24576, 25600, 512, 9, 0x1\n";
        assert_eq!(parse_framecrc(output), [0, 25_600].into());
    }
}
