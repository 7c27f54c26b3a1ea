//! `vidc cache`: what is kept between renders.

use clap::{Args, Subcommand};
use serde_json::json;
use vidc_engine::{StageCache, Usage};

use super::exit::Failure;
use super::output::Output;

/// Arguments of `vidc cache`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// Say where it is and how much is kept
    Show,
    /// Delete all of it
    Clear,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let stage_cache = StageCache::for_user()?;
    let Some(directory) = stage_cache.directory() else {
        return output.line("nothing is kept: there is no cache directory, or its limit is 0");
    };
    let (usage, verb) = match arguments.action.unwrap_or(Action::Show) {
        Action::Show => (stage_cache.usage(), "kept"),
        Action::Clear => {
            let cleared = stage_cache.clear();
            let said = |error| Failure::environment(format!("{}: {error}", directory.display()));
            (cleared.map_err(said)?, "deleted")
        }
    };
    if output.is_json() {
        let Usage { entries, bytes } = usage;
        return output.value(&json!({ "directory": directory, "entries": entries, "bytes": bytes }));
    }
    let mebibytes = usage.bytes as f64 / f64::from(1 << 20);
    output.line(&format!(
        "{}: {} render{} {verb}, {mebibytes:.1} MiB",
        directory.display(),
        usage.entries,
        if usage.entries == 1 { "" } else { "s" }
    ))
}
