//! Where packets can be cut: at pictures from which on decoders need nothing that came before.
//!
//! What containers mark as keyframes may be less. In open groups, H.264 has intra pictures with a recovery point, and
//! H.265 clean random access pictures: decoding can begin there, but behind other packets they are decoded with what those
//! left behind, their count of pictures and, in H.264, their parameter sets. Only instantaneous decoding refreshes forget
//! all of it (ITU-T H.264, 7.4.1.2.4; H.265, 7.4.2.2).

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use vidc_compiler::facts::Problem;
use vidc_compiler::time::Time;

use super::ffprobe::FORMATS;
use super::reasons;
use crate::ffmpeg::{Tools, capture, command};

/// How long reading may take.
const LIMIT: Duration = Duration::from_secs(20);

/// At which keyframes of a stretch packets can be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refreshes {
    /// At every one.
    Every,
    /// At those that are shown at these ticks.
    At(BTreeSet<i64>),
}

impl Refreshes {
    /// Whether packets can be cut at the keyframe that is shown at a tick.
    pub(super) fn contains(&self, pts: i64) -> bool {
        match self {
            Refreshes::Every => true,
            Refreshes::At(ticks) => ticks.contains(&pts),
        }
    }
}

/// What FFmpeg is to let through of a codec's units, so that only refreshes are left; none of codecs whose keyframes are
/// nothing else (H.264, table 7-1; H.265, table 7-1).
fn units(codec: &str) -> Option<&'static str> {
    match codec {
        "h264" => Some("5"),
        "hevc" => Some("19-20"),
        _ => None,
    }
}

/// A stretch of a file: from when on, on its clock, or from its beginning; and how long it is.
pub(super) type Stretch = (Option<Time>, Time);

/// Has FFmpeg look for them in a stretch of a stream; no packet is decoded.
pub(super) async fn refreshes(
    tools: &Tools,
    path: &Path,
    (stream, codec): (u32, &str),
    stretch: Stretch,
) -> Result<Refreshes, Problem> {
    match units(codec) {
        Some(units) => Ok(Refreshes::At(
            with_units(tools, path, stream, units, stretch).await?,
        )),
        None => Ok(Refreshes::Every),
    }
}

/// Whether packets of H.265 bring parameter sets of their own, in a stretch of a stream.
pub(super) async fn tell_inside(
    tools: &Tools,
    path: &Path,
    stream: u32,
    stretch: Stretch,
) -> Result<bool, Problem> {
    // H.265, table 7-1.
    let found = with_units(tools, path, stream, "32-34", stretch).await?;
    Ok(!found.is_empty())
}

/// When packets with units of some types are shown.
async fn with_units(
    tools: &Tools,
    path: &Path,
    stream: u32,
    units: &str,
    (from, length): Stretch,
) -> Result<BTreeSet<i64>, Problem> {
    let input = format!("file:{}", path.to_string_lossy());
    let (from, length) = (from.map(Time::decimal), length.decimal());
    let (stream, units) = (format!("0:{stream}"), format!("filter_units=pass_types={units}"));
    let mut arguments = vec![
        "-v",
        "error",
        "-nostdin",
        "-copyts",
        "-protocol_whitelist",
        "file",
    ];
    arguments.extend(["-format_whitelist", FORMATS]);
    if let Some(from) = &from {
        arguments.extend(["-seek_timestamp", "1", "-ss", from]);
    }
    arguments.extend(["-t", &length, "-i", &input, "-map", &stream, "-c", "copy"]);
    arguments.extend(["-bsf", &units, "-f", "framecrc", "-"]);
    let captured = capture::capture(command(&tools.ffmpeg, arguments), None, LIMIT)
        .await
        .map_err(|error| Problem::Unreadable(format!("ffmpeg: {error}")))?;
    match captured.status.success() {
        true => Ok(pts(&String::from_utf8_lossy(&captured.stdout))),
        false => Err(Problem::Unreadable(reasons::human(&captured.stderr, &input))),
    }
}

/// The showing times of FFmpeg's list of packets: stream, decoding time, showing time and more, behind notes.
fn pts(list: &str) -> BTreeSet<i64> {
    let packets = list.lines().filter(|line| !line.starts_with('#'));
    packets
        .filter_map(|line| line.split(',').nth(2)?.trim().parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::pts;

    #[test]
    fn packets_are_listed_behind_notes() {
        let list = "#tb 0: 1/12800\n#sar 0: 1/1\n0,  -1024,     0,  512,  3770, 0x21fc5d80\n0, 24576, 25600, 512, 9, 0x1\n";
        assert_eq!(pts(list), [0, 25_600].into());
    }
}
