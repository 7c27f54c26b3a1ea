//! The result of a loudness measurement (EBU R128), and the gain that follows from it.

use serde::{Deserialize, Serialize};

use crate::time::Rational;

/// The absolute gate of ITU-R BS.1770 in LUFS, below which audio counts as silence.
const GATE: f64 = -70.0;
/// The largest gain in dB: more than any recording needs, less than what makes dither audible.
const MAX_GAIN: f64 = 60.0;

/// The loudness of an audio stream.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loudness {
    /// Integrated loudness in LUFS, to a tenth; -70 is silence.
    pub integrated: f64,
}

impl Loudness {
    /// Parses the summary that the filter `ebur128` logs at the end of its run; none if there is no summary.
    pub fn from_log(log: &str) -> Option<Loudness> {
        let summary = &log[log.rfind("Summary:")?..];
        let value = summary[summary.find("I:")? + 2..].split_whitespace().next()?;
        let integrated = value.parse().ok()?;
        Some(Loudness { integrated })
    }

    /// The gain that brings the audio to a loudness in LUFS, for FFmpeg's `volume`. Silence stays unchanged.
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
    fn a_gain_follows_from_the_log() {
        let log = "[Parsed_ebur128_0 @ 0x1] Summary:\n\n  Integrated loudness:\n    I:         -19.2 LUFS\n";
        let loudness = Loudness::from_log(log).unwrap();
        assert_eq!(loudness.gain_to(Rational::from_integer(-16)), "3.20dB");
        assert_eq!(Loudness::from_log("no summary"), None);
    }

    #[test]
    fn silence_stays_silent() {
        let silence = Loudness { integrated: -70.0 };
        assert_eq!(silence.gain_to(Rational::from_integer(-16)), "0.00dB");
    }
}
