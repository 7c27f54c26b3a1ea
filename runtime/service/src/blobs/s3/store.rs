//! The blob store itself: objects of one bucket, with a cache on the local disk.

use std::fmt::Display;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use aws_sdk_s3::error::SdkError;
use futures_util::TryStreamExt as _;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::client::{S3Client, describe, unavailable};
use super::settings::S3Settings;
use crate::blobs::blob_store::BlobStore;
use crate::blobs::disk_cache::DiskCache;
use crate::blobs::error::{BlobError, disk_error};
use crate::blobs::presigner::Presigner;
use crate::blobs::stored_blob::{ByteStream, CHUNK_BYTES, Digest, StoredBlob};
use crate::error::Error;

/// A bucket with one object for each blob.
#[derive(Clone, Debug)]
pub struct S3Store {
    pub(super) s3: S3Client,
    /// Signs URLs for the host name that clients see.
    pub(super) signer: S3Client,
    pub(super) bucket: String,
    prefix: String,
    cache: DiskCache,
}

impl S3Store {
    /// Opens a bucket, and fails if it does not exist or the credentials do not fit. A store that does not respond is
    /// no error: it may be back by the time it is needed.
    pub async fn open(settings: &S3Settings) -> Result<S3Store, Error> {
        let cache_dir = &settings.cache_dir;
        let store = S3Store {
            s3: S3Client::new(settings, settings.endpoint.as_ref()),
            signer: S3Client::new(
                settings,
                settings.public_endpoint.as_ref().or(settings.endpoint.as_ref()),
            ),
            bucket: settings.bucket.clone(),
            prefix: settings.prefix.clone(),
            cache: DiskCache::open(cache_dir.clone(), settings.cache_bytes)
                .map_err(vidc_engine::Error::io("make the directory", cache_dir))?,
        };
        match store.s3.0.head_bucket().bucket(&store.bucket).send().await {
            Ok(_) => Ok(store),
            Err(SdkError::ServiceError(error)) if error.raw().status().is_client_error() => {
                let status = error.raw().status().as_u16();
                Err(Error::Blob(BlobError::Unavailable(format!(
                    "it answered {status} to a request for the bucket `{}`; create the bucket first, \
                     and check the region and the credentials",
                    store.bucket
                ))))
            }
            Err(error) => {
                tracing::warn!(error = describe(&error), "the blob store does not respond yet");
                Ok(store)
            }
        }
    }

    /// Returns the key of a blob's object.
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

async fn hash_file(path: &Path) -> io::Result<StoredBlob> {
    let mut chunks = ReaderStream::with_capacity(File::open(path).await?, CHUNK_BYTES);
    let mut digest = Digest::default();
    while let Some(chunk) = chunks.try_next().await? {
        digest.update(&chunk);
    }
    Ok(digest.finish())
}

#[async_trait]
impl BlobStore for S3Store {
    async fn put(&self, name: &str, bytes: ByteStream, max_bytes: u64) -> Result<StoredBlob, BlobError> {
        // A file in between keeps memory small for uploads of any size and number, and spares fetching the blob for the
        // probe that follows.
        let staged = self.cache.stage(bytes, max_bytes).await?;
        self.upload_file(name, &staged.file, staged.stored.bytes).await?;
        if let Err(error) = self.cache.insert(name, staged.file).await {
            tracing::warn!(name, %error, "blob not cached");
        }
        Ok(staged.stored)
    }

    async fn put_file(&self, name: &str, path: &Path) -> Result<StoredBlob, BlobError> {
        let stored = hash_file(path).await.map_err(disk_error)?;
        self.upload_file(name, path, stored.bytes).await?;
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
        let copy_error = |error: &dyn Display| {
            BlobError::Unavailable(format!("copying `{name}` to the local disk: {error}"))
        };
        let staged = self.cache.stage(bytes, u64::MAX).await;
        let staged = staged.map_err(|error| copy_error(&error))?;
        let cached = self.cache.insert(name, staged.file).await;
        cached.map_err(|error| copy_error(&error))
    }

    async fn delete(&self, name: &str) -> Result<(), BlobError> {
        self.cache.remove(name).await;
        self.abort_uploads(name).await?;
        let delete = self.s3.0.delete_object().bucket(&self.bucket);
        let deleted = delete.key(self.key(name)).send().await;
        deleted.map(drop).map_err(unavailable)
    }

    fn presigner(&self) -> Option<&dyn Presigner> {
        Some(self)
    }
}
