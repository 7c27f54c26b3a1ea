//! Segments of a preview, each rendered when it is first requested.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell, Semaphore};
use vidc_compiler::preview::Preview;
use vidc_engine::{Cancel, Error, Tools};

use super::state::PreviewStream;

/// Segments rendered at the same time. Players request ahead; more would only delay the segment they wait for.
const CONCURRENT_RENDERS: usize = 2;

/// A segment's bytes, once rendered; `None` past the end of the stream.
type SegmentCell = Arc<OnceCell<Option<Bytes>>>;

/// Renders and caches the segments of the current stream.
pub(super) struct SegmentCache {
    tools: Tools,
    directory: TempDir,
    permits: Semaphore,
    /// The stream's version, and its segments by number.
    segments: Mutex<(u64, HashMap<i64, SegmentCell>)>,
}

impl SegmentCache {
    /// Creates an empty cache with a temporary directory.
    pub(super) fn new(tools: Tools) -> Result<SegmentCache, Error> {
        let directory = tempfile::Builder::new().prefix("vidc-preview-").tempdir();
        Ok(SegmentCache {
            tools,
            directory: directory.map_err(Error::io("make a directory in", std::env::temp_dir()))?,
            permits: Semaphore::new(CONCURRENT_RENDERS),
            segments: Mutex::default(),
        })
    }

    /// Returns a segment's bytes, rendering them if needed; `None` past the end.
    pub(super) async fn get(&self, stream: &PreviewStream, number: i64) -> Result<Option<Bytes>, Error> {
        let cell = {
            let mut segments = self.segments.lock().await;
            if segments.0 != stream.version {
                *segments = (stream.version, HashMap::new());
            }
            Arc::clone(segments.1.entry(number).or_default())
        };
        let bytes = cell.get_or_try_init(|| self.render(stream, number)).await?;
        Ok(bytes.clone())
    }

    async fn render(&self, stream: &PreviewStream, number: i64) -> Result<Option<Bytes>, Error> {
        let Some(part) = stream.segment(number) else {
            return Ok(None);
        };
        let _permit = self.permits.acquire().await;
        let preview = Preview {
            output: stream.output.clone(),
            part,
        };
        let directory = self.directory.path().join(format!("{}-{number}", stream.version));
        // A player that seeks drops its request, and dropping the canceller cancels the render.
        let (_canceller, cancel) = Cancel::new();
        let rendered = stream
            .compilation
            .render_preview(&self.tools, preview, &directory, cancel)
            .await?;
        let Some(artifact) = rendered else {
            return Ok(None);
        };
        let bytes = tokio::fs::read(&artifact.path).await;
        let _ = tokio::fs::remove_dir_all(&directory).await;
        let bytes = bytes.map_err(Error::io("read", artifact.path))?;
        Ok(Some(bytes.into()))
    }
}
