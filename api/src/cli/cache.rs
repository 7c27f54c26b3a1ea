//! `vidc cache`: shows or clears the render cache.

use clap::{Args, Subcommand};
use serde_json::json;
use vidc_engine::{StageCache, Usage};

use super::failure::Failure;
use super::terminal::Terminal;

/// Arguments of `vidc cache`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// Show the location and size of the cache (the default)
    Show,
    /// Delete all entries
    Clear,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let stage_cache = StageCache::for_user()?;
    let Some(directory) = stage_cache.directory() else {
        return terminal
            .print_line("the render cache is disabled: there is no cache directory, or its limit is 0");
    };
    let (usage, action) = match arguments.action.unwrap_or(Action::Show) {
        Action::Show => (stage_cache.usage(), ""),
        Action::Clear => {
            let cleared = stage_cache.clear();
            (
                cleared.map_err(|error| Failure::file(directory, error))?,
                "deleted ",
            )
        }
    };
    if terminal.is_json() {
        let Usage { entries, bytes } = usage;
        return terminal.print_json(&json!({ "directory": directory, "entries": entries, "bytes": bytes }));
    }
    let mebibytes = usage.bytes as f64 / f64::from(1 << 20);
    terminal.print_line(&format!(
        "{}: {action}{} {}, {mebibytes:.1} MiB",
        directory.display(),
        usage.entries,
        if usage.entries == 1 { "entry" } else { "entries" }
    ))
}
