//! Downloading media that recipes name by URL.

use std::io;

use futures_util::StreamExt as _;
use reqwest::header::CONTENT_TYPE;

use super::client::Egress;
use crate::blobs::ByteStream;
use crate::error::error_chain;

/// A started download.
pub struct Download {
    /// The body.
    pub bytes: ByteStream,
    /// The media type that the server declares.
    pub media_type: Option<String>,
}

/// A reason for which a download did not start.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The policy does not allow the URL.
    #[error("{0}")]
    Forbidden(String),
    /// The server was not reached, or the connection broke.
    #[error("{0}")]
    Unreachable(String),
    /// The server did not answer with success.
    #[error("the server answered {0}")]
    Status(reqwest::StatusCode),
    /// The declared length is above the limit.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
}

impl Egress {
    /// Requests a file of at most `max_bytes` bytes. The length is known here only if the server declares it.
    pub(crate) async fn download(&self, url: &str, max_bytes: u64) -> Result<Download, DownloadError> {
        let url = self.policy().check(url).map_err(DownloadError::Forbidden)?;
        let response = self.client.get(url).send().await;
        let response = response.map_err(|error| DownloadError::Unreachable(error_chain(&error)))?;
        if !response.status().is_success() {
            return Err(DownloadError::Status(response.status()));
        }
        if response.content_length().is_some_and(|length| length > max_bytes) {
            return Err(DownloadError::TooLarge(max_bytes));
        }
        let media_type = response.headers().get(CONTENT_TYPE);
        let media_type = media_type
            .and_then(|value| value.to_str().ok())
            .map(ToOwned::to_owned);
        let bytes = response.bytes_stream();
        Ok(Download {
            bytes: bytes.map(|chunk| chunk.map_err(io::Error::other)).boxed(),
            media_type,
        })
    }
}
