//! How far a render has come: a bar on a terminal, plain lines elsewhere, JSON lines for programs.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::output::Output;

/// What is known of a render under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment<'a> {
    /// What is being done, such as `render show.mp4`.
    pub(super) title: &'a str,
    /// How much of all the work is done, 0 to 1.
    pub(super) done: f64,
    /// Seconds of media made in a second, where FFmpeg says.
    pub(super) speed: Option<f64>,
}

/// Shows progress in one of three ways.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    output: &'a Output,
    face: Face,
    started: Instant,
}

#[derive(Debug)]
enum Face {
    Bar(ProgressBar),
    Lines { next: u32 },
    Json { last: Option<u32> },
}

/// The bar counts in tenths of a percent.
const STEPS: u32 = 1000;
/// Plain lines come at most this often, in percent.
const LINE_EVERY: u32 = 10;

impl<'a> Progress<'a> {
    /// JSON lines on standard output if `json`; else whatever suits standard error.
    pub(super) fn new(output: &'a Output, json: bool) -> Self {
        let face = if json {
            Face::Json { last: None }
        } else if std::io::stderr().is_terminal() {
            Face::Bar(bar())
        } else {
            Face::Lines { next: LINE_EVERY }
        };
        Progress {
            output,
            face,
            started: Instant::now(),
        }
    }

    /// Shows a moment. A reader who has left does not stop the work.
    pub(super) fn show(&mut self, moment: Moment) {
        let left = time_left(self.started.elapsed(), moment.done);
        let steps = (moment.done.clamp(0.0, 1.0) * f64::from(STEPS)) as u32;
        let percent = steps / (STEPS / 100);
        let speed = moment
            .speed
            .map(|speed| format!("{speed:.1}x"))
            .unwrap_or_default();
        match &mut self.face {
            Face::Bar(bar) => {
                bar.set_message(moment.title.to_owned());
                bar.set_prefix(match left {
                    Some(left) => format!("{speed:>6}  {} left", clock(left)),
                    None => format!("{speed:>6}"),
                });
                bar.set_position(u64::from(steps));
            }
            Face::Lines { next } if percent >= *next => {
                *next = (percent / LINE_EVERY + 1) * LINE_EVERY;
                let left = left
                    .map(|left| format!(", {} left", clock(left)))
                    .unwrap_or_default();
                let speed = if speed.is_empty() {
                    speed
                } else {
                    format!(", {speed}")
                };
                self.output
                    .say(&format!("{}: {percent} %{speed}{left}", moment.title));
            }
            Face::Json { last } if *last != Some(steps) => {
                *last = Some(steps);
                let event = json!({
                    "event": "progress",
                    "stage": moment.title,
                    "percent": f64::from(steps) / f64::from(STEPS / 100),
                    "speed": moment.speed,
                    "seconds_left": left.map(|left| left.as_secs()),
                });
                let _ = self.output.line(&event.to_string());
            }
            Face::Lines { .. } | Face::Json { .. } => {}
        }
    }

    /// Takes the bar away, so that what follows starts on a clean line.
    pub(super) fn finish(self) {
        if let Face::Bar(bar) = self.face {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(u64::from(STEPS));
    let template = "{msg:24!} {bar:32.cyan/blue} {percent:>3} % {prefix}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar
}

/// The time that is left if it goes on as it went; none before there is enough to judge by.
fn time_left(elapsed: Duration, done: f64) -> Option<Duration> {
    if done < 0.01 || elapsed < Duration::from_millis(500) {
        return None;
    }
    Duration::try_from_secs_f64(elapsed.as_secs_f64() * (1.0 - done.min(1.0)) / done).ok()
}

/// `1:02:03` or `2:03`.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_goes_by_what_was_done() {
        assert_eq!(
            time_left(Duration::from_secs(10), 0.25),
            Some(Duration::from_secs(30))
        );
        assert_eq!(time_left(Duration::from_secs(10), 1.0), Some(Duration::ZERO));
        assert_eq!(time_left(Duration::from_secs(10), 0.0), None);
        assert_eq!(time_left(Duration::from_millis(1), 0.5), None);
    }

    #[test]
    fn clocks() {
        assert_eq!(clock(Duration::from_secs(5)), "0:05");
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
    }
}
