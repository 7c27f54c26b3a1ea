//! `vidc submit`: has a recipe made by a service.

use std::path::PathBuf;

use clap::Args;
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use vidc_compiler::facts::Facts;
use vidc_compiler::{Options, required_facts};
use vidc_engine::{ErrorKind, Event};

use super::download::fetch;
use super::upload::upload;
use super::{Remote, ServerOptions, text};
use crate::cli::bindings::BindingOptions;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::cli::recipe::{Source, SyntaxOption};

/// Arguments of `vidc submit`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubmitArguments {
    /// Wait for the end, showing progress
    #[arg(long)]
    wait: bool,
    /// Wait, and download the results into a folder
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// How soon it is wanted, from 1, the soonest, to 10
    #[arg(long, value_name = "N")]
    priority: Option<u8>,
    /// A URL to be told at when it ends
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Encode every picture as a whole
    #[arg(long)]
    exact: bool,
    #[command(flatten)]
    bindings: BindingOptions,
    #[command(flatten)]
    syntax: SyntaxOption,
    #[command(flatten)]
    server: ServerOptions,
    /// The recipe; `-` reads standard input
    recipe: PathBuf,
}

/// Uploads what the recipe names, submits it, and waits if asked to.
pub(in crate::cli) async fn run(arguments: SubmitArguments, output: &Output) -> Result<(), Failure> {
    let source = Source::read(&arguments.recipe, &arguments.syntax)?;
    let recipe = source.parse(output)?;
    let bindings = arguments.bindings.read()?;
    let remote = Remote::new(&arguments.server)?;
    // Nothing is known of the files here, so this names those that the recipe names outright.
    let wanted = required_facts(&recipe, &bindings, &Facts::default(), &Options::default());
    let names = wanted.media.into_iter().chain(wanted.subtitles.into_keys());
    let here = names.filter(|name| !name.contains("://"));
    let assets = upload(&remote, here, source.folder(), output).await?;
    let job = json!({
        "recipe": source.text(),
        "name": source.name(),
        "params": bindings.params,
        "inputs": bindings.inputs,
        "assets": assets,
        "priority": arguments.priority,
        "webhook": arguments.webhook,
        "exact": arguments.exact,
    });
    let request = remote
        .request(Method::POST, "/v1/tasks")
        .header("content-type", "application/json")
        // Sent again by a proxy or by us, it is still one task.
        .header("idempotency-key", format!("{:032x}", rand::random::<u128>()))
        .body(job.to_string());
    let task = remote.json(request, output).await?;
    let id = text(&task["id"]);
    output.line(&id)?;
    if let Value::String(from) = &task["cached_from"] {
        output.say(&format!("the same was made before, by task {from}"));
    }
    if !arguments.wait && arguments.output.is_none() {
        return Ok(());
    }
    let ended = tokio::select! {
        ended = follow(&remote, &id, output) => ended?,
        () = crate::cli::interrupted() => {
            output.say(&format!("the task goes on; `vidc tasks {id}` shows it and `vidc cancel {id}` ends it"));
            return Err(Failure::Told(ErrorKind::Interrupted));
        }
    };
    match (ended["status"].as_str(), &arguments.output) {
        (Some("completed"), Some(folder)) => fetch(&remote, &ended, None, folder, output).await,
        (Some("completed"), None) => Ok(()),
        (Some("failed"), _) => Err(Failure::Said(
            ErrorKind::RenderFailed,
            text(&ended["failure"]["message"]),
        )),
        _ => Err(Failure::Said(
            ErrorKind::Interrupted,
            "the task was cancelled".to_owned(),
        )),
    }
}

/// Shows a task's progress until its end, and returns it.
async fn follow(remote: &Remote, id: &str, output: &Output) -> Result<Value, Failure> {
    let mut progress = Progress::new(output, false);
    let mut seen = String::new();
    loop {
        let request = remote
            .request(Method::GET, &format!("/v1/tasks/{id}/events"))
            .header("last-event-id", &seen);
        let mut pieces = remote.send(request, output).await?.bytes_stream();
        let mut lines = String::new();
        // A stream that breaks off is asked for again, from where it was.
        while let Some(Ok(piece)) = pieces.next().await {
            lines.push_str(&String::from_utf8_lossy(&piece));
            while let Some((line, rest)) = lines.split_once('\n') {
                if let Some(version) = line.strip_prefix("id: ") {
                    seen = version.to_owned();
                }
                if let Some(data) = line.strip_prefix("data: ") {
                    let task: Value = serde_json::from_str(data).unwrap_or_default();
                    advance(&mut progress, &task);
                }
                lines = rest.to_owned();
            }
        }
        let task = remote.task(id, output).await?;
        if matches!(
            task["status"].as_str(),
            Some("completed" | "failed" | "cancelled")
        ) {
            progress.finish();
            return Ok(task);
        }
    }
}

fn advance(progress: &mut Progress<'_>, task: &Value) {
    progress.show(Event::Started {
        stage: 0,
        stages: 0,
        title: text(&task["stage"]),
    });
    progress.show(Event::Progress {
        stage: 0,
        percent: task["percent"].as_f64().unwrap_or(0.0),
        speed: None,
        eta: None,
    });
}
