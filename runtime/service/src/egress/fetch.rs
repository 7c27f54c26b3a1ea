//! Fetching media that recipes name by URL.

use std::io;
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;

use super::{Egress, error_chain};
use crate::blobs::{BlobError, BlobStore, ByteStream, StoredBlob};

/// A whole download takes no longer.
const LONGEST: Duration = Duration::from_secs(3600);

/// Why media were not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Such URLs are not followed.
    #[error("{0}")]
    Refused(String),
    /// The server was not reached, or broke off.
    #[error("{0}")]
    Unreachable(String),
    /// The server has answered something else.
    #[error("the server answered {0}")]
    Status(reqwest::StatusCode),
    /// It could not be stored.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl Egress {
    /// Stores what a URL leads to, at most so many bytes of it, as `blob`; returns the media type the server told, too.
    pub(crate) async fn fetch(
        &self,
        url: &str,
        blobs: &dyn BlobStore,
        blob: &str,
        at_most: u64,
    ) -> Result<(StoredBlob, Option<String>), FetchError> {
        let url = self.policy.check(url).map_err(FetchError::Refused)?;
        match tokio::time::timeout(LONGEST, self.store(url, blobs, blob, at_most)).await {
            Ok(fetched) => fetched,
            Err(_) => Err(FetchError::Unreachable(format!(
                "it was not there after {} minutes",
                LONGEST.as_secs() / 60
            ))),
        }
    }

    async fn store(
        &self,
        url: Url,
        blobs: &dyn BlobStore,
        blob: &str,
        at_most: u64,
    ) -> Result<(StoredBlob, Option<String>), FetchError> {
        let answer = self.client.get(url).send().await;
        let answer = answer.map_err(|error| FetchError::Unreachable(error_chain(&error)))?;
        if !answer.status().is_success() {
            return Err(FetchError::Status(answer.status()));
        }
        if answer.content_length().is_some_and(|length| length > at_most) {
            return Err(BlobError::TooLarge(at_most).into());
        }
        let media_type = answer.headers().get(CONTENT_TYPE);
        let media_type = media_type
            .and_then(|value| value.to_str().ok())
            .map(ToOwned::to_owned);
        let bytes = answer.bytes_stream();
        let bytes: ByteStream = bytes.map(|piece| piece.map_err(io::Error::other)).boxed();
        Ok((blobs.put(blob, bytes, at_most).await?, media_type))
    }
}
