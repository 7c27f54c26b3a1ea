//! Blobs as objects of a bucket of an S3-compatible store.

mod presigned;
mod reading;

use std::fmt::Display;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::Length;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use futures_util::{StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::disk_cache::DiskCache;
use super::presigned::Presigner;
use super::{BlobError, BlobStore, ByteStream, CHUNK_BYTES, StoredBlob, to_hex};
use crate::error::Error;

/// Of a part of a large file, in bytes.
const PART: u64 = 8 << 20;
/// An upload has no more parts (S3's own limit).
const MAX_PARTS: u64 = 10_000;
/// Parts that are sent at the same time.
const SIDE_BY_SIDE: usize = 2;

/// A store that sends nothing for so long has stopped.
const STALLED: Duration = Duration::from_secs(30);

/// Which bucket of which store.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// The store, such as `https://s3.example.com`; without one Amazon's in the region.
    pub endpoint: Option<String>,
    /// Where clients reach the same store, if elsewhere.
    pub public_endpoint: Option<String>,
    /// The region; most stores but Amazon's take any.
    pub region: String,
    /// The bucket, which is there already.
    pub bucket: String,
    /// Before every key.
    pub prefix: String,
    /// The public half of the credentials.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
    /// Whether the bucket is named in the path (`host/bucket/key`) or in the host (`bucket.host/key`).
    pub path_style: bool,
    /// Where copies of what is read lie.
    pub cache_dir: PathBuf,
    /// About how many bytes of them.
    pub cache_bytes: u64,
}

/// A client of a store.
#[derive(Clone, Debug)]
pub(crate) struct S3Client(pub(crate) Client);

impl S3Client {
    /// At the endpoint, which the settings' own may differ from.
    pub(crate) fn new(settings: &S3Settings, endpoint: Option<&String>) -> S3Client {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let credentials = Credentials::new(
            &settings.access_key_id,
            &settings.secret_access_key,
            None,
            None,
            "vidc",
        );
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            .force_path_style(settings.path_style)
            .http_client(http)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .read_timeout(STALLED)
                    .build(),
            )
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled()
                    .grace_period(STALLED)
                    .build(),
            )
            // Not every store knows the newer checksums; what was stored is known by its SHA-256.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(endpoint) = endpoint {
            config = config.endpoint_url(endpoint);
        }
        S3Client(Client::from_conf(config.build()))
    }
}

/// A bucket.
#[derive(Clone, Debug)]
pub struct S3Store {
    s3: S3Client,
    /// Signs addresses as clients see them.
    signer: S3Client,
    bucket: String,
    prefix: String,
    cache: DiskCache,
}

impl S3Store {
    /// Looks whether the bucket is there. A store that is away for now will do: it is asked again when it is needed.
    pub async fn open(settings: &S3Settings) -> Result<S3Store, Error> {
        let near = &settings.cache_dir;
        let bucket = S3Store {
            s3: S3Client::new(settings, settings.endpoint.as_ref()),
            signer: S3Client::new(
                settings,
                settings.public_endpoint.as_ref().or(settings.endpoint.as_ref()),
            ),
            bucket: settings.bucket.clone(),
            prefix: settings.prefix.clone(),
            cache: DiskCache::open(near.clone(), settings.cache_bytes)
                .map_err(vidc_engine::Error::io("make the directory", near))?,
        };
        match bucket.s3.0.head_bucket().bucket(&bucket.bucket).send().await {
            Ok(_) => Ok(bucket),
            Err(SdkError::ServiceError(answer)) if answer.raw().status().is_client_error() => {
                let status = answer.raw().status().as_u16();
                Err(Error::Blob(BlobError::Unavailable(format!(
                    "asked for the bucket `{}`, it answered {status}; make the bucket first, \
                     and check the region and the credentials",
                    bucket.bucket
                ))))
            }
            Err(error) => {
                tracing::warn!(error = describe(&error), "the blob store does not answer yet");
                Ok(bucket)
            }
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    async fn upload(&self, name: &str, path: &Path, length: u64) -> Result<(), BlobError> {
        if length <= PART {
            let put = self.s3.0.put_object().bucket(&self.bucket).key(self.key(name));
            let put = put.body(part(path, 0, length).await?);
            return put.send().await.map(drop).map_err(unavailable);
        }
        let create = self.s3.0.create_multipart_upload().bucket(&self.bucket);
        let created = create.key(self.key(name)).send().await.map_err(unavailable)?;
        let upload = created.upload_id.unwrap_or_default();
        let sent = match self.upload_parts(name, &upload, path, length).await {
            Ok(sent) => self.complete_multipart(name, &upload, sent).await,
            Err(error) => Err(error),
        };
        if sent.is_err()
            && let Err(error) = self.abort_multipart(name, &upload).await
        {
            tracing::warn!(name, %error, "an upload is left to the sweeper");
        }
        sent
    }

    async fn upload_parts(
        &self,
        name: &str,
        upload: &str,
        path: &Path,
        length: u64,
    ) -> Result<Vec<CompletedPart>, BlobError> {
        let size = PART.max(length.div_ceil(MAX_PARTS));
        let begins = (0..).map(|n| n * size).take_while(|begin| *begin < length);
        let sending = begins.zip(1..).map(async |(begin, number)| {
            let put = self.s3.0.upload_part().bucket(&self.bucket).key(self.key(name));
            let put = put.upload_id(upload).part_number(number);
            let put = put.body(part(path, begin, size.min(length - begin)).await?);
            let put = put.send().await.map_err(unavailable)?;
            let part = CompletedPart::builder().part_number(number).set_e_tag(put.e_tag);
            Ok(part.build())
        });
        futures_util::stream::iter(sending)
            .buffered(SIDE_BY_SIDE)
            .try_collect()
            .await
    }

    async fn complete_multipart(
        &self,
        name: &str,
        upload: &str,
        parts: Vec<CompletedPart>,
    ) -> Result<(), BlobError> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self
            .s3
            .0
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(self.key(name));
        let complete = complete.upload_id(upload).multipart_upload(parts);
        match complete.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.code() {
                // Somebody whose answer was lost asks again.
                Some("NoSuchUpload") if self.exists(name).await? => Ok(()),
                Some(
                    "NoSuchUpload" | "InvalidPart" | "InvalidPartOrder" | "EntityTooSmall" | "MalformedXML",
                ) => Err(BlobError::Rejected(describe(&error))),
                _ => Err(unavailable(error)),
            },
        }
    }

    async fn exists(&self, name: &str) -> Result<bool, BlobError> {
        match self
            .s3
            .0
            .head_object()
            .bucket(&self.bucket)
            .key(self.key(name))
            .send()
            .await
        {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(answer)) if answer.raw().status().as_u16() == 404 => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn abort_multipart(&self, name: &str, upload: &str) -> Result<(), BlobError> {
        let abort = self.s3.0.abort_multipart_upload().bucket(&self.bucket);
        match abort.key(self.key(name)).upload_id(upload).send().await {
            Err(error) if error.code() != Some("NoSuchUpload") => Err(unavailable(error)),
            _ => Ok(()),
        }
    }
}

/// A stretch of a file, which is read as it is sent.
async fn part(path: &Path, begin: u64, length: u64) -> Result<aws_sdk_s3::primitives::ByteStream, BlobError> {
    let read = aws_sdk_s3::primitives::ByteStream::read_from().path(path);
    let read = read
        .offset(begin)
        .length(Length::Exact(length))
        .buffer_size(CHUNK_BYTES);
    read.build()
        .await
        .map_err(|error| BlobError::Unavailable(error.to_string()))
}

async fn hash_file(path: &Path) -> io::Result<StoredBlob> {
    let mut pieces = ReaderStream::with_capacity(File::open(path).await?, CHUNK_BYTES);
    let (mut bytes, mut hash) = (0, Sha256::new());
    while let Some(piece) = pieces.try_next().await? {
        bytes += piece.len() as u64;
        hash.update(&piece);
    }
    Ok(StoredBlob {
        bytes,
        hash: to_hex(hash),
    })
}

/// What the store said, or why it was not reached.
fn describe<E: std::error::Error + ProvideErrorMetadata + 'static>(error: &SdkError<E>) -> String {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        (Some(code), None) => code.to_owned(),
        (None, _) => crate::egress::error_chain(error),
    }
}

fn unavailable<E: std::error::Error + ProvideErrorMetadata + 'static>(error: SdkError<E>) -> BlobError {
    BlobError::Unavailable(describe(&error))
}

#[async_trait]
impl BlobStore for S3Store {
    async fn put(&self, name: &str, bytes: ByteStream, at_most: u64) -> Result<StoredBlob, BlobError> {
        // Through a file, so that uploads of any size and number take little memory, and what comes next, a look into
        // the file, need not fetch it.
        let arrival = self.cache.stage(bytes, at_most).await?;
        self.upload(name, &arrival.file, arrival.stored.bytes).await?;
        if let Err(error) = self.cache.insert(name, arrival.file).await {
            tracing::warn!(name, %error, "no copy is kept here");
        }
        Ok(arrival.stored)
    }

    async fn put_file(&self, name: &str, path: &Path) -> Result<StoredBlob, BlobError> {
        let stored = hash_file(path).await.map_err(super::unavailable)?;
        self.upload(name, path, stored.bytes).await?;
        Ok(stored)
    }

    async fn get(&self, name: &str, range: Option<Range<u64>>) -> Result<ByteStream, BlobError> {
        self.s3.read(&self.bucket, &self.key(name), range).await
    }

    async fn file(&self, name: &str) -> Result<PathBuf, BlobError> {
        if let Some(path) = self.cache.get(name).await {
            return Ok(path);
        }
        let bytes = self.get(name, None).await?;
        let copying =
            |error: &dyn Display| BlobError::Unavailable(format!("while copying `{name}` here: {error}"));
        let copy = self
            .cache
            .stage(bytes, u64::MAX)
            .await
            .map_err(|error| copying(&error))?;
        self.cache
            .insert(name, copy.file)
            .await
            .map_err(|error| copying(&error))
    }

    async fn delete(&self, name: &str) -> Result<(), BlobError> {
        self.cache.remove(name).await;
        let key = self.key(name);
        let begun = self
            .s3
            .0
            .list_multipart_uploads()
            .bucket(&self.bucket)
            .prefix(&key);
        for upload in begun.send().await.map_err(unavailable)?.uploads() {
            if upload.key() == Some(&key) {
                self.abort_multipart(name, upload.upload_id().unwrap_or_default())
                    .await?;
            }
        }
        let delete = self.s3.0.delete_object().bucket(&self.bucket).key(key);
        delete.send().await.map(drop).map_err(unavailable)
    }

    fn presigner(&self) -> Option<&dyn Presigner> {
        Some(self)
    }
}
