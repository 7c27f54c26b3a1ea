//! Render progress: a bar on a terminal, plain lines otherwise, JSON lines for programs.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use vidc_engine::Event;

use super::terminal::Terminal;

/// Reports the progress of a render.
#[derive(Debug)]
pub(super) struct Progress<'a> {
    terminal: &'a Terminal,
    style: Style,
    /// The current stage, such as `render show.mp4`.
    stage: String,
}

#[derive(Debug)]
enum Style {
    Bar(ProgressBar),
    Lines { next: u32 },
    Json { last: Option<u32> },
}

/// Resolution of the bar: tenths of a percent.
const STEPS: u32 = 1000;
/// Interval between plain lines, in percent.
const LINE_EVERY: u32 = 10;

impl<'a> Progress<'a> {
    /// Reports as JSON lines on standard output if `json`, otherwise on standard error.
    pub(super) fn new(terminal: &'a Terminal, json: bool) -> Self {
        let style = if json {
            Style::Json { last: None }
        } else if std::io::stderr().is_terminal() {
            Style::Bar(bar())
        } else {
            Style::Lines { next: LINE_EVERY }
        };
        Progress {
            terminal,
            style,
            stage: String::new(),
        }
    }

    /// Reports an event. A closed pipe does not stop the render.
    pub(super) fn show(&mut self, event: Event) {
        match event {
            Event::Started { title, .. } => self.stage = title,
            Event::Progress {
                percent, speed, eta, ..
            } => self.advance(percent, speed, eta),
            Event::Fallback { reason } => self.terminal.print_message(&format!(
                "note: falling back to a full encode, because the copied packets do not fit: {reason}"
            )),
            // Shown only until a stage starts.
            Event::Reused { .. } if self.stage.is_empty() => "cached".clone_into(&mut self.stage),
            Event::Log { .. } | Event::Reused { .. } | Event::Remote { .. } | Event::Finished { .. } => {}
        }
    }

    fn advance(&mut self, percent: f64, speed: Option<f64>, eta: Option<Duration>) {
        let steps = (percent.clamp(0.0, 100.0) * f64::from(STEPS / 100)) as u32;
        let percent = steps / (STEPS / 100);
        // The speed of a stream copy is meaningless.
        let speed_text = speed
            .filter(|speed| *speed < 1000.0)
            .map(|speed| format!("{speed:.1}x"))
            .unwrap_or_default();
        match &mut self.style {
            Style::Bar(bar) => {
                bar.set_message(self.stage.clone());
                bar.set_prefix(match eta {
                    Some(eta) => format!("{speed_text:>6}  {} left", clock(eta)),
                    None => format!("{speed_text:>6}"),
                });
                bar.set_position(u64::from(steps));
            }
            Style::Lines { next } if percent >= *next => {
                *next = (percent / LINE_EVERY + 1) * LINE_EVERY;
                let separator = if speed_text.is_empty() { "" } else { ", " };
                let left = eta
                    .map(|eta| format!(", {} left", clock(eta)))
                    .unwrap_or_default();
                self.terminal.print_message(&format!(
                    "{}: {percent} %{separator}{speed_text}{left}",
                    self.stage
                ));
            }
            Style::Json { last } if *last != Some(steps) => {
                *last = Some(steps);
                let event = json!({
                    "event": "progress",
                    "stage": self.stage,
                    "percent": f64::from(steps) / f64::from(STEPS / 100),
                    "speed": speed,
                    "seconds_left": eta.map(|eta| eta.as_secs()),
                });
                let _ = self.terminal.print_line(&event.to_string());
            }
            Style::Lines { .. } | Style::Json { .. } => {}
        }
    }

    /// Removes the bar, so that later messages start on a clean line.
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

/// Formats a duration as `1:02:03` or `2:03`.
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
    fn clock_formats_hours_only_when_needed() {
        assert_eq!(clock(Duration::from_secs(5)), "0:05");
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
    }
}
