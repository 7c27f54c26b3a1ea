//! Multipart uploads through presigned URLs, for which the bytes do not pass through the service.

use std::time::Duration;

use super::assets::NewFile;
use super::error::{RequestError, Resource};
use crate::blobs::{BlobError, Presigner, UploadPart};
use crate::service::Service;
use crate::store::UNREFERENCED_BLOB_LIFETIME;
use crate::store::assets::{NewAsset, blob_name};
use crate::store::model::{Asset, AssetId, Tenant};

/// Lifetime of the presigned URLs of an upload's parts.
const URL_LIFETIME: Duration = Duration::from_secs(12 * 3600);

/// An upload whose parts the client may send.
#[derive(Clone, Debug)]
pub struct StartedUpload {
    /// The asset, without its content.
    pub asset: Asset,
    /// The parts in their order.
    pub parts: Vec<UploadPart>,
    /// Lifetime of the parts' URLs.
    pub url_lifetime: Duration,
}

impl Service {
    fn presigned(&self) -> Result<&dyn Presigner, RequestError> {
        self.blobs
            .presigner()
            .ok_or(RequestError::PresignedUploadsUnsupported)
    }

    /// Starts the upload of a file of exactly `bytes` bytes, of which there must be at least one and at most
    /// `max_bytes`.
    pub async fn start_upload(
        &self,
        tenant: &Tenant,
        file: NewFile,
        bytes: u64,
        max_bytes: u64,
    ) -> Result<StartedUpload, RequestError> {
        let presigned = self.presigned()?;
        if bytes == 0 {
            return Err(RequestError::EmptyFile(file.name));
        }
        if bytes > max_bytes {
            return Err(BlobError::TooLarge(max_bytes).into());
        }
        let id = AssetId::generate();
        let blob = blob_name(tenant, id);
        self.store.reserve_blob(&blob, UNREFERENCED_BLOB_LIFETIME).await?;
        let upload = presigned.start_upload(&blob, bytes, URL_LIFETIME).await?;
        let asset = NewAsset {
            id,
            tenant: tenant.clone(),
            media_type: file.media_type(),
            name: file.name,
            source: file.source,
            upload: Some(upload.id),
            content: None,
        };
        Ok(StartedUpload {
            asset: self.store.add_asset(&asset, self.settings.retention).await?,
            parts: upload.parts,
            url_lifetime: URL_LIFETIME,
        })
    }

    /// Completes an upload, given the entity tags of its parts in their order. Completing it again does no harm. A file
    /// that turns out longer than `max_bytes` is deleted.
    pub async fn complete_upload(
        &self,
        tenant: &Tenant,
        id: AssetId,
        etags: &[String],
        max_bytes: u64,
    ) -> Result<Asset, RequestError> {
        let presigned = self.presigned()?;
        let asset = self.upload(tenant, id).await?;
        let Some(upload) = &asset.upload else {
            return Ok(asset);
        };
        let stored = presigned.complete_upload(&asset.blob, upload, etags).await?;
        if stored.bytes > max_bytes {
            self.store.delete_asset(tenant, id).await?;
            return Err(BlobError::TooLarge(max_bytes).into());
        }
        self.metrics.count_input(stored.bytes);
        let bytes = i64::try_from(stored.bytes).unwrap_or(i64::MAX);
        match self.store.complete_asset(tenant, id, bytes, &stored.hash).await? {
            Some(asset) => Ok(asset),
            // A concurrent request has completed it.
            None => self.upload(tenant, id).await,
        }
    }

    async fn upload(&self, tenant: &Tenant, id: AssetId) -> Result<Asset, RequestError> {
        let asset = self.store.asset(tenant, id).await?;
        asset.ok_or(RequestError::NotFound(Resource::Upload))
    }
}
