//! An object's bytes, which go on where they stopped when the store stops sending.

use std::io;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio_util::io::ReaderStream;

use super::{S3Client, describe, unavailable};
use crate::blobs::{BlobError, ByteStream, CHUNK_BYTES};

/// How often in a row a store may stop without having sent anything.
const TRIES: u32 = 5;
/// Before asking once more without having got anything; twice as long each time.
const PAUSE: Duration = Duration::from_millis(500);

/// What is still to be read of an object.
struct ResumableRead {
    s3: S3Client,
    bucket: String,
    key: String,
    /// Which version of it.
    etag: Option<String>,
    left: Range<u64>,
    bytes: ByteStream,
    tries: u32,
}

impl S3Client {
    /// An object's bytes, in a range or all of them.
    pub(crate) async fn read(
        &self,
        bucket: &str,
        key: &str,
        range: Option<Range<u64>>,
    ) -> Result<ByteStream, BlobError> {
        let begins = range.as_ref().map_or(0, |range| range.start);
        let opened = self.open(bucket, key, range, None).await?;
        let reading = ResumableRead {
            s3: self.clone(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            left: begins..begins + opened.length,
            etag: opened.etag,
            bytes: opened.bytes,
            tries: 0,
        };
        Ok(futures_util::stream::try_unfold(reading, ResumableRead::next).boxed())
    }

    async fn open(
        &self,
        bucket: &str,
        key: &str,
        range: Option<Range<u64>>,
        etag: Option<String>,
    ) -> Result<Opened, BlobError> {
        let range = range.map(|range| format!("bytes={}-{}", range.start, range.end.saturating_sub(1)));
        let request = self.0.get_object().bucket(bucket).key(key);
        let request = request.set_range(range).set_if_match(etag);
        let object = request.send().await.map_err(|error| {
            use aws_sdk_s3::error::ProvideErrorMetadata as _;
            match error.code() {
                Some("NoSuchKey" | "NoSuchBucket" | "NotFound") => BlobError::NotFound(key.to_owned()),
                Some("AccessDenied") => BlobError::Rejected(describe(&error)),
                _ => unavailable(error),
            }
        })?;
        Ok(Opened {
            length: object
                .content_length
                .and_then(|length| u64::try_from(length).ok())
                .unwrap_or(0),
            etag: object.e_tag,
            bytes: ReaderStream::with_capacity(object.body.into_async_read(), CHUNK_BYTES).boxed(),
        })
    }
}

struct Opened {
    bytes: ByteStream,
    length: u64,
    etag: Option<String>,
}

impl ResumableRead {
    async fn next(mut self) -> io::Result<Option<(Bytes, ResumableRead)>> {
        while !self.left.is_empty() {
            match self.bytes.try_next().await {
                Ok(Some(piece)) => {
                    self.left.start += piece.len() as u64;
                    self.tries = 0;
                    return Ok(Some((piece, self)));
                }
                Ok(None) => self.resume("it ended early").await?,
                Err(error) => self.resume(&error.to_string()).await?,
            }
        }
        Ok(None)
    }

    async fn resume(&mut self, why: &str) -> io::Result<()> {
        loop {
            if self.tries == TRIES {
                return Err(io::Error::other(format!("`{}` stopped coming: {why}", self.key)));
            }
            tracing::warn!(
                key = self.key,
                at = self.left.start,
                why,
                "the store stopped sending; asking again"
            );
            if self.tries > 0 {
                tokio::time::sleep(PAUSE * 2_u32.pow(self.tries)).await;
            }
            self.tries += 1;
            let range = Some(self.left.clone());
            if let Ok(opened) = self
                .s3
                .open(&self.bucket, &self.key, range, self.etag.clone())
                .await
            {
                self.bytes = opened.bytes;
                return Ok(());
            }
        }
    }
}
