//! `vidc tasks`, `vidc logs`, `vidc cancel` and `vidc retry`.

use std::time::Duration;

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::client::{Client, ServerOptions, text};
use crate::cli::failure::Failure;
use crate::cli::runtime::interrupted;
use crate::cli::terminal::Terminal;

/// Interval at which `vidc logs --follow` reads the log.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Arguments of `vidc tasks`.
#[derive(Debug, Args)]
pub(in crate::cli) struct TasksArguments {
    /// List only tasks in this status: pending, processing, completed, failed or cancelled
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Maximum number of tasks to list, newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerOptions,
    /// ID of a task to show in detail
    task: Option<String>,
}

/// Runs `vidc tasks`: lists tasks, or shows one.
pub(in crate::cli) async fn run_tasks(arguments: TasksArguments, terminal: &Terminal) -> Result<(), Failure> {
    let client = Client::new(&arguments.server)?;
    if let Some(id) = &arguments.task {
        let task = client.task(id, terminal).await?;
        return match arguments.json {
            true => terminal.print_json(&task),
            false => print_details(&task, terminal),
        };
    }
    let mut request = client
        .request(Method::GET, "/v1/tasks")
        .query(&[("limit", arguments.limit)]);
    if let Some(status) = &arguments.status {
        request = request.query(&[("status", status)]);
    }
    let page = client.send_for_json(request, terminal).await?;
    if arguments.json {
        return terminal.print_json(&page["tasks"]);
    }
    for task in page["tasks"].as_array().into_iter().flatten() {
        terminal.print_line(&summary(task))?;
    }
    Ok(())
}

/// A task on one line.
fn summary(task: &Value) -> String {
    format!(
        "{}  {:<10} {:>3} %  {}  {}",
        text(&task["id"]),
        text(&task["status"]),
        task["percent"],
        text(&task["created_at"]),
        text(&task["name"]),
    )
}

/// Prints a task with its status history, outputs and failure.
fn print_details(task: &Value, terminal: &Terminal) -> Result<(), Failure> {
    terminal.print_line(&summary(task))?;
    for transition in task["transitions"].as_array().into_iter().flatten() {
        let (at, status) = (text(&transition["at"]), text(&transition["status"]));
        terminal.print_line(&format!("  {at}  {status}: {}", text(&transition["reason"])))?;
    }
    for output in task["outputs"].as_array().into_iter().flatten() {
        terminal.print_line(&format!("  {}, {} bytes", text(&output["name"]), output["bytes"]))?;
    }
    if let Some(message) = task["failure"]["message"].as_str() {
        terminal.print_line(&format!("  {message}"))?;
    }
    Ok(())
}

/// Arguments of `vidc cancel` and `vidc retry`.
#[derive(Debug, Args)]
pub(in crate::cli) struct TaskArguments {
    #[command(flatten)]
    server: ServerOptions,
    /// Task ID
    task: String,
}

/// Runs `vidc cancel`.
pub(in crate::cli) async fn run_cancel(arguments: TaskArguments, terminal: &Terminal) -> Result<(), Failure> {
    post_action(&arguments, "cancel", terminal).await
}

/// Runs `vidc retry`.
pub(in crate::cli) async fn run_retry(arguments: TaskArguments, terminal: &Terminal) -> Result<(), Failure> {
    post_action(&arguments, "retry", terminal).await
}

async fn post_action(arguments: &TaskArguments, action: &str, terminal: &Terminal) -> Result<(), Failure> {
    let client = Client::new(&arguments.server)?;
    let path = format!("/v1/tasks/{}/{action}", arguments.task);
    let request = client.request(Method::POST, &path);
    let task = client.send_for_json(request, terminal).await?;
    terminal.print_line(&summary(&task))
}

/// Arguments of `vidc logs`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LogsArguments {
    /// Keep printing new lines until the task ends
    #[arg(short, long)]
    follow: bool,
    #[command(flatten)]
    server: ServerOptions,
    /// Task ID
    task: String,
}

/// Runs `vidc logs`.
pub(in crate::cli) async fn run_logs(arguments: LogsArguments, terminal: &Terminal) -> Result<(), Failure> {
    let client = Client::new(&arguments.server)?;
    let path = format!("/v1/tasks/{}/logs", arguments.task);
    let mut offset = 0;
    loop {
        // The status is read before the log, so that the last read includes everything written until the end.
        let task = client.task(&arguments.task, terminal).await?;
        let has_ended = !matches!(task["status"].as_str(), Some("pending" | "processing"));
        let request = client.request(Method::GET, &path).query(&[("from", offset)]);
        let lines = client.send(request, terminal).await?.text().await;
        let lines = lines.map_err(|error| client.connection_failure(&error))?;
        offset += lines.len();
        terminal.print(&lines)?;
        if has_ended || !arguments.follow {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            () = interrupted() => return Ok(()),
        }
    }
}
