//! Presigned addresses: whoever holds one may do that one thing until it runs out.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::CompletedPart;
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};

use super::{MAX_PARTS, S3Store, unavailable};
use crate::blobs::presigned::{MultipartUpload, Presigner, ResponseHeaders, UploadPart};
use crate::blobs::{BlobError, BlobStore as _, StoredBlob, to_hex};

/// Of a part that a client sends itself.
const PART: u64 = 64 << 20;

fn signing(lasting: Duration) -> Result<PresigningConfig, BlobError> {
    PresigningConfig::expires_in(lasting).map_err(|error| BlobError::Rejected(error.to_string()))
}

/// A file's name in a header field, where only some characters need no escaping (RFC 6266, RFC 8187).
fn disposition(file_name: &str) -> String {
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
        how: ResponseHeaders<'_>,
        lasting: Duration,
    ) -> Result<String, BlobError> {
        let get = self
            .signer
            .0
            .get_object()
            .bucket(&self.bucket)
            .key(self.key(name));
        let get = get
            .response_content_type(how.media_type)
            .response_content_disposition(disposition(how.file_name));
        let signed = get.presigned(signing(lasting)?).await.map_err(unavailable)?;
        Ok(signed.uri().to_owned())
    }

    async fn start_upload(
        &self,
        name: &str,
        bytes: u64,
        lasting: Duration,
    ) -> Result<MultipartUpload, BlobError> {
        let create = self.s3.0.create_multipart_upload().bucket(&self.bucket);
        let created = create.key(self.key(name)).send().await.map_err(unavailable)?;
        let id = created.upload_id.unwrap_or_default();
        let size = PART.max(bytes.div_ceil(MAX_PARTS));
        let mut parts = Vec::new();
        for (number, start) in (1..).zip((0..bytes).step_by(usize::try_from(size).unwrap_or(usize::MAX))) {
            let length = size.min(bytes - start);
            let put = self
                .signer
                .0
                .upload_part()
                .bucket(&self.bucket)
                .key(self.key(name));
            let put = put
                .upload_id(&id)
                .part_number(number)
                .content_length(i64::try_from(length).unwrap_or(i64::MAX));
            let signed = put.presigned(signing(lasting)?).await.map_err(unavailable)?;
            parts.push(UploadPart {
                url: signed.uri().to_owned(),
                bytes: length,
            });
        }
        Ok(MultipartUpload { id, parts })
    }

    async fn complete_upload(
        &self,
        name: &str,
        upload: &str,
        tags: &[String],
    ) -> Result<StoredBlob, BlobError> {
        let part = |(number, tag): (i32, &String)| {
            let part = CompletedPart::builder().part_number(number).e_tag(tag);
            part.build()
        };
        self.complete_multipart(name, upload, (1..).zip(tags).map(part).collect())
            .await?;
        let mut bytes = self.get(name, None).await?;
        let (mut hash, mut count) = (Sha256::new(), 0);
        while let Some(piece) = bytes.next().await {
            let piece = piece.map_err(|error| BlobError::Unavailable(error.to_string()))?;
            hash.update(&piece);
            count += piece.len() as u64;
        }
        Ok(StoredBlob {
            bytes: count,
            hash: to_hex(hash),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_escaped() {
        assert_eq!(
            disposition("a b\"é.mp4"),
            "attachment; filename*=UTF-8''a%20b%22%C3%A9.mp4"
        );
    }
}
