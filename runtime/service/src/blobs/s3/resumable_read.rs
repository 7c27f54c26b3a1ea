//! Reads of objects that resume at the same byte after the store has stopped sending.

use std::io;
use std::ops::Range;
use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio_util::io::ReaderStream;

use super::client::{S3Client, describe, unavailable};
use crate::blobs::error::BlobError;
use crate::blobs::stored_blob::{ByteStream, CHUNK_BYTES};

/// Number of consecutive attempts to resume that may yield no byte.
const MAX_RETRIES: u32 = 5;
/// Base of the pause before a retry, which doubles with every further one. The first retry follows at once.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// An unfinished read of an object.
struct ResumableRead {
    s3: S3Client,
    bucket: String,
    key: String,
    /// The object's version, so that a read is not resumed in another one.
    etag: Option<String>,
    /// The range that is not read yet.
    remaining: Range<u64>,
    bytes: ByteStream,
    retries: u32,
}

impl S3Client {
    /// Streams an object, or a range of its bytes.
    pub(crate) async fn read(
        &self,
        bucket: &str,
        key: &str,
        range: Option<Range<u64>>,
    ) -> Result<ByteStream, BlobError> {
        let start = range.as_ref().map_or(0, |range| range.start);
        let object = self.get_object(bucket, key, range, None).await?;
        let read = ResumableRead {
            s3: self.clone(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            remaining: start..start + object.length,
            etag: object.etag,
            bytes: object.bytes,
            retries: 0,
        };
        Ok(futures_util::stream::try_unfold(read, ResumableRead::next).boxed())
    }

    async fn get_object(
        &self,
        bucket: &str,
        key: &str,
        range: Option<Range<u64>>,
        etag: Option<String>,
    ) -> Result<ObjectBody, BlobError> {
        let range = range.map(|range| format!("bytes={}-{}", range.start, range.end.saturating_sub(1)));
        let request = self.0.get_object().bucket(bucket).key(key);
        let request = request.set_range(range).set_if_match(etag);
        let object = request.send().await.map_err(|error| match error.code() {
            Some("NoSuchKey" | "NoSuchBucket" | "NotFound") => BlobError::NotFound(key.to_owned()),
            Some("AccessDenied") => BlobError::Rejected(describe(&error)),
            _ => unavailable(error),
        })?;
        Ok(ObjectBody {
            length: object
                .content_length
                .and_then(|length| u64::try_from(length).ok())
                .unwrap_or(0),
            etag: object.e_tag,
            bytes: ReaderStream::with_capacity(object.body.into_async_read(), CHUNK_BYTES).boxed(),
        })
    }
}

struct ObjectBody {
    bytes: ByteStream,
    length: u64,
    etag: Option<String>,
}

impl ResumableRead {
    async fn next(mut self) -> io::Result<Option<(Bytes, ResumableRead)>> {
        while !self.remaining.is_empty() {
            match self.bytes.try_next().await {
                Ok(Some(chunk)) => {
                    self.remaining.start += chunk.len() as u64;
                    self.retries = 0;
                    return Ok(Some((chunk, self)));
                }
                Ok(None) => self.resume("the response ended early").await?,
                Err(error) => self.resume(&error.to_string()).await?,
            }
        }
        Ok(None)
    }

    async fn resume(&mut self, reason: &str) -> io::Result<()> {
        loop {
            if self.retries == MAX_RETRIES {
                return Err(io::Error::other(format!(
                    "reading `{}` failed: {reason}",
                    self.key
                )));
            }
            tracing::warn!(
                key = self.key,
                at = self.remaining.start,
                reason,
                "the store stopped sending; resuming"
            );
            if self.retries > 0 {
                tokio::time::sleep(RETRY_PAUSE * 2_u32.pow(self.retries)).await;
            }
            self.retries += 1;
            let range = Some(self.remaining.clone());
            if let Ok(object) = self
                .s3
                .get_object(&self.bucket, &self.key, range, self.etag.clone())
                .await
            {
                self.bytes = object.bytes;
                return Ok(());
            }
        }
    }
}
