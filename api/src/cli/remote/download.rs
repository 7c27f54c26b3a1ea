//! `vidc download`: downloads the outputs of a task.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use clap::Args;
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use vidc_engine::ErrorKind;

use super::client::{Client, ServerOptions, text};
use crate::cli::failure::Failure;
use crate::cli::runtime::interrupted;
use crate::cli::terminal::Terminal;

/// Arguments of `vidc download`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DownloadArguments {
    /// Write the files to this directory [default: the working directory]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    server: ServerOptions,
    /// Task ID
    task: String,
    /// Output to download [default: all]
    name: Option<String>,
}

/// Runs `vidc download`.
pub(in crate::cli) async fn run_download(
    arguments: DownloadArguments,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let client = Client::new(&arguments.server)?;
    let task = client.task(&arguments.task, terminal).await?;
    let directory = arguments.output.as_deref().unwrap_or(Path::new("."));
    let downloading = download_outputs(&client, &task, arguments.name.as_deref(), directory, terminal);
    tokio::select! {
        downloaded = downloading => downloaded,
        () = interrupted() => Err(Failure::Reported(ErrorKind::Interrupted)),
    }
}

/// Downloads outputs of a completed task to a directory. A file appears only if it is complete and its hash matches.
pub(super) async fn download_outputs(
    client: &Client,
    task: &Value,
    name: Option<&str>,
    directory: &Path,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let outputs = task["outputs"].as_array().into_iter().flatten();
    let selected: Vec<&Value> = outputs
        .filter(|output| name.is_none_or(|name| output["name"] == name))
        .collect();
    if selected.is_empty() {
        let status = text(&task["status"]);
        let what = name.map_or("outputs".to_owned(), |name| format!("output named `{name}`"));
        return Err(Failure::environment(format!(
            "the task is {status} and has no {what}"
        )));
    }
    for output in selected {
        let path = output_path(directory, &text(&output["name"]))?;
        download(client, output, &path, terminal).await?;
        terminal.print_line(&path.display().to_string())?;
    }
    Ok(())
}

/// The path of an output. Rejects names that would lead outside the directory.
fn output_path(directory: &Path, name: &str) -> Result<PathBuf, Failure> {
    let is_plain = Path::new(name)
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    match is_plain && !name.is_empty() {
        true => Ok(directory.join(name)),
        false => Err(Failure::environment(format!(
            "the server sent the unsafe file name `{name}`"
        ))),
    }
}

async fn download(client: &Client, output: &Value, path: &Path, terminal: &Terminal) -> Result<(), Failure> {
    let file_failure = |error: std::io::Error| Failure::file(path, error);
    let directory = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory).map_err(file_failure)?;
    let mut file = tempfile::Builder::new()
        .prefix(".partial-")
        .permissions(std::fs::Permissions::from_mode(0o666))
        .tempfile_in(directory)
        .map_err(file_failure)?;
    let response = client
        .send(client.request(Method::GET, &text(&output["url"])), terminal)
        .await?;
    let mut chunks = response.bytes_stream();
    let mut hash = Sha256::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| client.connection_failure(&error))?;
        hash.update(&chunk);
        file.write_all(&chunk).map_err(file_failure)?;
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if hash != text(&output["sha256"]) {
        return Err(Failure::environment(format!(
            "{}: the SHA-256 of the download does not match; download it again",
            path.display()
        )));
    }
    file.persist(path).map_err(|error| file_failure(error.error))?;
    Ok(())
}
