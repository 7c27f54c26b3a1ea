//! What an EBU R128 measurement finds, and what follows from it.

use serde::{Deserialize, Serialize};

use crate::time::Rational;

/// Below this a measurement hears nothing: the absolute gate of ITU-R BS.1770.
const GATE: f64 = -70.0;
/// More than any recording needs; less than would make noise of dither.
const MAX_GAIN: f64 = 60.0;

/// The loudness of a whole sound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loudness {
    /// Integrated, LUFS, to a tenth; -70 is silence.
    pub integrated: f64,
}

impl Loudness {
    /// Reads the summary that the filter `ebur128` logs at the end of its run; none if there is none.
    pub fn from_log(log: &str) -> Option<Loudness> {
        let summary = &log[log.rfind("Summary:")?..];
        let figure = summary[summary.find("I:")? + 2..].split_whitespace().next()?;
        let integrated = figure.parse().ok()?;
        Some(Loudness { integrated })
    }

    /// The gain that brings it to a loudness in LUFS, as FFmpeg's `volume` reads it. Silence stays as it is.
    pub fn gain_to(self, target: Rational) -> String {
        let target = *target.numer() as f64 / *target.denom() as f64;
        let gain = if self.integrated > GATE {
            target - self.integrated
        } else {
            0.0
        };
        format!("{:.2}dB", gain.clamp(-MAX_GAIN, MAX_GAIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_becomes_a_gain() {
        let log = "[Parsed_ebur128_0 @ 0x1] Summary:\n\n  Integrated loudness:\n    I:         -19.2 LUFS\n";
        let loudness = Loudness::from_log(log).unwrap();
        assert_eq!(loudness.gain_to(Rational::from_integer(-16)), "3.20dB");
        assert_eq!(Loudness::from_log("nothing was measured"), None);
    }

    #[test]
    fn silence_stays_silent() {
        let silence = Loudness { integrated: -70.0 };
        assert_eq!(silence.gain_to(Rational::from_integer(-16)), "0.00dB");
    }
}
