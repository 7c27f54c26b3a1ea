//! `vidc submit`: submits a recipe to a server.

use std::path::PathBuf;

use clap::Args;
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use vidc_compiler::facts::Facts;
use vidc_compiler::{Options, required_facts};
use vidc_engine::{ErrorKind, Event};

use super::client::{Client, ServerOptions, text};
use super::download::download_outputs;
use super::upload::upload_files;
use crate::cli::bindings::BindingOptions;
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::cli::recipe::{Source, SyntaxOption};
use crate::cli::runtime::interrupted;
use crate::cli::terminal::Terminal;

/// Arguments of `vidc submit`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SubmitArguments {
    /// Wait until the task ends, showing its progress
    #[arg(long)]
    wait: bool,
    /// Wait until the task ends, and download its outputs to this directory
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Priority from 1 (highest) to 10 (lowest) [default: 5]
    #[arg(long, value_name = "N")]
    priority: Option<u8>,
    /// URL to notify when the task ends
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Disable the passes that join packets: each track is copied or encoded as a whole
    #[arg(long)]
    exact: bool,
    #[command(flatten)]
    bindings: BindingOptions,
    #[command(flatten)]
    syntax: SyntaxOption,
    #[command(flatten)]
    server: ServerOptions,
    /// Recipe to submit; `-` reads standard input
    recipe: PathBuf,
}

/// Uploads the recipe's local files, submits it, and waits for the task if requested.
pub(in crate::cli) async fn run_submit(
    arguments: SubmitArguments,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let source = Source::read(&arguments.recipe, &arguments.syntax)?;
    let recipe = source.parse(terminal)?;
    let bindings = arguments.bindings.read()?;
    let client = Client::new(&arguments.server)?;
    // Without facts these are only the files that the recipe names as literals, which is all that can be uploaded.
    let required = required_facts(&recipe, &bindings, &Facts::default(), &Options::default());
    let names = required.media.into_iter().chain(required.subtitles.into_keys());
    let local_names = names.filter(|name| !name.contains("://"));
    let assets = upload_files(&client, local_names, source.directory(), terminal).await?;
    let body = json!({
        "recipe": source.text(),
        "name": source.name(),
        "params": bindings.params,
        "inputs": bindings.inputs,
        "assets": assets,
        "priority": arguments.priority,
        "webhook": arguments.webhook,
        "exact": arguments.exact,
    });
    let request = client
        .request(Method::POST, "/v1/tasks")
        .header("content-type", "application/json")
        // If a proxy or the client sends the request again, it is still one task.
        .header("idempotency-key", format!("{:032x}", rand::random::<u128>()))
        .body(body.to_string());
    let task = client.send_for_json(request, terminal).await?;
    let id = text(&task["id"]);
    terminal.print_line(&id)?;
    if let Value::String(original) = &task["cached_from"] {
        terminal.print_message(&format!("reused the outputs of task {original}"));
    }
    if !arguments.wait && arguments.output.is_none() {
        return Ok(());
    }
    let task = tokio::select! {
        task = follow_task(&client, &id, terminal) => task?,
        () = interrupted() => {
            terminal.print_message(&format!(
                "the task continues on the server: `vidc tasks {id}` shows it, `vidc cancel {id}` cancels it"
            ));
            return Err(Failure::Reported(ErrorKind::Interrupted));
        }
    };
    match (task["status"].as_str(), &arguments.output) {
        (Some("completed"), Some(directory)) => {
            download_outputs(&client, &task, None, directory, terminal).await
        }
        (Some("completed"), None) => Ok(()),
        (Some("failed"), _) => Err(Failure::Message(
            ErrorKind::RenderFailed,
            text(&task["failure"]["message"]),
        )),
        _ => Err(Failure::Message(
            ErrorKind::Interrupted,
            "the task was cancelled".to_owned(),
        )),
    }
}

/// Shows a task's progress until it ends, and returns the task.
async fn follow_task(client: &Client, id: &str, terminal: &Terminal) -> Result<Value, Failure> {
    let mut progress = Progress::new(terminal, false);
    let mut last_event_id = String::new();
    loop {
        let request = client
            .request(Method::GET, &format!("/v1/tasks/{id}/events"))
            .header("last-event-id", &last_event_id);
        let mut chunks = client.send(request, terminal).await?.bytes_stream();
        let mut buffer = String::new();
        // An interrupted stream is requested again and resumes after the last event.
        while let Some(Ok(chunk)) = chunks.next().await {
            buffer.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((line, rest)) = buffer.split_once('\n') {
                if let Some(version) = line.strip_prefix("id: ") {
                    last_event_id = version.to_owned();
                }
                if let Some(data) = line.strip_prefix("data: ") {
                    let task: Value = serde_json::from_str(data).unwrap_or_default();
                    show_progress(&mut progress, &task);
                }
                buffer = rest.to_owned();
            }
        }
        let task = client.task(id, terminal).await?;
        if matches!(
            task["status"].as_str(),
            Some("completed" | "failed" | "cancelled")
        ) {
            progress.finish();
            return Ok(task);
        }
    }
}

fn show_progress(progress: &mut Progress<'_>, task: &Value) {
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
