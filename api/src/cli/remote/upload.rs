//! Uploads the files that a recipe names.

use std::collections::BTreeMap;
use std::path::Path;

use reqwest::{Body, Method};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::client::{Client, text};
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;

/// Size of the read buffer, in bytes.
const CHUNK_BYTES: usize = 1 << 18;

/// Uploads the named files that exist in a directory, and returns the asset IDs by name. Missing files are skipped: the
/// server reports them with their place in the recipe.
pub(super) async fn upload_files(
    client: &Client,
    names: impl IntoIterator<Item = String>,
    directory: &Path,
    terminal: &Terminal,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut assets = BTreeMap::new();
    for name in names {
        let path = directory.join(&name);
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
        terminal.print_message(&format!("uploading {}", path.display()));
        let file_name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let request = client
            .request(Method::POST, "/v1/assets")
            .query(&[("name", file_name)])
            .header("content-length", metadata.len())
            .body(Body::wrap_stream(ReaderStream::with_capacity(file, CHUNK_BYTES)));
        let asset = client.send_for_json(request, terminal).await?;
        assets.insert(name, text(&asset["id"]));
    }
    Ok(assets)
}
