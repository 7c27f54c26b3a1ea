//! Decodes time ranges of a file to check that they are intact.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use vidc_compiler::time::{Rational, Time};

use crate::ffmpeg::capture::capture;
use crate::ffmpeg::{Tools, command};

/// Time limit of one run.
const LIMIT: Duration = Duration::from_secs(120);
/// A harmless warning about AVI and WAV files without a channel layout.
const HARMLESS_WARNING: &str = "Guessed Channel Layout";

/// Decodes time ranges of a file, counted from its start. Returns FFmpeg's first complaint, or a gap between frames if
/// `rate`, in frames per second, is given.
pub(super) async fn fault(
    tools: &Tools,
    path: &Path,
    ranges: &[(Time, Time)],
    rate: Option<Rational>,
) -> Option<String> {
    let input = format!("file:{}", path.to_string_lossy());
    let mut arguments: Vec<String> = ["-v", "warning", "-xerror", "-nostdin"].map(str::to_owned).into();
    for (from, until) in ranges {
        let (from, length) = (from.decimal(), (*until - *from).decimal());
        let read = [
            "-err_detect",
            "explode",
            "-ss",
            &from,
            "-t",
            &length,
            "-i",
            &input,
        ];
        arguments.extend(read.map(str::to_owned));
    }
    for index in 0..ranges.len() {
        let map = |kind: &str| ["-map".to_owned(), format!("{index}:{kind}?")];
        arguments.extend(map("v").into_iter().chain(map("a")));
    }
    arguments.extend(["-f", "framecrc", "-"].map(str::to_owned));
    match capture(command(&tools.ffmpeg, arguments), None, LIMIT).await {
        Ok(decoded) => {
            let complaint = decoded
                .stderr
                .lines()
                .find(|line| !line.contains(HARMLESS_WARNING));
            match (decoded.status.success(), complaint) {
                (true, None) => {
                    let frames = Frames::parse(&String::from_utf8_lossy(&decoded.stdout));
                    rate.and_then(|rate| frames.gap(rate))
                }
                (_, complaint) => Some(complaint.unwrap_or_default().to_owned()),
            }
        }
        Err(error) => Some(error.to_string()),
    }
}

/// PTS of the frames of each video stream, by stream index.
#[derive(Debug, Default, PartialEq)]
struct Frames(BTreeMap<usize, Vec<Time>>);

impl Frames {
    /// Parses the output of FFmpeg's framecrc muxer: stream index, DTS, PTS and more; header lines with `#` give time
    /// bases and media types.
    fn parse(list: &str) -> Frames {
        let mut time_bases: BTreeMap<usize, Rational> = BTreeMap::new();
        let mut frames = Frames::default();
        for line in list.lines() {
            let note = |name: &str| {
                let (number, value) = line.strip_prefix(name)?.split_once(": ")?;
                Some((number.trim().parse().ok()?, value.to_owned()))
            };
            if let Some((number, time_base)) = note("#tb") {
                time_bases.extend(
                    time_base
                        .parse()
                        .ok()
                        .map(|time_base: Rational| (number, time_base)),
                );
            } else if let Some((number, kind)) = note("#media_type") {
                if kind == "video" {
                    frames.0.insert(number, Vec::new());
                }
            } else if let [number, _, shown, ..] = line.split(',').map(str::trim).collect::<Vec<_>>()[..]
                && let (Ok(number), Ok(shown)) = (number.parse(), shown.parse::<i64>())
                && let (Some(time_base), Some(times)) = (time_bases.get(&number), frames.0.get_mut(&number))
            {
                times.push(Time::new(*time_base) * shown);
            }
        }
        frames
    }

    /// Describes the first frame that does not follow the previous one at the frame rate.
    fn gap(&self, rate: Rational) -> Option<String> {
        let frame = Time::from_frames(1, rate);
        let half = Time::from_frames(1, rate * 2);
        for times in self.0.values() {
            let step = |pair: &&[Time]| (pair[1] - pair[0]).distance(frame) > half;
            if let Some(pair) = times.windows(2).find(step) {
                return Some(format!("there is no frame for {}", pair[1] - pair[0]));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "#tb 0: 1/25\n#media_type 0: video\n#tb 1: 1/48000\n#media_type 1: audio\n\
        0,          0,          0,        1,   115200, 0x1\n1,          0,          0,     1024,     4096, 0x2\n\
        0,          1,          1,        1,   115200, 0x3\n";

    #[test]
    fn video_frames_are_separated_from_audio() {
        let times = vec![Time::ZERO, Time::millis(40)];
        assert_eq!(Frames::parse(LIST), Frames([(0, times)].into()));
    }

    #[test]
    fn missing_frames_are_detected() {
        let rate = Rational::from_integer(25);
        assert_eq!(Frames::parse(LIST).gap(rate), None);
        let list = format!("{LIST}0,          3,          3,        1,   115200, 0x4\n");
        assert!(Frames::parse(&list).gap(rate).is_some());
    }
}
