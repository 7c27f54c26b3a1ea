//! Sending the files that a recipe names.

use std::collections::BTreeMap;
use std::path::Path;

use reqwest::{Body, Method};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::{Remote, text};
use crate::cli::exit::Failure;
use crate::cli::output::Output;

/// How much of a file is in memory.
const PIECE: usize = 1 << 18;

/// Uploads those of the named files that are in a folder; their assets by name. What is not there the service will
/// report, with its place in the recipe.
pub(super) async fn upload(
    remote: &Remote,
    names: impl IntoIterator<Item = String>,
    folder: &Path,
    output: &Output,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut assets = BTreeMap::new();
    for name in names {
        let path = folder.join(&name);
        let Ok(file) = File::open(&path).await else {
            continue;
        };
        let metadata = file
            .metadata()
            .await
            .map_err(|error| Failure::file(&path, error))?;
        if !metadata.is_file() {
            continue;
        }
        output.say(&format!("uploading {}", path.display()));
        let title = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let request = remote
            .request(Method::POST, "/v1/assets")
            .query(&[("name", title)])
            .header("content-length", metadata.len())
            .body(Body::wrap_stream(ReaderStream::with_capacity(file, PIECE)));
        let asset = remote.json(request, output).await?;
        assets.insert(name, text(&asset["id"]));
    }
    Ok(assets)
}
