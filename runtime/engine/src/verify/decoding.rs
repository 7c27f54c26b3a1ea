//! Stretches of a file, decoded to see whether they are whole.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use vidc_compiler::time::{Rational, Time};

use crate::ffmpeg::capture::capture;
use crate::ffmpeg::{Tools, command};

/// How long that may take.
const LIMIT: Duration = Duration::from_secs(120);
/// Said of sound in AVI and WAV whose header does not tell where its channels are.
const HARMLESS: &str = "Guessed Channel Layout";

/// Decodes stretches of a file, each from one time to another from its start, and says what is wrong: what FFmpeg
/// complains about, or that frames are missing which there should be so many a second of.
pub(super) async fn fault(
    tools: &Tools,
    path: &Path,
    stretches: &[(Time, Time)],
    rate: Option<Rational>,
) -> Option<String> {
    let input = format!("file:{}", path.to_string_lossy());
    let mut arguments: Vec<String> = ["-v", "warning", "-xerror", "-nostdin"].map(str::to_owned).into();
    for (from, until) in stretches {
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
    for index in 0..stretches.len() {
        let map = |kind: &str| ["-map".to_owned(), format!("{index}:{kind}?")];
        arguments.extend(map("v").into_iter().chain(map("a")));
    }
    arguments.extend(["-f", "framecrc", "-"].map(str::to_owned));
    match capture(command(&tools.ffmpeg, arguments), None, LIMIT).await {
        Ok(decoded) => {
            let complaint = decoded.stderr.lines().find(|line| !line.contains(HARMLESS));
            match (decoded.status.success(), complaint) {
                (true, None) => {
                    let frames = Frames::of(&String::from_utf8_lossy(&decoded.stdout));
                    rate.and_then(|rate| frames.missing(rate))
                }
                (_, complaint) => Some(complaint.unwrap_or_default().to_owned()),
            }
        }
        Err(error) => Some(error.to_string()),
    }
}

/// When the frames of each picture are shown, by its number.
#[derive(Debug, Default, PartialEq)]
struct Frames(BTreeMap<usize, Vec<Time>>);

impl Frames {
    /// Reads FFmpeg's list of frames: number, decoding time, showing time and more; notes, behind a `#`, tell their clocks
    /// and kinds.
    fn of(list: &str) -> Frames {
        let mut clocks: BTreeMap<usize, Rational> = BTreeMap::new();
        let mut frames = Frames::default();
        for line in list.lines() {
            let note = |name: &str| {
                let (number, value) = line.strip_prefix(name)?.split_once(": ")?;
                Some((number.trim().parse().ok()?, value.to_owned()))
            };
            if let Some((number, clock)) = note("#tb") {
                clocks.extend(clock.parse().ok().map(|clock: Rational| (number, clock)));
            } else if let Some((number, kind)) = note("#media_type") {
                if kind == "video" {
                    frames.0.insert(number, Vec::new());
                }
            } else if let [number, _, shown, ..] = line.split(',').map(str::trim).collect::<Vec<_>>()[..]
                && let (Ok(number), Ok(shown)) = (number.parse(), shown.parse::<i64>())
                && let (Some(clock), Some(times)) = (clocks.get(&number), frames.0.get_mut(&number))
            {
                times.push(Time::new(*clock) * shown);
            }
        }
        frames
    }

    /// The first frame of a picture that is not shown a frame after the one before, in words.
    fn missing(&self, rate: Rational) -> Option<String> {
        let frame = Time::from_frames(1, rate);
        let half = Time::from_frames(1, rate * 2);
        for times in self.0.values() {
            let step = |pair: &&[Time]| (pair[1] - pair[0]).distance(frame) > half;
            if let Some(pair) = times.windows(2).find(step) {
                return Some(format!("no frame is shown for {}", pair[1] - pair[0]));
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
    fn frames_are_told_from_sound() {
        let times = vec![Time::ZERO, Time::millis(40)];
        assert_eq!(Frames::of(LIST), Frames([(0, times)].into()));
    }

    #[test]
    fn a_frame_that_is_missing_is_noticed() {
        let rate = Rational::from_integer(25);
        assert_eq!(Frames::of(LIST).missing(rate), None);
        let list = format!("{LIST}0,          3,          3,        1,   115200, 0x4\n");
        assert!(Frames::of(&list).missing(rate).is_some());
    }
}
