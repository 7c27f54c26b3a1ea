//! Storing files as a tenant's assets, and showing and deleting them.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use super::error::{RequestError, Resource};
use crate::service::Service;
use crate::store::UNREFERENCED_BLOB_LIFETIME;
use crate::store::assets::{NewAsset, blob_name};
use crate::store::model::{Asset, AssetId, Tenant};

/// A file to be stored as an asset.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// The name that the tenant gives it, or that its URL ends with.
    pub name: String,
    /// Its media type; by default, the type of the name's extension.
    pub media_type: Option<String>,
    /// The URL that it was fetched from.
    pub source: Option<String>,
}

impl NewFile {
    pub(super) fn media_type(&self) -> String {
        match &self.media_type {
            Some(media_type) => media_type.clone(),
            None => mime_guess::from_path(&self.name)
                .first_or_octet_stream()
                .to_string(),
        }
    }
}

impl Service {
    /// Stores a stream of at most `max_bytes` bytes in constant memory, and makes it an asset of the tenant.
    ///
    /// Nothing is stored if the stream fails, is too long or is empty.
    pub async fn create_asset<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        &self,
        tenant: &Tenant,
        file: NewFile,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send,
        max_bytes: u64,
    ) -> Result<Asset, RequestError> {
        let id = AssetId::generate();
        let blob = blob_name(tenant, id);
        self.store.reserve_blob(&blob, UNREFERENCED_BLOB_LIFETIME).await?;
        // The blob store needs a stream that owns its data, which the body of a multipart field does not. A channel
        // that holds one chunk keeps memory constant.
        let (sender, receiver) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(1);
        let receiver = tokio_stream::wrappers::ReceiverStream::new(receiver).boxed();
        let forward = async move {
            let mut bytes = std::pin::pin!(bytes);
            while let Some(chunk) = bytes.next().await {
                let chunk = chunk.map_err(io::Error::other);
                let is_broken = chunk.is_err();
                if sender.send(chunk).await.is_err() || is_broken {
                    break;
                }
            }
        };
        let (stored, ()) = tokio::join!(self.blobs.put(&blob, receiver, max_bytes), forward);
        let stored = stored?;
        if stored.bytes == 0 {
            self.blobs.delete(&blob).await?;
            return Err(RequestError::EmptyFile(file.name));
        }
        self.metrics.count_input(stored.bytes);
        let asset = NewAsset {
            id,
            tenant: tenant.clone(),
            media_type: file.media_type(),
            name: file.name,
            source: file.source,
            upload: None,
            content: Some((i64::try_from(stored.bytes).unwrap_or(i64::MAX), stored.hash)),
        };
        Ok(self.store.add_asset(&asset, self.settings.retention).await?)
    }

    /// Returns an asset.
    pub async fn asset(&self, tenant: &Tenant, id: AssetId) -> Result<Asset, RequestError> {
        let asset = self.store.asset(tenant, id).await?;
        asset.ok_or(RequestError::NotFound(Resource::Asset))
    }

    /// Deletes an asset.
    pub async fn delete_asset(&self, tenant: &Tenant, id: AssetId) -> Result<(), RequestError> {
        match self.store.delete_asset(tenant, id).await? {
            true => Ok(()),
            false => Err(RequestError::NotFound(Resource::Asset)),
        }
    }
}
