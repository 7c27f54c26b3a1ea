//! The figures of a plain machine with two cores and FFmpeg 5.1, as `vidc doctor --bench` measured them there.

use super::{Density, Rate, Rates};

/// What an encoder takes that nobody has measured.
pub(super) const UNKNOWN_ENCODER: Rate = Rate {
    unit: 0.02,
    megabit: 0.01,
    serial: 1.0,
};
/// Likewise a decoder.
pub(super) const UNKNOWN_DECODER: Rate = Rate {
    unit: 0.003,
    megabit: 0.005,
    serial: 0.5,
};
/// Likewise the size of what an encoder makes.
pub(super) const UNKNOWN_SIZE: Density = Density {
    unit: 0.1,
    detail: 0.0,
    at: 0.0,
    halves: 0.0,
};

/// Name, seconds of CPU per unit and per megabit, and the share that is serial.
type Row = (&'static str, f64, f64, f64);

const DECODERS: &[Row] = &[("h264", 0.0005, 0.006, 0.1), ("aac", 0.0007, 0.0, 1.0)];

const FILTERS: &[Row] = &[("scale", 0.002, 0.0, 1.0)];

const ENCODERS: &[Row] = &[
    ("libx264 medium", 0.02, 0.01, 0.2),
    ("libx264 veryfast", 0.01, 0.01, 0.2),
    ("aac", 0.015, 0.0, 1.0),
];

/// Name, megabits per unit, or per megabit of detail at a quality; and how much more of that halves it.
type Size = (&'static str, f64, f64, f64, f64);

const SIZES: &[Size] = &[("libx264", 0.0, 1.0, 21.0, 6.0)];

/// All of them.
pub(super) fn rates() -> Rates {
    let table = |rows: &[Row]| {
        let rate = |(name, unit, megabit, serial): &Row| {
            (
                (*name).to_owned(),
                Rate {
                    unit: *unit,
                    megabit: *megabit,
                    serial: *serial,
                },
            )
        };
        rows.iter().map(rate).collect()
    };
    let sizes = SIZES.iter().map(|(name, unit, detail, at, halves)| {
        (
            (*name).to_owned(),
            Density {
                unit: *unit,
                detail: *detail,
                at: *at,
                halves: *halves,
            },
        )
    });
    Rates {
        measured: false,
        cores: 2,
        pipelined: false,
        start: 0.05,
        packets: 0.003,
        decoders: table(DECODERS),
        filters: table(FILTERS),
        encoders: table(ENCODERS),
        sizes: sizes.collect(),
    }
}
