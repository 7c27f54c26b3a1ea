//! Estimates as text.

use std::fmt::{self, Display};

use super::{Estimate, StageEstimate};

impl Display for StageEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_amounts(f, self.wall, self.cpu, self.bytes)
    }
}

impl Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_amounts(f, self.wall, self.cpu, self.bytes)?;
        f.write_str(match self.measured {
            true => " (measured on this machine)",
            false => " (built-in rates; `vidc doctor --bench` measures this machine)",
        })
    }
}

fn write_amounts(f: &mut fmt::Formatter<'_>, wall: f64, cpu: f64, bytes: u64) -> fmt::Result {
    write!(f, "about {}, {} of CPU time", seconds(wall), seconds(cpu))?;
    match bytes {
        0 => Ok(()),
        bytes => write!(f, ", {}", size(bytes)),
    }
}

/// A duration in two significant digits; no estimate is more precise.
fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{} s", two_digits(seconds.max(0.01)));
    }
    let minutes = seconds / 60.0;
    match minutes {
        _ if minutes < 10.0 => {
            let tens = (seconds / 10.0).round() as u64;
            format!("{}:{:02} min", tens / 6, tens % 6 * 10)
        }
        _ if minutes < 90.0 => format!("{} min", two_digits(minutes)),
        _ => format!("{} h", two_digits(minutes / 60.0)),
    }
}

/// A size in two significant digits.
fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if value < 999.5 {
            return format!("{} {unit}", two_digits(value));
        }
        value /= 1000.0;
    }
    format!("{} TB", two_digits(value))
}

/// A number that is not negative, rounded to two significant digits.
fn two_digits(value: f64) -> String {
    match value {
        _ if value < 0.995 => format!("{value:.2}"),
        _ if value < 9.95 => format!("{value:.1}"),
        _ if value < 99.5 => format!("{value:.0}"),
        _ => format!("{}", (value / 10.0).round() as u64 * 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded() {
        let text = [0.0, 0.123, 1.26, 12.4, 59.4, 84.0, 125.0, 754.0, 5000.0, 20_000.0].map(seconds);
        assert_eq!(
            text,
            [
                "0.01 s", "0.12 s", "1.3 s", "12 s", "59 s", "1:20 min", "2:10 min", "13 min", "83 min",
                "5.6 h"
            ]
        );
    }

    #[test]
    fn sizes_are_rounded() {
        let text = [12, 4_321, 543_210, 5_432_100, 2_345_678_901, 5_000_000_000_000].map(size);
        assert_eq!(
            text,
            ["12 bytes", "4.3 kB", "540 kB", "5.4 MB", "2.3 GB", "5.0 TB"]
        );
    }
}
