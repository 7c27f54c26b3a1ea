//! `vidc preview`: shows a recipe in the browser with live reload, or renders one frame of it.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::Args;
use tokio::sync::watch;
use vidc_compiler::preview::{Preview, PreviewPart};
use vidc_compiler::time::Time;
use vidc_engine::probe::{Fingerprint, Prober};
use vidc_engine::{Cancel, ErrorKind};

use super::failure::Failure;
use super::recipe::{self, CheckedRecipe, CompileOptions};
use super::runtime::{block_on, interrupted};
use super::terminal::Terminal;
use super::toolchain::Toolchain;
use crate::preview::{PreviewServer, PreviewState};

/// Interval at which the recipe and its media are checked for changes.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Arguments of `vidc preview`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Render only the frame at this time, such as 12.5s, to a PNG file
    #[arg(long, value_name = "TIME", value_parser = time)]
    frame: Option<Time>,
    /// PNG file to write
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "frame.png",
        requires = "frame"
    )]
    output: PathBuf,
    /// Output to show, if the recipe has several
    #[arg(long, value_name = "NAME")]
    show: Option<String>,
    /// Port to listen on, on the loopback interface; 0 selects a free port
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    options: CompileOptions,
    /// Recipe to preview
    recipe: PathBuf,
}

fn time(text: &str) -> Result<Time, String> {
    let time = Time::parse(text).filter(|time| *time >= Time::ZERO);
    time.ok_or_else(|| "expected a time such as 12.5s, 500ms or 1:02.5".to_owned())
}

pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    match arguments.frame {
        Some(at) => block_on(render_frame(&arguments, at, terminal)),
        None => block_on(serve(&arguments, terminal)),
    }
}

async fn render_frame(arguments: &Arguments, at: Time, terminal: &Terminal) -> Result<(), Failure> {
    let toolchain = Toolchain::find()?;
    let prober = toolchain.prober(Fingerprint::Metadata);
    let checked = tokio::select! {
        checked = recipe::compile(&arguments.recipe, &arguments.options, &prober) => checked?,
        () = interrupted() => return Err(Failure::Reported(ErrorKind::Interrupted)),
    };
    let compiled = checked.accept(terminal)?;
    let names: Vec<&str> = vidc_engine::compilation::pictures(compiled).collect();
    let name = match (&arguments.show, names.first()) {
        (Some(name), _) if names.contains(&name.as_str()) => name.clone(),
        (None, Some(name)) => (*name).to_owned(),
        _ => return Err(no_video_output(arguments.show.as_deref(), &names)),
    };
    let directory = tempfile::tempdir()
        .map_err(|error| Failure::environment(format!("cannot create a temporary directory: {error}")))?;
    let preview = Preview {
        output: name.clone(),
        part: PreviewPart::Frame(at),
    };
    let (canceller, cancel) = Cancel::new();
    let rendering = checked
        .compilation
        .render_preview(&toolchain.tools, preview, directory.path(), cancel);
    let frame = tokio::select! {
        frame = rendering => frame?,
        () = interrupted() => {
            canceller.cancel();
            return Err(Failure::Reported(ErrorKind::Interrupted));
        }
    };
    let Some(frame) = frame else {
        return Err(Failure::usage(format!(
            "`{name}` has no frame at {at}: it ends earlier"
        )));
    };
    let bytes = std::fs::read(&frame.path).map_err(|error| Failure::file(&frame.path, error))?;
    std::fs::write(&arguments.output, bytes).map_err(|error| Failure::file(&arguments.output, error))?;
    terminal.print_line(&arguments.output.display().to_string())
}

fn no_video_output(requested: Option<&str>, names: &[&str]) -> Failure {
    let available = match names {
        [] => "the recipe has no output with video".to_owned(),
        names => format!("outputs with video: {}", names.join(", ")),
    };
    let prefix = requested.map(|name| format!("`{name}` is not an output with video; "));
    Failure::usage(format!("{}{available}", prefix.unwrap_or_default()))
}

async fn serve(arguments: &Arguments, terminal: &Terminal) -> Result<(), Failure> {
    if arguments.recipe == Path::new("-") {
        return Err(Failure::usage(
            "cannot preview standard input: a preview watches a file for changes",
        ));
    }
    let toolchain = Toolchain::find()?;
    let prober = toolchain.prober(Fingerprint::Metadata);
    let (sender, state) = watch::channel(Arc::new(PreviewState::default()));
    let server = PreviewServer::bind(arguments.port, toolchain.tools.clone(), state).await?;
    let address = server.address();
    terminal.print_message(&format!("preview at http://{address}"));
    terminal.print_message(&format!("for players such as mpv: http://{address}/stream.m3u8"));
    tokio::select! {
        served = server.serve() => Ok(served?),
        never = watch_files(arguments, &prober, &sender, terminal) => match never {},
        () = interrupted() => Ok(()),
    }
}

/// Compiles the recipe again each time it or one of its media files changes.
async fn watch_files(
    arguments: &Arguments,
    prober: &Prober,
    sender: &watch::Sender<Arc<PreviewState>>,
    terminal: &Terminal,
) -> Infallible {
    let mut files = vec![arguments.recipe.clone()];
    loop {
        let before = fingerprints(&files);
        let result = recipe::compile(&arguments.recipe, &arguments.options, prober).await;
        if let Ok(checked) = &result {
            files.truncate(1);
            files.extend(checked.media_paths());
        }
        match &result {
            Ok(checked) => {
                terminal.print_diagnostics(&checked.compilation.diagnostics, checked.source.sources());
            }
            Err(Failure::Message(_, message)) => terminal.print_message(message),
            Err(Failure::Reported(_) | Failure::BrokenPipe) => {}
        }
        let last = sender.borrow().clone();
        sender.send_replace(Arc::new(next_state(&last, result, arguments)));
        // A recipe that changed while it was compiled is compiled again at once.
        let mut known = fingerprints(&files);
        if fingerprints(&files[..1]) != before[..1] {
            known.clear();
        }
        while fingerprints(&files) == known {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }
}

/// The state after `last`. A rejected recipe keeps the last stream and changes the message only.
fn next_state(
    last: &PreviewState,
    result: Result<CheckedRecipe, Failure>,
    arguments: &Arguments,
) -> PreviewState {
    let version = last.version + 1;
    match result {
        Ok(checked) => {
            let diagnostics =
                vidc_dsl::render::human(&checked.compilation.diagnostics, checked.source.sources(), false);
            match checked.is_rejected() {
                true => last.with_message(version, diagnostics),
                false => PreviewState::new(
                    version,
                    diagnostics,
                    checked.compilation,
                    arguments.show.as_deref(),
                ),
            }
        }
        Err(Failure::Message(_, message)) => last.with_message(version, message),
        Err(Failure::Reported(_) | Failure::BrokenPipe) => last.with_message(version, String::new()),
    }
}

/// Modification time and length of each file.
fn fingerprints(files: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    let fingerprint = |path: &PathBuf| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.iter().map(fingerprint).collect()
}
