//! Uploads of files, the large ones in parts.

use std::path::Path;

use aws_sdk_s3::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_s3::primitives::Length;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::client::{describe, unavailable};
use super::store::S3Store;
use crate::blobs::error::BlobError;
use crate::blobs::stored_blob::CHUNK_BYTES;

/// Size in bytes of the parts of a large file, unless there would be too many of them.
const PART_BYTES: u64 = 8 << 20;
/// Maximum number of parts of an upload (S3's own limit).
pub(super) const MAX_PARTS: u64 = 10_000;
/// Number of parts that are sent at the same time.
const CONCURRENT_PARTS: usize = 2;

impl S3Store {
    /// Uploads a file of a known length, in parts if it is large.
    pub(super) async fn upload_file(&self, name: &str, path: &Path, length: u64) -> Result<(), BlobError> {
        if length <= PART_BYTES {
            let put = self.s3.0.put_object().bucket(&self.bucket).key(self.key(name));
            let put = put.body(part_body(path, 0, length).await?);
            return put.send().await.map(drop).map_err(unavailable);
        }
        let upload_id = self.create_upload(name).await?;
        let sent = match self.upload_parts(name, &upload_id, path, length).await {
            Ok(parts) => self.complete_parts(name, &upload_id, parts).await,
            Err(error) => Err(error),
        };
        if sent.is_err()
            && let Err(error) = self.abort_upload(name, &upload_id).await
        {
            tracing::warn!(name, %error, "upload not aborted; the sweeper will do it");
        }
        sent
    }

    /// Creates a multipart upload and returns its id.
    pub(super) async fn create_upload(&self, name: &str) -> Result<String, BlobError> {
        let create = self.s3.0.create_multipart_upload().bucket(&self.bucket);
        let created = create.key(self.key(name)).send().await.map_err(unavailable)?;
        Ok(created.upload_id.unwrap_or_default())
    }

    async fn upload_parts(
        &self,
        name: &str,
        upload_id: &str,
        path: &Path,
        length: u64,
    ) -> Result<Vec<CompletedPart>, BlobError> {
        let size = PART_BYTES.max(length.div_ceil(MAX_PARTS));
        let offsets = (0..).map(|n| n * size).take_while(|offset| *offset < length);
        let requests = offsets.zip(1..).map(async |(offset, number)| {
            let put = self.s3.0.upload_part().bucket(&self.bucket).key(self.key(name));
            let put = put.upload_id(upload_id).part_number(number);
            let put = put.body(part_body(path, offset, size.min(length - offset)).await?);
            let put = put.send().await.map_err(unavailable)?;
            let part = CompletedPart::builder().part_number(number).set_e_tag(put.e_tag);
            Ok(part.build())
        });
        futures_util::stream::iter(requests)
            .buffered(CONCURRENT_PARTS)
            .try_collect()
            .await
    }

    /// Completes a multipart upload. Completing it again does no harm.
    pub(super) async fn complete_parts(
        &self,
        name: &str,
        upload_id: &str,
        parts: Vec<CompletedPart>,
    ) -> Result<(), BlobError> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self
            .s3
            .0
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(self.key(name));
        let complete = complete.upload_id(upload_id).multipart_upload(parts);
        match complete.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.code() {
                // The upload was completed before, and the response got lost.
                Some("NoSuchUpload") if self.exists(name).await? => Ok(()),
                Some(
                    "NoSuchUpload" | "InvalidPart" | "InvalidPartOrder" | "EntityTooSmall" | "MalformedXML",
                ) => Err(BlobError::Rejected(describe(&error))),
                _ => Err(unavailable(error)),
            },
        }
    }

    async fn exists(&self, name: &str) -> Result<bool, BlobError> {
        let head = self.s3.0.head_object().bucket(&self.bucket);
        match head.key(self.key(name)).send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error)) if error.raw().status().as_u16() == 404 => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn abort_upload(&self, name: &str, upload_id: &str) -> Result<(), BlobError> {
        let abort = self.s3.0.abort_multipart_upload().bucket(&self.bucket);
        match abort.key(self.key(name)).upload_id(upload_id).send().await {
            Err(error) if error.code() != Some("NoSuchUpload") => Err(unavailable(error)),
            _ => Ok(()),
        }
    }

    /// Aborts every unfinished upload of a blob.
    pub(super) async fn abort_uploads(&self, name: &str) -> Result<(), BlobError> {
        let key = self.key(name);
        let list = self.s3.0.list_multipart_uploads().bucket(&self.bucket);
        let listed = list.prefix(&key).send().await.map_err(unavailable)?;
        for upload in listed.uploads() {
            if upload.key() == Some(&key) {
                self.abort_upload(name, upload.upload_id().unwrap_or_default())
                    .await?;
            }
        }
        Ok(())
    }
}

/// Returns the body of a request that sends a part of a file, which is read as it is sent.
async fn part_body(
    path: &Path,
    offset: u64,
    length: u64,
) -> Result<aws_sdk_s3::primitives::ByteStream, BlobError> {
    let read = aws_sdk_s3::primitives::ByteStream::read_from().path(path);
    let read = read
        .offset(offset)
        .length(Length::Exact(length))
        .buffer_size(CHUNK_BYTES);
    read.build()
        .await
        .map_err(|error| BlobError::Unavailable(error.to_string()))
}
