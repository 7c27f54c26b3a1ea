//! What FFmpeg says with `-progress`: blocks of `key=value` lines, each ended by a `progress` line.

use vidc_compiler::time::{Rational, Time};

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The latest timestamp written, from the output's start; none before the first.
    pub time: Option<Time>,
    /// How many video frames were written.
    pub frames: Option<u64>,
    /// How many bytes were written.
    pub bytes: Option<u64>,
    /// Seconds of output made in a second.
    pub speed: Option<f64>,
    /// Whether this is the run's last word.
    pub ended: bool,
}

/// Puts lines together to [`Progress`]es.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    block: Progress,
}

impl Parser {
    /// Takes a line; gives the progress if the line ends a block.
    pub(crate) fn line(&mut self, line: &str) -> Option<Progress> {
        let (key, value) = line.trim().split_once('=')?;
        let value = value.trim();
        match key {
            // `out_time_ms` is microseconds too, despite its name. Before the first packet it is `N/A` or negative.
            "out_time_us" => {
                self.block.time = value
                    .parse::<i64>()
                    .ok()
                    .filter(|us| *us >= 0)
                    .map(|us| Time::new(Rational::new(us, 1_000_000)));
            }
            "frame" => self.block.frames = value.parse().ok(),
            "total_size" => self.block.bytes = value.parse().ok(),
            "speed" => self.block.speed = value.trim_end_matches('x').parse().ok(),
            "progress" => {
                self.block.ended = value == "end";
                return Some(std::mem::take(&mut self.block));
            }
            _ => {}
        }
        None
    }
}

/// Cuts a stream of bytes into lines at `\n` and `\r`, and lines that never end into pieces.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    rest: Vec<u8>,
}

/// Long enough for any message worth reading, in bytes.
const MAX_LINE: usize = 8 << 10;

impl Lines {
    /// Takes bytes; calls `each` with every line they end.
    pub(crate) fn feed(&mut self, bytes: &[u8], each: &mut dyn FnMut(&str)) {
        for byte in bytes {
            if matches!(byte, b'\n' | b'\r') || self.rest.len() >= MAX_LINE {
                self.flush(each);
            }
            if !matches!(byte, b'\n' | b'\r') {
                self.rest.push(*byte);
            }
        }
    }

    /// Calls `each` with what is left after the last line's end.
    pub(crate) fn flush(&mut self, each: &mut dyn FnMut(&str)) {
        if !self.rest.is_empty() {
            each(&String::from_utf8_lossy(&self.rest));
            self.rest.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_progress() {
        let text =
            b"frame=12\nfps=0.0\ntotal_size=48\nout_time_us=480000\nout_time_ms=480000\nspeed=1.5x\r\n\
                     progress=continue\nframe=N/A\nout_time_us=N/A\nspeed=N/A\nprogress=end\n";
        let (mut parser, mut lines, mut found) = (Parser::default(), Lines::default(), Vec::new());
        for piece in text.chunks(7) {
            lines.feed(piece, &mut |line| found.extend(parser.line(line)));
        }
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].time, Some(Time::millis(480)));
        assert_eq!(
            (found[0].frames, found[0].bytes, found[0].speed, found[0].ended),
            (Some(12), Some(48), Some(1.5), false)
        );
        assert_eq!(
            found[1],
            Progress {
                ended: true,
                ..Progress::default()
            }
        );
    }
}
