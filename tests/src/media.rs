//! What ffprobe and ffmpeg say of a rendered file.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Streams and format of a file, as ffprobe's JSON.
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

/// How many streams of a kind there are.
pub fn count(probed: &Value, kind: &str) -> usize {
    let of_kind = |streams: &Vec<Value>| streams.iter().filter(|s| s["codec_type"] == kind).count();
    probed["streams"].as_array().map_or(0, of_kind)
}

/// A figure that ffprobe writes as text, such as a duration in seconds.
pub fn figure(object: &Value, field: &str) -> Option<f64> {
    object[field].as_str()?.parse().ok()
}

/// Decodes a file to the end and returns what ffmpeg complained of: nothing, if it is sound.
///
/// # Panics
/// If ffmpeg does not start.
pub fn complaints(path: &Path) -> String {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-xerror", "-i"])
        .arg(path)
        .args(["-f", "null", "-"])
        .output()
        .unwrap_or_else(|error| panic!("ffmpeg did not start: {error}"));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Seconds at which the sound becomes louder than -30 dB after at least 300 ms of less.
pub fn beeps(path: &Path) -> Vec<f64> {
    let rate = 48_000;
    let samples = decode(
        path,
        &[
            "-vn",
            "-af",
            "highpass=800,bandpass=f=1000:w=200",
            "-ac",
            "1",
            "-ar",
            "48000",
            "-f",
            "s16le",
        ],
    );
    let mut found = Vec::new();
    let mut quiet = usize::MAX / 2;
    for (index, pair) in samples.chunks_exact(2).enumerate() {
        let level = i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs();
        if level > 1500 {
            if quiet > rate * 3 / 10 {
                found.push(index as f64 / rate as f64);
            }
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    found
}

/// Seconds at which the middle of the picture turns white after at least 300 ms of not being so.
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

/// Raw bytes of a file decoded with some options.
fn decode(path: &Path, options: &[&str]) -> Vec<u8> {
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
