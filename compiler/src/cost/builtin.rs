//! The built-in rates: those that `vidc doctor --bench` measured on a plain machine with two cores and FFmpeg 5.1.

use std::collections::BTreeMap;

use super::{Rate, Rates, SizeModel};
use crate::plan::{Cost, FilterName};

/// Name, seconds of CPU time per unit and per megabit, and the serial share.
type Row = (&'static str, f64, f64, f64);

const DECODERS: &[Row] = &[
    ("aac", 0.00055, 0.0, 1.0),
    ("ac3", 0.00067, 0.0, 1.0),
    ("alac", 0.0014, 0.0, 1.0),
    ("av1", 0.0011, 0.018, 0.15),
    ("flac", 0.0011, 0.0, 1.0),
    ("gif", 0.0014, 0.00052, 1.0),
    ("h264", 0.0015, 0.0093, 0.15),
    ("hevc", 0.0019, 0.015, 0.15),
    ("mjpeg", 0.00093, 0.0014, 0.1),
    ("mp3", 0.00086, 0.0, 1.0),
    ("mpeg2video", 0.00056, 0.0012, 0.3),
    ("mpeg4", 0.00063, 0.0013, 0.15),
    ("opus", 0.0017, 0.0, 1.0),
    ("pcm_f32le", 0.00024, 0.0, 1.0),
    ("pcm_s16le", 0.0002, 0.0, 1.0),
    ("pcm_s24le", 0.00024, 0.0, 1.0),
    ("pcm_s32le", 0.00024, 0.0, 1.0),
    ("png", 0.0028, 0.001, 0.1),
    ("prores", 0.0014, 0.0021, 0.1),
    ("rawvideo", 0.00013, 0.00026, 1.0),
    ("vorbis", 0.00068, 0.0, 1.0),
    ("vp8", 0.00075, 0.012, 0.3),
    ("vp9", 0.00083, 0.014, 0.15),
];

const ENCODERS: &[Row] = &[
    ("aac", 0.015, 0.0, 1.0),
    ("flac", 0.0017, 0.0, 1.0),
    ("gif", 0.0042, 0.0056, 1.0),
    ("libmp3lame", 0.0096, 0.0, 1.0),
    ("libopus", 0.008, 0.0, 1.0),
    ("libvorbis", 0.0099, 0.0, 1.0),
    ("libvpx-vp9 0", 0.1, 2.9, 0.35),
    ("libvpx-vp9 1", 0.051, 1.5, 0.35),
    ("libvpx-vp9 2", 0.032, 0.93, 0.35),
    ("libvpx-vp9 3", 0.022, 0.64, 0.35),
    ("libvpx-vp9 4", 0.017, 0.49, 0.35),
    ("libvpx-vp9 5", 0.013, 0.37, 0.35),
    ("libvpx-vp9 6", 0.012, 0.35, 0.35),
    ("libvpx-vp9 7", 0.012, 0.34, 0.35),
    ("libvpx-vp9 8", 0.012, 0.34, 0.35),
    ("libx264 fast", 0.015, 0.12, 0.08),
    ("libx264 faster", 0.013, 0.11, 0.08),
    ("libx264 medium", 0.016, 0.14, 0.08),
    ("libx264 slow", 0.026, 0.22, 0.08),
    ("libx264 slower", 0.049, 0.41, 0.08),
    ("libx264 superfast", 0.0083, 0.017, 0.08),
    ("libx264 ultrafast", 0.0037, 0.0026, 0.08),
    ("libx264 veryfast", 0.012, 0.024, 0.08),
    ("libx264 veryslow", 0.09, 0.75, 0.08),
    ("libx265 fast", 0.026, 0.37, 0.08),
    ("libx265 faster", 0.023, 0.32, 0.08),
    ("libx265 medium", 0.035, 0.49, 0.08),
    ("libx265 slow", 0.085, 1.2, 0.08),
    ("libx265 slower", 0.23, 3.2, 0.08),
    ("libx265 superfast", 0.017, 0.13, 0.08),
    ("libx265 ultrafast", 0.015, 0.12, 0.08),
    ("libx265 veryfast", 0.023, 0.32, 0.08),
    ("libx265 veryslow", 0.35, 4.9, 0.08),
    ("mjpeg", 0.0038, 0.0037, 0.2),
    ("mpeg4", 0.0016, 0.0034, 0.3),
    ("pcm_s16le", 0.00023, 0.0, 1.0),
    ("pcm_s24le", 0.00028, 0.0, 1.0),
    ("pcm_s32le", 0.00028, 0.0, 1.0),
    ("png", 0.12, 0.0, 0.1),
    ("prores_ks", 0.045, 0.021, 0.1),
];

/// Encoders that are faster with frames that equal the previous one: the factor of the usual time for these.
const UNCHANGED_FACTORS: &[(&str, f64)] = &[("libx264", 0.4), ("gif", 0.25)];

/// Name, megabits per unit, megabits per megabit of complexity at a reference quality, that quality, and the halving step.
type SizeRow = (&'static str, f64, f64, f64, f64);

const SIZES: &[SizeRow] = &[
    ("libx264", 0.0, 1.0, 21.0, 6.0),
    ("libx264 ultrafast", 0.0, 1.7, 21.0, 6.0),
    ("libx264 superfast", 0.0, 1.6, 21.0, 6.0),
    ("libx264 veryfast", 0.0, 0.92, 21.0, 6.0),
    ("libx265", 0.0, 0.55, 26.0, 5.0),
    ("libx265 ultrafast", 0.0, 0.42, 26.0, 5.0),
    ("libvpx-vp9", 0.0, 0.7, 31.0, 9.0),
    ("mpeg4", 0.0, 1.9, 4.0, 6.0),
    ("prores_ks", 2.5, 0.0, 0.0, 0.0),
    ("gif", 0.2, 2.0, 0.0, 0.0),
    ("mjpeg", 0.15, 0.18, 0.0, 0.0),
    ("png", 0.5, 1.0, 0.0, 0.0),
    ("libmp3lame", 0.19, 0.0, 0.0, 0.0),
    ("libvorbis", 0.16, 0.0, 0.0, 0.0),
    ("flac", 0.7, 0.0, 0.0, 0.0),
    ("pcm_s16le", 1.536, 0.0, 0.0, 0.0),
    ("pcm_s24le", 2.304, 0.0, 0.0, 0.0),
    ("pcm_s32le", 3.072, 0.0, 0.0, 0.0),
];

/// The rates of filters, from the table of [`FilterSpec`](crate::plan::FilterSpec)s.
fn filters() -> BTreeMap<String, Rate> {
    let mut rates = BTreeMap::new();
    for filter in FilterName::ALL {
        let spec = filter.spec();
        if spec.same_cost_as.is_some() {
            continue;
        }
        rates.insert(filter.cost_key(None), rate_of(spec.cost));
        for setting in spec.settings {
            rates.insert(filter.cost_key(Some(setting.value)), rate_of(setting.cost));
        }
    }
    rates
}

fn rate_of(cost: Cost) -> Rate {
    match cost {
        Cost::PerUnit { seconds, serial } => Rate::new(seconds, 0.0, serial),
        Cost::Free(_) => Rate::new(0.0, 0.0, 1.0),
    }
}

impl Default for Rates {
    fn default() -> Self {
        let mut encoders = table(ENCODERS);
        for (name, rate) in &mut encoders {
            let family = name.split(' ').next().unwrap_or(name);
            if let Some((_, factor)) = UNCHANGED_FACTORS.iter().find(|(known, _)| *known == family) {
                rate.unchanged_factor = *factor;
            }
        }
        Rates {
            measured: false,
            cores: 2,
            remote_cores: 0,
            pipelined: false,
            process_start: 0.07,
            per_megabyte: 0.004,
            decoders: table(DECODERS),
            filters: filters(),
            encoders,
            sizes: sizes(),
        }
    }
}

fn table(rows: &[Row]) -> BTreeMap<String, Rate> {
    let rate = |&(name, per_unit, per_megabit, serial_share): &Row| {
        (name.to_owned(), Rate::new(per_unit, per_megabit, serial_share))
    };
    rows.iter().map(rate).collect()
}

fn sizes() -> BTreeMap<String, SizeModel> {
    let model = |&(name, per_unit, per_complexity, reference_quality, halving_step): &SizeRow| {
        let model = SizeModel {
            per_unit,
            per_complexity,
            reference_quality,
            halving_step,
        };
        (name.to_owned(), model)
    };
    SIZES.iter().map(model).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_has_a_rate_unless_it_is_free() {
        let rates = Rates::default();
        for filter in FilterName::ALL {
            let rate = rates.filters[&filter.cost_key(None)];
            let is_free = matches!(filter.spec().cost, Cost::Free(_));
            assert_eq!(rate.per_unit == 0.0, is_free, "{filter}: {rate:?}");
        }
    }
}
