//! `vidc render`: makes the files that a recipe describes.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::Args;
use serde_json::json;
use vidc_dsl::Sources;
use vidc_engine::probe::Identity;
use vidc_engine::{Artifact, Cancel, Error, ErrorKind, Event, ExecContext, LocalOnly, StageCache};

use super::exit::Failure;
use super::machine::Machine;
use super::output::Output;
use super::progress::Progress;
use super::recipe::{self, CompileOptions};

/// Arguments of `vidc render`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder to put the files in; otherwise the working directory
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Tell progress and results as JSON lines on standard output
    #[arg(long)]
    json: bool,
    /// Make everything anew, and keep nothing of it for next time
    #[arg(long)]
    no_cache: bool,
    #[command(flatten)]
    options: CompileOptions,
    /// The recipe; `-` reads standard input
    recipe: PathBuf,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    super::block_on(render(&arguments, output))
}

async fn render(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let machine = Machine::find()?;
    let prober = machine.prober(Identity::Content);
    let outcome = tokio::select! {
        outcome = recipe::compile(&arguments.recipe, &arguments.options, &prober) => outcome?,
        () = super::interrupted() => return Err(Failure::Told(ErrorKind::Interrupted)),
    };
    outcome.accept(output)?;

    let (canceller, cancel) = Cancel::new();
    tokio::spawn(async move {
        super::interrupted().await;
        canceller.cancel();
    });
    let progress = Mutex::new(Progress::new(output, arguments.json));
    let events = |event: Event| {
        if let Ok(mut progress) = progress.lock() {
            progress.show(event);
        }
    };
    let folder = arguments.output.as_deref().unwrap_or(Path::new("."));
    let stage_cache = if arguments.no_cache {
        StageCache::disabled()
    } else {
        StageCache::for_user()?
    };
    let context = ExecContext {
        tools: &machine.tools,
        stage_cache: &stage_cache,
        elsewhere: &LocalOnly,
    };
    let done = outcome
        .compilation
        .render(&context, folder, &events, cancel)
        .await;
    if let Ok(progress) = progress.into_inner() {
        progress.finish();
    }
    match done {
        Ok(artifacts) => artifacts
            .iter()
            .try_for_each(|artifact| tell(artifact, arguments, output)),
        Err(error) => Err(located(error, outcome.source.sources())),
    }
}

/// Says where a file is: as the user would name it, or to a program in full.
fn tell(artifact: &Artifact, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    if arguments.json {
        let event = json!({ "event": "output", "name": artifact.name, "path": artifact.path, "bytes": artifact.bytes });
        output.line(&event.to_string())
    } else {
        let folder = arguments.output.as_deref().unwrap_or(Path::new(""));
        output.line(&folder.join(&artifact.name).display().to_string())
    }
}

/// The failure, with the place in the recipe that asked for what failed.
fn located(error: Error, sources: &Sources) -> Failure {
    let origin = match &error {
        Error::Render(failure) => failure.origin,
        _ => None,
    };
    let place = origin.and_then(|span| {
        let file = sources.get(span.file)?;
        let at = file.line_column(span.range().start);
        Some(format!("{}:{}:{}", file.name, at.line, at.column))
    });
    match (place, Failure::from(error)) {
        (Some(place), Failure::Said(kind, message)) => Failure::Said(kind, format!("{place}: {message}")),
        (_, failure) => failure,
    }
}
