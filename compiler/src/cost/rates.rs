//! What work takes on a machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::builtin;

/// The figures of a machine. [`Rates::default`] are built in: of a plain machine with two cores and FFmpeg 5.1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Whether they were measured on this machine.
    pub measured: bool,
    /// How many processors there are.
    pub cores: u32,
    /// How many more there are on other machines, which take whole stages.
    #[serde(default)]
    pub remote_cores: u32,
    /// Whether every decoder, filter graph and encoder of a run has a thread of its own, as from FFmpeg 7 on; before,
    /// one thread does everything that does not make threads for itself.
    pub pipelined: bool,
    /// Seconds of CPU until an ffmpeg or ffprobe has started.
    #[serde(alias = "start")]
    pub process_start: f64,
    /// Seconds of CPU per megabyte of packets that is read or written.
    #[serde(alias = "packets")]
    pub per_megabyte: f64,
    /// By FFmpeg's name of the codec.
    pub decoders: BTreeMap<String, Rate>,
    /// By name; where it depends on a setting, by both with a blank between, such as `xfade dissolve`.
    pub filters: BTreeMap<String, Rate>,
    /// By name; where the pace depends on it, name and preset with a blank between, such as `libx264 veryfast`.
    pub encoders: BTreeMap<String, Rate>,
    /// How large is what encoders make, by name, or by name and preset. It does not depend on the machine but on the
    /// pictures, and so is the least certain of all.
    pub sizes: BTreeMap<String, SizeModel>,
}

/// What a decoder, filter or encoder takes. A unit is a megapixel of pictures, or a second of 48 kHz stereo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Seconds of CPU per unit.
    #[serde(alias = "unit")]
    pub per_unit: f64,
    /// Seconds of CPU per megabit of packets, beside that.
    #[serde(default)]
    #[serde(alias = "megabit")]
    pub per_megabit: f64,
    /// Which share of it, 0 to 1, is done one thing after the other, however many processors there are.
    #[serde(alias = "serial")]
    pub serial_share: f64,
    /// Of an encoder, how much of `unit` a picture takes that is like the one before; 1 where that makes no difference.
    #[serde(default = "whole")]
    #[serde(alias = "still")]
    pub unchanged_factor: f64,
}

fn whole() -> f64 {
    1.0
}

impl Rate {
    /// So many seconds per unit and per megabit, of which a share is serial.
    pub const fn new(per_unit: f64, per_megabit: f64, serial_share: f64) -> Rate {
        Rate {
            per_unit,
            per_megabit,
            serial_share,
            unchanged_factor: 1.0,
        }
    }
}

/// How large is what an encoder makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SizeModel {
    /// Megabits per unit, whatever is in it.
    #[serde(alias = "unit")]
    pub per_unit: f64,
    /// Megabits per megabit of [`super::Encoded::detail`] beside that, at the quality `at`.
    #[serde(alias = "detail")]
    pub per_complexity: f64,
    /// The quality that this is of.
    #[serde(alias = "at")]
    pub reference_quality: f64,
    /// How much more of it halves the size; 0 where there is only one quality.
    #[serde(alias = "halves")]
    pub halving_step: f64,
}

impl Default for Rates {
    fn default() -> Self {
        builtin::rates()
    }
}

impl Rates {
    /// All processors, wherever they are.
    pub fn total_cores(&self) -> u32 {
        self.cores.saturating_add(self.remote_cores)
    }

    /// Of an encoder with a preset: its own, else of another preset, else the slowest guess that is likely.
    pub(super) fn encoder(&self, name: &str, preset: &str) -> Rate {
        preset_of(&self.encoders, name, preset).unwrap_or(builtin::UNKNOWN_ENCODER)
    }

    /// Of a decoder.
    pub(super) fn decoder(&self, codec: &str) -> Rate {
        let known = self.decoders.get(codec).copied();
        known.unwrap_or(builtin::UNKNOWN_DECODER)
    }

    /// Of a filter, by its name and what it does (`xfade dissolve`), or by its name; most that are not known only pass
    /// frames on.
    pub(super) fn filter(&self, name: &str) -> Rate {
        let plain = || self.filters.get(name.split(' ').next()?);
        self.filters.get(name).or_else(plain).copied().unwrap_or_default()
    }

    /// Of an encoder with a preset.
    pub(super) fn density(&self, name: &str, preset: &str) -> SizeModel {
        preset_of(&self.sizes, name, preset).unwrap_or(builtin::UNKNOWN_SIZE)
    }
}

/// What is known of an encoder with a preset, or of the encoder.
fn preset_of<T: Copy>(known: &BTreeMap<String, T>, name: &str, preset: &str) -> Option<T> {
    let exact = (!preset.is_empty()).then(|| known.get(&format!("{name} {preset}")));
    exact.flatten().or_else(|| known.get(name)).copied()
}

impl SizeModel {
    /// Megabits per megabit of detail at a quality, or at the only one there is.
    pub(super) fn of_quality(&self, quality: Option<f64>) -> f64 {
        let better = quality
            .filter(|_| self.halving_step > 0.0)
            .map_or(0.0, |quality| self.reference_quality - quality);
        self.per_complexity * (better / self.halving_step.max(1e-6)).exp2()
    }
}
