//! The speed of a machine: CPU time per unit of work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The rate of an encoder that is not in the table.
const UNKNOWN_ENCODER: Rate = Rate::new(0.02, 0.01, 1.0);
/// The rate of a decoder that is not in the table.
const UNKNOWN_DECODER: Rate = Rate::new(0.003, 0.005, 0.5);
/// The size model of an encoder that is not in the table.
const UNKNOWN_SIZE: SizeModel = SizeModel {
    per_unit: 0.1,
    per_complexity: 0.0,
    reference_quality: 0.0,
    halving_step: 0.0,
};

/// The rates of a machine. [`Rates::default`] are built in: those of a plain machine with two cores and FFmpeg 5.1.
///
/// Aliases read what `vidc doctor --bench` of earlier versions stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// Whether they were measured on this machine.
    pub measured: bool,
    /// The number of this machine's processors.
    pub cores: u32,
    /// The number of processors of other machines, which can take whole stages.
    #[serde(default)]
    pub remote_cores: u32,
    /// Whether every decoder, filter graph, and encoder of a run has a thread of its own, as since FFmpeg 7. Before, one
    /// thread does everything that creates no threads itself.
    pub pipelined: bool,
    /// Seconds of CPU time to start ffmpeg or ffprobe.
    #[serde(alias = "start")]
    pub process_start: f64,
    /// Seconds of CPU time per megabyte of packets read or written.
    #[serde(alias = "packets")]
    pub per_megabyte: f64,
    /// By FFmpeg's name of the codec.
    pub decoders: BTreeMap<String, Rate>,
    /// By [`crate::plan::FilterName::cost_key`].
    pub filters: BTreeMap<String, Rate>,
    /// By name, or by name and preset separated by a space, such as `libx264 veryfast`.
    pub encoders: BTreeMap<String, Rate>,
    /// The size of encoded tracks, by name, or by name and preset. It depends on the content and not on the machine, so it is
    /// the least certain of all.
    pub sizes: BTreeMap<String, SizeModel>,
}

/// The rate of a decoder, filter, or encoder. A unit is a megapixel of video, or a second of 48 kHz stereo audio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Seconds of CPU time per unit.
    #[serde(alias = "unit")]
    pub per_unit: f64,
    /// Further seconds of CPU time per megabit of packets.
    #[serde(default, alias = "megabit")]
    pub per_megabit: f64,
    /// The share of it, 0 to 1, that runs serially, however many processors there are.
    #[serde(alias = "serial")]
    pub serial_share: f64,
    /// For an encoder, the factor of `per_unit` for a frame that equals the previous one; 1 if it makes no difference.
    #[serde(default = "one", alias = "still")]
    pub unchanged_factor: f64,
}

fn one() -> f64 {
    1.0
}

impl Rate {
    /// A rate whose share `serial_share` runs serially.
    pub const fn new(per_unit: f64, per_megabit: f64, serial_share: f64) -> Rate {
        Rate {
            per_unit,
            per_megabit,
            serial_share,
            unchanged_factor: 1.0,
        }
    }
}

/// A model of the size of an encoded track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SizeModel {
    /// Megabits per unit, whatever the content.
    #[serde(alias = "unit")]
    pub per_unit: f64,
    /// Further megabits per megabit of [`super::EncodeWork::complexity`], at the reference quality.
    #[serde(alias = "detail")]
    pub per_complexity: f64,
    /// The quality at which `per_complexity` holds.
    #[serde(alias = "at")]
    pub reference_quality: f64,
    /// The increase of the quality number that halves the size; 0 if there is only one quality.
    #[serde(alias = "halves")]
    pub halving_step: f64,
}

impl Rates {
    /// The number of processors of all machines.
    pub fn total_cores(&self) -> u32 {
        self.cores.saturating_add(self.remote_cores)
    }

    /// The rate of an encoder with a preset, else of the encoder, else a slow guess.
    pub(super) fn encoder(&self, name: &str, preset: &str) -> Rate {
        for_preset(&self.encoders, name, preset).unwrap_or(UNKNOWN_ENCODER)
    }

    /// The rate of a decoder.
    pub(super) fn decoder(&self, codec: &str) -> Rate {
        self.decoders.get(codec).copied().unwrap_or(UNKNOWN_DECODER)
    }

    /// The rate of a filter by its cost key: with its setting, else without.
    pub(super) fn filter(&self, cost_key: &str) -> Rate {
        let plain = || self.filters.get(cost_key.split(' ').next()?);
        // Every filter of the compiler's table has a row.
        self.filters
            .get(cost_key)
            .or_else(plain)
            .copied()
            .unwrap_or_default()
    }

    /// The size model of an encoder with a preset, else of the encoder.
    pub(super) fn size(&self, name: &str, preset: &str) -> SizeModel {
        for_preset(&self.sizes, name, preset).unwrap_or(UNKNOWN_SIZE)
    }
}

/// The row of an encoder with a preset, else of the encoder.
fn for_preset<T: Copy>(rows: &BTreeMap<String, T>, name: &str, preset: &str) -> Option<T> {
    let exact = (!preset.is_empty()).then(|| rows.get(&format!("{name} {preset}")));
    exact.flatten().or_else(|| rows.get(name)).copied()
}

impl SizeModel {
    /// Megabits per megabit of complexity at a quality, or at the only one.
    pub(super) fn at_quality(&self, quality: Option<f64>) -> f64 {
        let better = quality
            .filter(|_| self.halving_step > 0.0)
            .map_or(0.0, |quality| self.reference_quality - quality);
        self.per_complexity * (better / self.halving_step.max(1e-6)).exp2()
    }
}
