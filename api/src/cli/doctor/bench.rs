//! `vidc doctor --bench`: measures the costs that estimates are based on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use vidc_compiler::cost::{Rate, Rates};
use vidc_engine::bench::bench;
use vidc_engine::ffmpeg::capabilities::capabilities;

use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::cli::toolchain::Toolchain;

pub(super) async fn run(terminal: &Terminal) -> Result<(), Failure> {
    let toolchain = Toolchain::find()?;
    let capabilities = capabilities(&toolchain.tools, &toolchain.probe_cache).await?;
    let spinner = spinner();
    let rates = bench(
        &toolchain.tools,
        &toolchain.probe_cache,
        &capabilities,
        &|subject| {
            spinner.set_message(subject.to_owned());
            spinner.tick();
        },
    )
    .await;
    spinner.finish_and_clear();
    let rates = rates?;
    match terminal.is_json() {
        true => terminal.print_json(&rates),
        false => terminal.print(&table(&rates)),
    }
}

/// A spinner that names what is being measured; hidden unless standard error is a terminal.
fn spinner() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} measuring {msg}") {
        spinner.set_style(style);
    }
    spinner
}

/// The rates as a table.
fn table(rates: &Rates) -> String {
    let mut text = String::new();
    let cores = rates.cores;
    let plural = if cores == 1 { "" } else { "s" };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{cores} CPU core{plural}; FFmpeg starts in {:.0} ms",
        rates.process_start * 1e3
    );
    let groups = [
        ("decoding", &rates.decoders),
        ("filters", &rates.filters),
        ("encoding", &rates.encoders),
    ];
    for (title, group) in groups {
        let _ = writeln!(
            text,
            "\n{title:28}  CPU ms per megapixel, or per second of 48 kHz stereo audio"
        );
        rows(&mut text, group);
    }
    text
}

fn rows(text: &mut String, group: &BTreeMap<String, Rate>) {
    for (name, rate) in group {
        let _ = write!(text, "  {name:26}  {:10.3}", rate.per_unit * 1e3);
        if rate.per_megabit > 0.0 {
            let _ = write!(text, "  plus {:.3} per megabit", rate.per_megabit * 1e3);
        }
        text.push('\n');
    }
}
