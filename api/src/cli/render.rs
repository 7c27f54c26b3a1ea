//! `vidc render`: renders the outputs of a recipe.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::Args;
use serde_json::json;
use vidc_dsl::Sources;
use vidc_engine::probe::Fingerprint;
use vidc_engine::{Artifact, Cancel, Error, ErrorKind, Event, ExecContext, LocalOnly, StageCache};

use super::failure::Failure;
use super::progress::Progress;
use super::recipe::{self, CompileOptions};
use super::runtime::{block_on, interrupted};
use super::terminal::Terminal;
use super::toolchain::Toolchain;

/// Arguments of `vidc render`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Write the outputs to this directory [default: the working directory]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Report progress and outputs as JSON lines on standard output
    #[arg(long)]
    json: bool,
    /// Do not read or write the render cache
    #[arg(long)]
    no_cache: bool,
    #[command(flatten)]
    options: CompileOptions,
    /// Recipe to render; `-` reads standard input
    recipe: PathBuf,
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    block_on(render(&arguments, terminal))
}

async fn render(arguments: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let toolchain = Toolchain::find()?;
    let prober = toolchain.prober(Fingerprint::Content);
    let checked = tokio::select! {
        checked = recipe::compile(&arguments.recipe, &arguments.options, &prober) => checked?,
        () = interrupted() => return Err(Failure::Reported(ErrorKind::Interrupted)),
    };
    checked.accept(terminal)?;

    let (canceller, cancel) = Cancel::new();
    tokio::spawn(async move {
        interrupted().await;
        canceller.cancel();
    });
    let progress = Mutex::new(Progress::new(terminal, arguments.json));
    let events = |event: Event| {
        if let Ok(mut progress) = progress.lock() {
            progress.show(event);
        }
    };
    let directory = arguments.output.as_deref().unwrap_or(Path::new("."));
    let stage_cache = if arguments.no_cache {
        StageCache::disabled()
    } else {
        StageCache::for_user()?
    };
    let context = ExecContext {
        tools: &toolchain.tools,
        stage_cache: &stage_cache,
        elsewhere: &LocalOnly,
    };
    let rendered = checked
        .compilation
        .render(&context, directory, &events, cancel)
        .await;
    if let Ok(progress) = progress.into_inner() {
        progress.finish();
    }
    match rendered {
        Ok(artifacts) => artifacts
            .iter()
            .try_for_each(|artifact| print_artifact(artifact, arguments, terminal)),
        Err(error) => Err(with_location(error, checked.source.sources())),
    }
}

/// Prints an output's path: relative as the user gave it, or absolute as JSON.
fn print_artifact(artifact: &Artifact, arguments: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    if arguments.json {
        let event = json!({ "event": "output", "name": artifact.name, "path": artifact.path, "bytes": artifact.bytes });
        terminal.print_line(&event.to_string())
    } else {
        let directory = arguments.output.as_deref().unwrap_or(Path::new(""));
        terminal.print_line(&directory.join(&artifact.name).display().to_string())
    }
}

/// Prefixes a render error with the place in the recipe that the failed stage comes from.
fn with_location(error: Error, sources: &Sources) -> Failure {
    let origin = match &error {
        Error::Render(failure) => failure.origin,
        _ => None,
    };
    let location = origin.and_then(|span| {
        let file = sources.get(span.file)?;
        let start = file.line_column(span.range().start);
        Some(format!("{}:{}:{}", file.name, start.line, start.column))
    });
    match (location, Failure::from(error)) {
        (Some(location), Failure::Message(kind, message)) => {
            Failure::Message(kind, format!("{location}: {message}"))
        }
        (_, failure) => failure,
    }
}
