//! `vidc tasks`, `logs`, `cancel` and `retry`.

use std::time::Duration;

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::{Remote, ServerOptions, text};
use crate::cli::exit::Failure;
use crate::cli::output::Output;

/// How often a log that is followed is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Arguments of `vidc tasks`.
#[derive(Debug, Args)]
pub(in crate::cli) struct TasksArguments {
    /// Only those of one status: pending, processing, completed, failed or cancelled
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// How many, the newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u32,
    /// Show them as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerOptions,
    /// One task, with everything there is to tell of it
    task: Option<String>,
}

/// Lists tasks, or shows one.
pub(in crate::cli) async fn run_tasks(arguments: TasksArguments, output: &Output) -> Result<(), Failure> {
    let remote = Remote::new(&arguments.server)?;
    if let Some(id) = &arguments.task {
        let task = remote.task(id, output).await?;
        return match arguments.json {
            true => output.value(&task),
            false => one(&task, output),
        };
    }
    let mut request = remote
        .request(Method::GET, "/v1/tasks")
        .query(&[("limit", arguments.limit)]);
    if let Some(status) = &arguments.status {
        request = request.query(&[("status", status)]);
    }
    let page = remote.json(request, output).await?;
    if arguments.json {
        return output.value(&page["tasks"]);
    }
    for task in page["tasks"].as_array().into_iter().flatten() {
        output.line(&line(task))?;
    }
    Ok(())
}

fn line(task: &Value) -> String {
    format!(
        "{}  {:<10} {:>3} %  {}  {}",
        text(&task["id"]),
        text(&task["status"]),
        task["percent"],
        text(&task["created_at"]),
        text(&task["name"]),
    )
}

fn one(task: &Value, output: &Output) -> Result<(), Failure> {
    output.line(&line(task))?;
    for transition in task["transitions"].as_array().into_iter().flatten() {
        let (at, status) = (text(&transition["at"]), text(&transition["status"]));
        output.line(&format!("  {at}  {status}: {}", text(&transition["reason"])))?;
    }
    for made in task["outputs"].as_array().into_iter().flatten() {
        output.line(&format!("  {}, {} bytes", text(&made["name"]), made["bytes"]))?;
    }
    if let Some(message) = task["failure"]["message"].as_str() {
        output.line(&format!("  {message}"))?;
    }
    Ok(())
}

/// Arguments of `vidc cancel` and `vidc retry`.
#[derive(Debug, Args)]
pub(in crate::cli) struct TaskArguments {
    #[command(flatten)]
    server: ServerOptions,
    /// Which task
    task: String,
}

/// Ends a task.
pub(in crate::cli) async fn run_cancel(arguments: TaskArguments, output: &Output) -> Result<(), Failure> {
    act(&arguments, "cancel", output).await
}

/// Has a failed or cancelled task tried again.
pub(in crate::cli) async fn run_retry(arguments: TaskArguments, output: &Output) -> Result<(), Failure> {
    act(&arguments, "retry", output).await
}

async fn act(arguments: &TaskArguments, action: &str, output: &Output) -> Result<(), Failure> {
    let remote = Remote::new(&arguments.server)?;
    let path = format!("/v1/tasks/{}/{action}", arguments.task);
    let task = remote.json(remote.request(Method::POST, &path), output).await?;
    output.line(&line(&task))
}

/// Arguments of `vidc logs`.
#[derive(Debug, Args)]
pub(in crate::cli) struct LogsArguments {
    /// Go on until the task ends
    #[arg(short, long)]
    follow: bool,
    #[command(flatten)]
    server: ServerOptions,
    /// Which task
    task: String,
}

/// Shows what FFmpeg said.
pub(in crate::cli) async fn run_logs(arguments: LogsArguments, output: &Output) -> Result<(), Failure> {
    let remote = Remote::new(&arguments.server)?;
    let path = format!("/v1/tasks/{}/logs", arguments.task);
    let mut shown = 0;
    loop {
        // Asked before the log is read: what is written until the end is read then.
        let task = remote.task(&arguments.task, output).await?;
        let ended = !matches!(task["status"].as_str(), Some("pending" | "processing"));
        let request = remote.request(Method::GET, &path).query(&[("from", shown)]);
        let more = remote.send(request, output).await?.text().await;
        let more = more.map_err(|error| remote.broken(&error))?;
        shown += more.len();
        output.print(&more)?;
        if ended || !arguments.follow {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = crate::cli::interrupted() => return Ok(()),
        }
    }
}
