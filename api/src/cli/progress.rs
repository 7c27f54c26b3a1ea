//! How far a render has come: a bar on a terminal, plain lines elsewhere, JSON lines for programs.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use vidc_engine::Event;

use super::output::Output;

/// Shows progress in one of three ways.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    output: &'a Output,
    style: Style,
    /// What is being done, such as `render show.mp4`.
    title: String,
}

#[derive(Debug)]
enum Style {
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
        let style = if json {
            Style::Json { last: None }
        } else if std::io::stderr().is_terminal() {
            Style::Bar(bar())
        } else {
            Style::Lines { next: LINE_EVERY }
        };
        Progress {
            output,
            style,
            title: String::new(),
        }
    }

    /// Shows what an event tells. A reader who has left does not stop the work.
    pub(super) fn show(&mut self, event: Event) {
        match event {
            Event::Started { title, .. } => self.title = title,
            Event::Progress {
                percent, speed, eta, ..
            } => self.advance(percent, speed, eta),
            Event::Fallback { reason } => self.output.say(&format!(
                "note: all is encoded as a whole, because what was copied does not fit: {reason}"
            )),
            // Only as long as nothing else is under way.
            Event::Reused { .. } if self.title.is_empty() => "made before".clone_into(&mut self.title),
            Event::Log { .. } | Event::Reused { .. } | Event::Remote { .. } | Event::Finished { .. } => {}
        }
    }

    fn advance(&mut self, percent: f64, speed: Option<f64>, left: Option<Duration>) {
        let steps = (percent.clamp(0.0, 100.0) * f64::from(STEPS / 100)) as u32;
        let whole = steps / (STEPS / 100);
        // Packets are copied at a speed that says nothing.
        let pace = speed.filter(|speed| *speed < 1000.0);
        let pace = pace.map(|speed| format!("{speed:.1}x")).unwrap_or_default();
        match &mut self.style {
            Style::Bar(bar) => {
                bar.set_message(self.title.clone());
                bar.set_prefix(match left {
                    Some(left) => format!("{pace:>6}  {} left", clock(left)),
                    None => format!("{pace:>6}"),
                });
                bar.set_position(u64::from(steps));
            }
            Style::Lines { next } if whole >= *next => {
                *next = (whole / LINE_EVERY + 1) * LINE_EVERY;
                let pace = if pace.is_empty() {
                    pace
                } else {
                    format!(", {pace}")
                };
                let left = left
                    .map(|left| format!(", {} left", clock(left)))
                    .unwrap_or_default();
                self.output.say(&format!("{}: {whole} %{pace}{left}", self.title));
            }
            Style::Json { last } if *last != Some(steps) => {
                *last = Some(steps);
                let event = json!({
                    "event": "progress",
                    "stage": self.title,
                    "percent": f64::from(steps) / f64::from(STEPS / 100),
                    "speed": speed,
                    "seconds_left": left.map(|left| left.as_secs()),
                });
                let _ = self.output.line(&event.to_string());
            }
            Style::Lines { .. } | Style::Json { .. } => {}
        }
    }

    /// Takes the bar away, so that what follows starts on a clean line.
    pub(super) fn finish(self) {
        if let Style::Bar(bar) = self.style {
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
    fn clocks() {
        assert_eq!(clock(Duration::from_secs(5)), "0:05");
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
    }
}
