//! `vidc doctor --bench`: measures this machine for estimates.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use vidc_compiler::cost::{Rate, Rates};
use vidc_engine::bench::bench;
use vidc_engine::ffmpeg::capabilities::capabilities;

use super::super::exit::Failure;
use super::super::machine::Machine;
use super::super::output::Output;

pub(super) async fn run(output: &Output) -> Result<(), Failure> {
    let machine = Machine::find()?;
    let able = capabilities(&machine.tools, &machine.cache).await?;
    let bar = bar();
    let rates = bench(&machine.tools, &machine.cache, &able, &|what| {
        bar.set_message(what.to_owned());
        bar.tick();
    })
    .await;
    bar.finish_and_clear();
    let rates = rates?;
    match output.is_json() {
        true => output.value(&rates),
        false => output.print(&table(&rates)),
    }
}

/// Says what is measured, where somebody watches.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{elapsed:>4} measuring {msg}") {
        bar.set_style(style);
    }
    bar
}

/// The figures, for people.
fn table(rates: &Rates) -> String {
    let mut text = String::new();
    let cores = rates.cores;
    let plural = if cores == 1 { "" } else { "s" };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{cores} processor{plural}; ffmpeg starts in {:.0} ms",
        rates.start * 1e3
    );
    let groups = [
        ("decoding", &rates.decoders),
        ("filters", &rates.filters),
        ("encoding", &rates.encoders),
    ];
    for (title, group) in groups {
        let _ = writeln!(
            text,
            "\n{title:28}  ms of CPU per megapixel, or second of 48 kHz stereo"
        );
        rows(&mut text, group);
    }
    text
}

fn rows(text: &mut String, group: &BTreeMap<String, Rate>) {
    for (name, rate) in group {
        let _ = write!(text, "  {name:26}  {:10.3}", rate.unit * 1e3);
        if rate.megabit > 0.0 {
            let _ = write!(text, "  and {:.3} per megabit", rate.megabit * 1e3);
        }
        text.push('\n');
    }
}
