//! `vidc preview`: a recipe in the browser while it is written, or one frame of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::Args;
use tokio::sync::watch;
use vidc_compiler::time::Time;
use vidc_compiler::view::{Part, View};
use vidc_engine::probe::{Identity, Prober};
use vidc_engine::{Cancel, ErrorKind};

use super::exit::Failure;
use super::machine::Machine;
use super::output::Output;
use super::recipe::{self, CompileOptions, Outcome};
use crate::preview::{Preview, Show};

/// How often it is looked whether the recipe or its media have changed.
const LOOK: Duration = Duration::from_millis(200);

/// Arguments of `vidc preview`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Render only the frame at this time, such as 12.5s, into a PNG file
    #[arg(long, value_name = "TIME", value_parser = time)]
    frame: Option<Time>,
    /// The PNG file
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "frame.png",
        requires = "frame"
    )]
    output: PathBuf,
    /// The output to show, if the recipe has several
    #[arg(long, value_name = "NAME")]
    show: Option<String>,
    /// The port to answer at, on this machine only; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    options: CompileOptions,
    /// The recipe
    recipe: PathBuf,
}

fn time(text: &str) -> Result<Time, String> {
    let time = Time::parse(text).filter(|time| *time >= Time::ZERO);
    time.ok_or_else(|| "write a time such as 12.5s, 500ms or 1:02.5".to_owned())
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    match arguments.frame {
        Some(at) => super::block_on(frame(&arguments, at, output)),
        None => super::block_on(serve(&arguments, output)),
    }
}

async fn frame(arguments: &Arguments, at: Time, output: &Output) -> Result<(), Failure> {
    let machine = Machine::find()?;
    let prober = machine.prober(Identity::State);
    let outcome = tokio::select! {
        outcome = recipe::compile(&arguments.recipe, &arguments.options, &prober) => outcome?,
        () = super::interrupted() => return Err(Failure::Told(ErrorKind::Interrupted)),
    };
    let compiled = outcome.accept(output)?;
    let names: Vec<&str> = vidc_engine::compilation::pictures(compiled).collect();
    let name = match (&arguments.show, names.first()) {
        (Some(name), _) if names.contains(&name.as_str()) => name.clone(),
        (None, Some(name)) => (*name).to_owned(),
        _ => return Err(nothing_to_show(arguments, &names)),
    };
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::environment(format!("cannot make a temporary directory: {error}")))?;
    let view = View {
        output: name.clone(),
        part: Part::Frame(at),
    };
    let (canceller, cancel) = Cancel::new();
    let looking = outcome
        .compilation
        .look(&machine.tools, view, folder.path(), cancel);
    let seen = tokio::select! {
        seen = looking => seen?,
        () = super::interrupted() => {
            canceller.cancel();
            return Err(Failure::Told(ErrorKind::Interrupted));
        }
    };
    let Some(seen) = seen else {
        return Err(Failure::usage(format!(
            "`{name}` has no frame at {at}: it ends before"
        )));
    };
    let bytes = std::fs::read(&seen.path).map_err(|error| Failure::file(&seen.path, error))?;
    std::fs::write(&arguments.output, bytes).map_err(|error| Failure::file(&arguments.output, error))?;
    output.line(&arguments.output.display().to_string())
}

fn nothing_to_show(arguments: &Arguments, names: &[&str]) -> Failure {
    let there = match names {
        [] => "it has no output with a picture".to_owned(),
        names => format!("there is {}", names.join(", ")),
    };
    let wanted = arguments
        .show
        .as_deref()
        .map(|name| format!("`{name}` is no output with a picture; "));
    Failure::usage(format!("{}{there}", wanted.unwrap_or_default()))
}

async fn serve(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    if arguments.recipe == Path::new("-") {
        return Err(Failure::usage(
            "a preview follows a file while it is written; standard input is read only once".to_owned(),
        ));
    }
    let machine = Machine::find()?;
    let prober = machine.prober(Identity::State);
    let (showing, shown) = watch::channel(Arc::new(Show::default()));
    let preview = Preview::open(arguments.port, machine.tools.clone(), shown).await?;
    let address = preview.address();
    output.say(&format!("preview at http://{address}"));
    output.say(&format!("for players such as mpv: http://{address}/stream.m3u8"));
    tokio::select! {
        served = preview.answer() => Ok(served?),
        never = follow(arguments, &prober, &showing, output) => match never {},
        () = super::interrupted() => Ok(()),
    }
}

/// Compiles the recipe whenever something of it changes.
async fn follow(
    arguments: &Arguments,
    prober: &Prober,
    showing: &watch::Sender<Arc<Show>>,
    output: &Output,
) -> std::convert::Infallible {
    let mut files = vec![arguments.recipe.clone()];
    loop {
        let before = stamps(&files);
        let compiled = recipe::compile(&arguments.recipe, &arguments.options, prober).await;
        if let Ok(outcome) = &compiled {
            files.truncate(1);
            files.extend(outcome.media());
        }
        match &compiled {
            Ok(outcome) => output.diagnostics(&outcome.compilation.diagnostics, outcome.source.sources()),
            Err(Failure::Said(_, message)) => output.say(message),
            Err(Failure::Told(_) | Failure::Closed) => {}
        }
        let last = showing.borrow().clone();
        showing.send_replace(Arc::new(next(&last, compiled, arguments)));
        // What was written meanwhile has been read or is read next.
        let mut known = stamps(&files);
        if stamps(&files[..1]) != before[..1] {
            known.clear();
        }
        while stamps(&files) == known {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// What is shown after `last`: a recipe that has mistakes leaves the picture as it was.
fn next(last: &Show, compiled: Result<Outcome, Failure>, arguments: &Arguments) -> Show {
    let version = last.version + 1;
    match compiled {
        Ok(outcome) => {
            let told =
                vidc_dsl::render::human(&outcome.compilation.diagnostics, outcome.source.sources(), false);
            match outcome.refused() {
                true => last.with(version, told),
                false => Show::of(version, told, outcome.compilation, arguments.show.as_deref()),
            }
        }
        Err(Failure::Said(_, message)) => last.with(version, message),
        Err(Failure::Told(_) | Failure::Closed) => last.with(version, String::new()),
    }
}

/// When each was last written, and how long it is.
fn stamps(files: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    let stamp = |path: &PathBuf| {
        let about = std::fs::metadata(path).ok()?;
        Some((about.modified().ok()?, about.len()))
    };
    files.iter().map(stamp).collect()
}
