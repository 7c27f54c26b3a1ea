//! Decoded audio and its levels.

use std::path::Path;
use std::process::Command;

use crate::media::decode;
use crate::run;

const RATE: f64 = 48_000.0;

/// Sound as one channel of 48 kHz.
#[derive(Debug)]
pub struct Audio(Vec<f32>);

impl Audio {
    /// How long it is in seconds.
    pub fn seconds(&self) -> f64 {
        self.0.len() as f64 / RATE
    }

    /// The samples from one second to another.
    fn part(&self, from: f64, to: f64) -> &[f32] {
        let index = |seconds: f64| ((seconds * RATE).round() as usize).min(self.0.len());
        &self.0[index(from)..index(to)]
    }

    /// Root mean square of a part in dB of full scale; -200 for silence.
    pub fn level(&self, from: f64, to: f64) -> f64 {
        let part = self.part(from, to);
        let squares: f64 = part.iter().map(|&s| f64::from(s).powi(2)).sum();
        decibel((squares / part.len() as f64).sqrt())
    }

    /// Level of a tone within a part in dB of a sine of full scale; -200 if there is none.
    pub fn tone(&self, frequency: f64, from: f64, to: f64) -> f64 {
        let part = self.part(from, to);
        let (mut sine, mut cosine) = (0.0, 0.0);
        for (index, &sample) in part.iter().enumerate() {
            let angle = std::f64::consts::TAU * frequency / RATE * index as f64;
            sine += f64::from(sample) * angle.sin();
            cosine += f64::from(sample) * angle.cos();
        }
        decibel(2.0 * f64::hypot(sine, cosine) / part.len() as f64)
    }
}

fn decibel(amplitude: f64) -> f64 {
    20.0 * amplitude.max(1e-10).log10()
}

/// The sound of a file, its first channel.
pub fn decode_audio(path: &Path) -> Audio {
    let options = ["-vn", "-af", "pan=mono|c0=c0", "-ar", "48000", "-f", "f32le"];
    let bytes = decode(path, &options);
    let sample = |four: &[u8]| f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
    Audio(bytes.chunks_exact(4).map(sample).collect())
}

/// Integrated loudness in LUFS and true peak in dBTP, as EBU R128 measures them.
///
/// # Panics
/// If ffmpeg does not tell.
pub fn loudness(path: &Path) -> (f64, f64) {
    let stderr = run(Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(path)
        .args(["-vn", "-af", "ebur128=peak=true", "-f", "null", "-"]))
    .expect(0)
    .stderr;
    let last = |label: &str| {
        let line = stderr
            .lines()
            .rev()
            .find_map(|line| line.trim().strip_prefix(label));
        let figure = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        figure.unwrap_or_else(|| panic!("no {label} in {stderr}"))
    };
    (last("I:"), last("Peak:"))
}
