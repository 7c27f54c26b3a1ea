//! `vidc download`: fetches what a task has made.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Remote, ServerOptions, text};
use crate::cli::exit::Failure;
use crate::cli::output::Output;

/// Arguments of `vidc download`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DownloadArguments {
    /// The folder to put the files in; otherwise the working directory
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    server: ServerOptions,
    /// Which task
    task: String,
    /// Which of its outputs; otherwise all
    name: Option<String>,
}

/// Downloads.
pub(in crate::cli) async fn run(arguments: DownloadArguments, output: &Output) -> Result<(), Failure> {
    let remote = Remote::new(&arguments.server)?;
    let task = remote.task(&arguments.task, output).await?;
    let folder = arguments.output.as_deref().unwrap_or(Path::new("."));
    let fetching = fetch(&remote, &task, arguments.name.as_deref(), folder, output);
    tokio::select! {
        fetched = fetching => fetched,
        () = crate::cli::interrupted() => Err(Failure::Told(vidc_engine::ErrorKind::Interrupted)),
    }
}

/// Downloads outputs of a completed task into a folder: each whole and with the right hash, or not at all.
pub(super) async fn fetch(
    remote: &Remote,
    task: &Value,
    name: Option<&str>,
    folder: &Path,
    output: &Output,
) -> Result<(), Failure> {
    let outputs = task["outputs"].as_array().into_iter().flatten();
    let chosen: Vec<&Value> = outputs
        .filter(|made| name.is_none_or(|name| made["name"] == name))
        .collect();
    if chosen.is_empty() {
        let status = text(&task["status"]);
        let what = name.map_or("outputs".to_owned(), |name| format!("output named `{name}`"));
        return Err(Failure::environment(format!(
            "the task is {status} and has no {what}"
        )));
    }
    for made in chosen {
        let path = place(folder, &text(&made["name"]))?;
        save(remote, made, &path, output).await?;
        output.line(&path.display().to_string())?;
    }
    Ok(())
}

/// Where an output goes: below the folder, whatever a server calls it.
fn place(folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    let plain = Path::new(name)
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    match plain && !name.is_empty() {
        true => Ok(folder.join(name)),
        false => Err(Failure::environment(format!(
            "`{name}` is no name for a file here"
        ))),
    }
}

async fn save(remote: &Remote, made: &Value, path: &Path, output: &Output) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::Builder::new()
        .prefix(".partial-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(failed)?;
    let answer = remote
        .send(remote.request(Method::GET, &text(&made["url"])), output)
        .await?;
    let mut pieces = answer.bytes_stream();
    let mut hash = Sha256::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| remote.broken(&error))?;
        hash.update(&piece);
        file.write_all(&piece).map_err(failed)?;
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if hash != text(&made["sha256"]) {
        return Err(Failure::environment(format!(
            "{}: what came is not what was made; download it again",
            path.display()
        )));
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
