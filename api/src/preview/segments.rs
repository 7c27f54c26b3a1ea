//! Segments, each rendered once, when it is first asked for.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::{Mutex, OnceCell, Semaphore};
use vidc_compiler::view::View;
use vidc_engine::{Cancel, Error, Tools};

use super::show::Picture;

/// Players ask ahead; more renders side by side would only keep the first one waiting.
const SIDE_BY_SIDE: usize = 2;

type Made = Arc<OnceCell<Option<Bytes>>>;

pub(super) struct Segments {
    tools: Tools,
    folder: tempfile::TempDir,
    turns: Semaphore,
    /// Of one version of the picture.
    made: Mutex<(u64, HashMap<i64, Made>)>,
}

impl Segments {
    pub(super) fn open(tools: Tools) -> Result<Segments, Error> {
        let folder = tempfile::Builder::new().prefix("vidc-preview-").tempdir();
        Ok(Segments {
            tools,
            folder: folder.map_err(|source| Error::Io {
                action: "make a directory in",
                path: std::env::temp_dir(),
                source,
            })?,
            turns: Semaphore::new(SIDE_BY_SIDE),
            made: Mutex::default(),
        })
    }

    /// A segment's bytes; none past the end.
    pub(super) async fn get(&self, picture: &Picture, number: i64) -> Result<Option<Bytes>, Error> {
        let cell = {
            let mut made = self.made.lock().await;
            if made.0 != picture.version {
                *made = (picture.version, HashMap::new());
            }
            Arc::clone(made.1.entry(number).or_default())
        };
        let bytes = cell.get_or_try_init(|| self.render(picture, number)).await?;
        Ok(bytes.clone())
    }

    async fn render(&self, picture: &Picture, number: i64) -> Result<Option<Bytes>, Error> {
        let Some(part) = picture.part(number) else {
            return Ok(None);
        };
        let _turn = self.turns.acquire().await;
        let view = View {
            output: picture.output.clone(),
            part,
        };
        let folder = self.folder.path().join(format!("{}-{number}", picture.version));
        // A player that looks elsewhere drops its request, and with it the canceller.
        let (_canceller, cancel) = Cancel::new();
        let Some(made) = picture.draft.look(&self.tools, view, &folder, cancel).await? else {
            return Ok(None);
        };
        let bytes = tokio::fs::read(&made.path).await;
        let _ = tokio::fs::remove_dir_all(&folder).await;
        let bytes = bytes.map_err(|source| Error::Io {
            action: "read",
            path: made.path,
            source,
        })?;
        Ok(Some(bytes.into()))
    }
}
