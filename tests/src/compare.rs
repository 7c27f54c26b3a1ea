//! Compares two renders of the same recipe: frames, audio samples and subtitles.

mod audio;
mod frames;

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::media::{decode, figure, probe};
use crate::run;

/// The tolerances of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The minimum PSNR of every frame, dB.
    pub picture: f64,
    /// The minimum signal-to-difference ratio of every section of audio, dB.
    pub sound: f64,
    /// The maximum shift of a section of audio, in samples.
    pub shift: usize,
    /// The allowed difference in frame count at the end: the duration of the last frame is undefined after a
    /// frame-rate conversion of part of a clip.
    pub frames: usize,
}

/// Cuts between two samples are rounded independently, so consecutive cuts may be off by one or two samples. Seeks in
/// Matroska, whose time base is 1 ms, are off by half a tick.
const ROUNDED: usize = 2 + 24;

impl Limits {
    /// Files that were encoded twice, with some loss each time.
    pub const LOSSY: Limits = Limits {
        picture: 24.0,
        sound: 6.0,
        // Audio joined packet by packet is moved by half a packet.
        shift: 512 + ROUNDED,
        frames: 0,
    };
    /// Files written by lossless encoders.
    pub const LOSSLESS: Limits = Limits {
        picture: 45.0,
        sound: 40.0,
        shift: ROUNDED,
        frames: 0,
    };
}

/// The result of a comparison.
#[derive(Debug, Default)]
pub struct Found {
    /// The differences, in words; empty if the files are equivalent.
    pub faults: Vec<String>,
    /// The lowest PSNR of any frame, dB.
    pub picture: Option<f64>,
    /// The lowest signal-to-difference ratio of any section of audio, dB.
    pub sound: Option<f64>,
}

/// Compares two files.
///
/// # Panics
/// If FFmpeg cannot read one of them.
pub fn compare(one: &Path, other: &Path, limits: &Limits) -> Found {
    let mut found = Found::default();
    let bytes =
        |path: &Path| std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // Encoders are deterministic: equal files need no decoding.
    if bytes(one) == bytes(other) {
        return found;
    }
    let (a, b) = (File::read(one), File::read(other));
    if a.tracks() != b.tracks() {
        let fault = format!("tracks: {:?} and {:?}", a.tracks(), b.tracks());
        found.faults.push(fault);
        return found;
    }
    lengths(&a, &b, limits, &mut found);
    if a.count("video") > 0 {
        frames::compare(&a, &b, limits, &mut found);
    }
    for index in 0..a.count("audio") {
        audio::compare(&a, &b, index, limits, &mut found);
    }
    for index in 0..a.count("subtitle") {
        let (ours, theirs) = (a.cues(index), b.cues(index));
        let same = ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(|(x, y)| {
                x.text == y.text && (x.start - y.start).abs() <= 0.002 && (x.end - y.end).abs() <= 0.002
            });
        if !same {
            found.faults.push(format!("subtitles: {ours:?} and {theirs:?}"));
        }
    }
    found
}

struct File<'p> {
    path: &'p Path,
    probed: Value,
    /// The PTS of each frame, in seconds.
    times: Vec<f64>,
}

/// A subtitle cue.
#[derive(Debug, PartialEq)]
struct Cue {
    start: f64,
    end: f64,
    text: String,
}

impl<'p> File<'p> {
    fn read(path: &'p Path) -> Self {
        let probed = probe(path);
        let mut times: Vec<f64> = entries(path, "v:0", "packet=pts_time,dts_time,flags")
            .iter()
            .filter(|fields| !fields.last().is_some_and(|flags| flags.contains('D')))
            .filter_map(|fields| fields.iter().find_map(|field| field.parse().ok()))
            .collect();
        times.sort_by(f64::total_cmp);
        File { path, probed, times }
    }

    fn streams(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let streams = self.probed["streams"].as_array().into_iter().flatten();
        streams.filter(move |stream| stream["codec_type"] == kind)
    }

    fn count(&self, kind: &str) -> usize {
        self.streams(kind).count()
    }

    /// The properties of every track that must be equal.
    fn tracks(&self) -> Vec<String> {
        let picture = |stream: &Value| {
            let turned = stream["side_data_list"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|data| data["rotation"].as_i64().is_some_and(|angle| angle % 180 != 0));
            let (mut width, mut height) = (stream["width"].as_i64(), stream["height"].as_i64());
            if turned {
                std::mem::swap(&mut width, &mut height);
            }
            format!("{}x{}", width.unwrap_or_default(), height.unwrap_or_default())
        };
        let mut tracks: Vec<String> = self.streams("video").map(picture).collect();
        tracks.extend(
            self.streams("audio")
                .map(|stream| format!("{} Hz, {} channels", stream["sample_rate"], stream["channels"])),
        );
        let language = |stream: &Value| format!("subtitles {}", stream["tags"]["language"]);
        tracks.extend(self.streams("subtitle").map(language));
        tracks
    }

    fn duration(&self) -> Option<f64> {
        figure(&self.probed["format"], "duration")
    }

    /// The duration of a video frame or an audio packet, in seconds.
    fn packet_duration(&self) -> f64 {
        let frame = match self.times.as_slice() {
            [first, .., last] => (last - first) / (self.times.len() - 1) as f64,
            _ => 0.0,
        };
        frame.max(0.025)
    }

    fn cues(&self, index: usize) -> Vec<Cue> {
        let map = format!("0:s:{index}");
        let bytes = decode(self.path, &["-map", &map, "-f", "srt"]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.split("\n\n").filter_map(cue).collect()
    }

    /// The interleaved samples of an audio track, aligned with the video's timestamps.
    fn samples(&self, index: usize, start: f64, rate: f64, channels: usize) -> Vec<f32> {
        let map = format!("0:a:{index}");
        // Gaps are filled; only the rounding of containers to milliseconds is tolerated.
        let filter = "aresample=async=1:min_hard_comp=0.0011";
        let bytes = decode(self.path, &["-map", &map, "-af", filter, "-f", "f32le"]);
        let sample = |four: &[u8]| f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        let late = (start * rate).round();
        let silence = vec![0.0; late.max(0.0) as usize * channels];
        let samples = bytes.chunks_exact(4).map(sample);
        let samples = samples.skip((-late).max(0.0) as usize * channels);
        silence.into_iter().chain(samples).collect()
    }

    /// The start of an audio track relative to the first video frame, in seconds.
    fn audio_start(&self, index: usize) -> f64 {
        let Some(first) = self.times.first() else {
            return 0.0;
        };
        let output = run(Command::new("ffprobe")
            .args(["-v", "error", "-of", "csv=p=0", "-read_intervals", "%+#4"])
            .args(["-select_streams", &format!("a:{index}")])
            .args(["-show_entries", "frame=pts_time"])
            .arg(self.path))
        .stdout;
        let begins = output
            .lines()
            .find_map(|line| line.trim_matches(',').parse::<f64>().ok());
        begins.map_or(0.0, |begins| begins - first)
    }
}

fn cue(block: &str) -> Option<Cue> {
    let mut lines = block.trim().lines().skip_while(|line| !line.contains("-->"));
    let (start, end) = lines.next()?.split_once(" --> ")?;
    let seconds = |clock: &str| {
        let clock = clock.trim().replace(',', ".");
        clock
            .split(':')
            .map(|part| part.parse::<f64>().ok())
            .try_fold(0.0, |sum, part| Some(sum * 60.0 + part?))
    };
    Some(Cue {
        start: seconds(start)?,
        end: seconds(end)?,
        text: lines.collect::<Vec<_>>().join("\n"),
    })
}

fn entries(path: &Path, stream: &str, entries: &str) -> Vec<Vec<String>> {
    let output = run(Command::new("ffprobe")
        .args(["-v", "error", "-of", "csv=p=0", "-select_streams", stream])
        .args(["-show_entries", entries])
        .arg(path))
    .stdout;
    let fields = |line: &str| line.split(',').map(str::to_owned).collect();
    output.lines().map(fields).collect()
}

fn lengths(a: &File, b: &File, limits: &Limits, found: &mut Found) {
    if let (Some(ours), Some(theirs)) = (a.duration(), b.duration())
        && (ours - theirs).abs() > a.packet_duration().max(b.packet_duration()) + 0.002
    {
        found.faults.push(format!("duration: {ours} s and {theirs} s"));
    }
    let count = a.times.len().min(b.times.len());
    if a.times.len().max(b.times.len()) - count > limits.frames {
        let fault = format!("frames: {} and {}", a.times.len(), b.times.len());
        found.faults.push(fault);
        return;
    }
    let from_first = |file: &File, index: usize| file.times[index] - file.times[0];
    let off = |index: &usize| (from_first(a, *index) - from_first(b, *index)).abs() > 0.0015;
    if let Some(index) = (0..count).find(off) {
        let (ours, theirs) = (from_first(a, index), from_first(b, index));
        found.faults.push(format!(
            "frame {index} is shown at {ours:.4} s and at {theirs:.4} s"
        ));
    }
}
