//! Inspects rendered files with ffprobe and FFmpeg.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Probes the streams and format of a file, as ffprobe's JSON.
///
/// # Panics
/// If ffprobe cannot read the file.
pub fn probe(path: &Path) -> Value {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_streams", "-show_format"])
        .arg(path)
        .output()
        .unwrap_or_else(|error| panic!("ffprobe did not start: {error}"));
    assert!(
        output.status.success(),
        "{}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first stream of a kind (`video`, `audio`, `subtitle`), or null.
pub fn stream<'a>(probed: &'a Value, kind: &str) -> &'a Value {
    probed["streams"]
        .as_array()
        .and_then(|streams| streams.iter().find(|s| s["codec_type"] == kind))
        .unwrap_or(&Value::Null)
}

/// The number of streams of a kind.
pub fn count(probed: &Value, kind: &str) -> usize {
    let of_kind = |streams: &Vec<Value>| streams.iter().filter(|s| s["codec_type"] == kind).count();
    probed["streams"].as_array().map_or(0, of_kind)
}

/// A number that ffprobe writes as text, such as a duration in seconds.
pub fn figure(object: &Value, field: &str) -> Option<f64> {
    object[field].as_str()?.parse().ok()
}

/// Decodes a whole file and returns FFmpeg's error messages; empty if the file is valid.
///
/// # Panics
/// If FFmpeg does not start.
pub fn decode_errors(path: &Path) -> String {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-xerror", "-i"])
        .arg(path)
        .args(["-f", "null", "-"])
        .output()
        .unwrap_or_else(|error| panic!("ffmpeg did not start: {error}"));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Times in seconds at which a 1 kHz tone starts after at least 300 ms without it, accurate to 2 ms.
pub fn beeps(path: &Path) -> Vec<f64> {
    const RATE: usize = 48_000;
    const STEP: usize = RATE / 1000;
    const WINDOW: usize = 5 * STEP;
    let bytes = decode(path, &["-vn", "-ac", "1", "-ar", "48000", "-f", "s16le"]);
    let samples: Vec<f64> = bytes
        .chunks_exact(2)
        .map(|pair| f64::from(i16::from_le_bytes([pair[0], pair[1]])) / 32768.0)
        .collect();
    let mut found = Vec::new();
    let mut last_heard = f64::NEG_INFINITY;
    for start in (0..samples.len().saturating_sub(WINDOW)).step_by(STEP) {
        if amplitude(&samples[start..start + WINDOW], 1000.0 / RATE as f64) > 0.1 {
            // At this point the tone fills about a quarter of the window.
            let time = (start + WINDOW * 3 / 4) as f64 / RATE as f64;
            if time - last_heard > 0.3 {
                found.push(time);
            }
            last_heard = time;
        }
    }
    found
}

/// The amplitude of a tone; `frequency` is in cycles per sample.
fn amplitude(samples: &[f64], frequency: f64) -> f64 {
    let (mut sine, mut cosine) = (0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let angle = std::f64::consts::TAU * frequency * index as f64;
        sine += sample * angle.sin();
        cosine += sample * angle.cos();
    }
    2.0 * f64::hypot(sine, cosine) / samples.len() as f64
}

/// Times in seconds at which the center of the video turns white after at least 300 ms of not being white.
pub fn flashes(path: &Path, frame_rate: f64) -> Vec<f64> {
    let frames = decode(
        path,
        &[
            "-an",
            "-vf",
            "crop=iw/8:ih/8,scale=1:1:flags=area,format=gray",
            "-f",
            "rawvideo",
        ],
    );
    let mut found = Vec::new();
    let mut last_white = f64::NEG_INFINITY;
    for (index, &level) in frames.iter().enumerate() {
        let time = index as f64 / frame_rate;
        if level > 200 {
            if time - last_white > 0.3 {
                found.push(time);
            }
            last_white = time;
        }
    }
    found
}

/// The brightness of the first frame in a grid of `columns` by `rows` cells, each an average.
///
/// # Panics
/// If FFmpeg cannot decode it.
pub fn luma(path: &Path, columns: usize, rows: usize) -> Vec<u8> {
    let filter = format!("format=gray,scale={columns}:{rows}:flags=area");
    decode(path, &["-an", "-vf", &filter, "-frames:v", "1", "-f", "rawvideo"])
}

/// A hash of each video packet of a file, and whether it is a keyframe.
///
/// # Panics
/// If ffprobe does not start.
pub fn packets(path: &Path) -> Vec<(String, bool)> {
    let packet = |line: &str| {
        let (flags, hash) = line.split_once(',')?;
        Some((hash.to_owned(), flags.contains('K')))
    };
    let listed = listed(path, "flags,data_hash");
    listed.lines().filter_map(packet).collect()
}

/// The byte offset and size of a video packet, counted from 0 in decoding order.
///
/// # Panics
/// If ffprobe does not start, or there is no such packet.
pub fn place(path: &Path, packet: usize) -> (usize, usize) {
    let listed = listed(path, "size,pos");
    let entry = listed.lines().nth(packet).and_then(|line| line.split_once(','));
    let figures = entry.map(|(size, place)| (place.parse(), size.parse()));
    match figures {
        Some((Ok(place), Ok(size))) => (place, size),
        _ => panic!("{}: there is no packet {packet}", path.display()),
    }
}

/// Fields of each video packet as ffprobe prints them, a line each, in ffprobe's order.
fn listed(path: &Path, fields: &str) -> String {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-of", "csv=p=0"])
        .args(["-show_data_hash", "md5", "-show_entries"])
        .arg(format!("packet={fields}"))
        .arg(path)
        .output()
        .unwrap_or_else(|error| panic!("ffprobe did not start: {error}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Decodes a file with output options and returns the raw bytes.
pub fn decode(path: &Path, options: &[&str]) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(path)
        .args(options)
        .arg("-")
        .output()
        .unwrap_or_else(|error| panic!("ffmpeg did not start: {error}"));
    assert!(
        output.status.success(),
        "{}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    /// Tests the measurements on clips that flash and beep at every whole second.
    #[test]
    fn flashes_and_beeps_are_found() {
        for (clip, rate) in [
            ("mono.mp4", 30_000.0 / 1001.0),
            ("anamorphic.avi", 24_000.0 / 1001.0),
        ] {
            let path = workspace::root().join("examples/media").join(clip);
            let (flashes, beeps) = (flashes(&path, rate), beeps(&path));
            for second in [1.0, 2.0, 3.0] {
                let near = |found: &[f64]| found.iter().any(|time| (time - second).abs() < 0.006);
                assert!(near(&flashes), "{clip}: no flash at {second} s in {flashes:?}");
                assert!(near(&beeps), "{clip}: no beep at {second} s in {beeps:?}");
            }
            assert_eq!(flashes.len(), 4, "{clip}: {flashes:?}");
        }
    }
}
