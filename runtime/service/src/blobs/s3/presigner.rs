//! Presigned URLs: until it expires, each permits one request to anybody who has it.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::CompletedPart;
use futures_util::StreamExt as _;

use super::client::unavailable;
use super::multipart::MAX_PARTS;
use super::store::S3Store;
use crate::blobs::blob_store::BlobStore as _;
use crate::blobs::error::BlobError;
use crate::blobs::presigner::{MultipartUpload, Presigner, ResponseHeaders, UploadPart};
use crate::blobs::stored_blob::{Digest, StoredBlob};

/// Size in bytes of the parts that clients send, unless there would be too many of them.
const PART_BYTES: u64 = 64 << 20;

fn presigning_config(lifetime: Duration) -> Result<PresigningConfig, BlobError> {
    PresigningConfig::expires_in(lifetime).map_err(|error| BlobError::Rejected(error.to_string()))
}

/// Returns the value of `Content-Disposition` for a file name, in which only some characters need no escape (RFC 6266,
/// RFC 8187).
fn content_disposition(file_name: &str) -> String {
    let mut name = String::new();
    for byte in file_name.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => name.push(char::from(byte)),
            false => name += &format!("%{byte:02X}"),
        }
    }
    format!("attachment; filename*=UTF-8''{name}")
}

#[async_trait]
impl Presigner for S3Store {
    async fn presign_download(
        &self,
        name: &str,
        headers: ResponseHeaders<'_>,
        lifetime: Duration,
    ) -> Result<String, BlobError> {
        let get = self.signer.0.get_object().bucket(&self.bucket);
        let get = get
            .key(self.key(name))
            .response_content_type(headers.media_type)
            .response_content_disposition(content_disposition(headers.file_name));
        let presigned = get.presigned(presigning_config(lifetime)?).await;
        Ok(presigned.map_err(unavailable)?.uri().to_owned())
    }

    async fn start_upload(
        &self,
        name: &str,
        bytes: u64,
        url_lifetime: Duration,
    ) -> Result<MultipartUpload, BlobError> {
        let id = self.create_upload(name).await?;
        let size = PART_BYTES.max(bytes.div_ceil(MAX_PARTS));
        let mut parts = Vec::new();
        for (number, offset) in (1..).zip((0..bytes).step_by(usize::try_from(size).unwrap_or(usize::MAX))) {
            let length = size.min(bytes - offset);
            let put = self.signer.0.upload_part().bucket(&self.bucket);
            let put = put
                .key(self.key(name))
                .upload_id(&id)
                .part_number(number)
                .content_length(i64::try_from(length).unwrap_or(i64::MAX));
            let presigned = put.presigned(presigning_config(url_lifetime)?).await;
            parts.push(UploadPart {
                url: presigned.map_err(unavailable)?.uri().to_owned(),
                bytes: length,
            });
        }
        Ok(MultipartUpload { id, parts })
    }

    async fn complete_upload(
        &self,
        name: &str,
        upload_id: &str,
        etags: &[String],
    ) -> Result<StoredBlob, BlobError> {
        let part = |(number, etag): (i32, &String)| {
            let part = CompletedPart::builder().part_number(number).e_tag(etag);
            part.build()
        };
        let parts = (1..).zip(etags).map(part).collect();
        self.complete_parts(name, upload_id, parts).await?;
        let mut bytes = self.get(name, None).await?;
        let mut digest = Digest::default();
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(|error| BlobError::Unavailable(error.to_string()))?;
            digest.update(&chunk);
        }
        Ok(digest.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_escaped() {
        assert_eq!(
            content_disposition("a b\"é.mp4"),
            "attachment; filename*=UTF-8''a%20b%22%C3%A9.mp4"
        );
    }
}
