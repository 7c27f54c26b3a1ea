//! Locates the media of a tenant's recipes: uploaded assets by name, and files that URLs name, which are fetched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use vidc_compiler::facts::Problem;
use vidc_engine::resolver::{MediaResolver, ResolveError};

use crate::blobs::{BlobError, ByteStream};
use crate::error::Error;
use crate::requests::{NewFile, RequestError};
use crate::service::Service;
use crate::store::model::{Asset, AssetId, Tenant};

/// Prefix of an asset's id where a recipe or a binding names the asset directly.
pub const ASSET_PREFIX: &str = "asset:";
/// Time limit of a whole download.
const MAX_DOWNLOAD_TIME: Duration = Duration::from_secs(3600);

/// Finds a tenant's assets by the names that a job gives them.
pub(crate) struct AssetResolver<'a> {
    service: &'a Service,
    tenant: &'a Tenant,
    assets: &'a BTreeMap<String, AssetId>,
    /// Holds links to the media while they are read.
    dir: &'a Path,
    /// Assets that this resolver has fetched, by URL.
    fetched: Mutex<BTreeMap<String, AssetId>>,
}

impl<'a> AssetResolver<'a> {
    /// Creates a resolver that makes its links in `dir`.
    pub(crate) fn new(
        service: &'a Service,
        tenant: &'a Tenant,
        assets: &'a BTreeMap<String, AssetId>,
        dir: &'a Path,
    ) -> Self {
        AssetResolver {
            service,
            tenant,
            assets,
            dir,
            fetched: Mutex::default(),
        }
    }

    /// Returns the assets that were fetched, by URL.
    pub(crate) fn into_fetched(self) -> BTreeMap<String, AssetId> {
        self.fetched.into_inner()
    }

    async fn asset_id(&self, name: &str) -> Result<AssetId, ResolveError> {
        let direct = || name.strip_prefix(ASSET_PREFIX)?.parse().ok();
        if let Some(id) = self.assets.get(name).copied().or_else(direct) {
            return Ok(id);
        }
        if !["https://", "http://", "s3://"]
            .iter()
            .any(|scheme| name.starts_with(scheme))
        {
            return Err(Problem::Missing.into());
        }
        // One download at a time: a recipe with many URLs of one server must not flood it.
        let mut fetched = self.fetched.lock().await;
        if let Some(id) = fetched.get(name) {
            return Ok(*id);
        }
        let asset = self.fetch(name).await?;
        fetched.insert(name.to_owned(), asset.id);
        Ok(asset.id)
    }

    async fn fetch(&self, url: &str) -> Result<Asset, ResolveError> {
        if let Some(path) = url.strip_prefix("s3://") {
            return self.fetch_from_s3(url, path).await;
        }
        match tokio::time::timeout(MAX_DOWNLOAD_TIME, self.download(url)).await {
            Ok(asset) => asset,
            Err(_) => Err(unreadable(format!(
                "the download did not finish within {} minutes",
                MAX_DOWNLOAD_TIME.as_secs() / 60
            ))),
        }
    }

    async fn fetch_from_s3(&self, url: &str, path: &str) -> Result<Asset, ResolveError> {
        let Some(inputs) = &self.service.s3_inputs else {
            return Err(unreadable("this service has no S3 store to read from"));
        };
        let bytes = inputs.open(self.tenant, path).await?;
        self.store(url, None, bytes).await
    }

    async fn download(&self, url: &str) -> Result<Asset, ResolveError> {
        let Service { egress, settings, .. } = self.service;
        let response = egress.download(url, settings.max_fetch_bytes).await;
        let response = response.map_err(|error| unreadable(error.to_string()))?;
        self.store(url, response.media_type, response.bytes).await
    }

    async fn store(
        &self,
        url: &str,
        media_type: Option<String>,
        bytes: ByteStream,
    ) -> Result<Asset, ResolveError> {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let file = NewFile {
            name: path.rsplit('/').next().unwrap_or_default().to_owned(),
            media_type,
            source: Some(url.to_owned()),
        };
        let max_bytes = self.service.settings.max_fetch_bytes;
        let asset = self
            .service
            .create_asset(self.tenant, file, bytes, max_bytes)
            .await;
        asset.map_err(|error| match error {
            RequestError::Service(Error::Blob(error @ BlobError::Unavailable(_))) => unavailable(error),
            RequestError::Service(Error::Database(error)) => unavailable(error),
            error => unreadable(error.to_string()),
        })
    }
}

fn unreadable(reason: impl Into<String>) -> ResolveError {
    Problem::Unreadable(reason.into()).into()
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> ResolveError {
    ResolveError::Unavailable(vidc_engine::Error::MediaStore(Box::new(error)))
}

#[async_trait]
impl MediaResolver for AssetResolver<'_> {
    async fn locate(&self, name: &str) -> Result<PathBuf, ResolveError> {
        let id = self.asset_id(name).await?;
        let asset = self.service.store.asset(self.tenant, id).await;
        let asset = asset.map_err(unavailable)?.ok_or(Problem::Missing)?;
        if asset.bytes.is_none() {
            return Err(unreadable("its upload is not finished"));
        }
        let path = match self.service.blobs.file(&asset.blob).await {
            Err(BlobError::NotFound(_)) => return Err(Problem::Missing.into()),
            found => found.map_err(unavailable)?,
        };
        // FFmpeg recognizes some formats by their extension, which a blob's own name does not have.
        let extension = Path::new(&asset.name).extension().unwrap_or_default();
        let link = self.dir.join(id.to_string()).with_extension(extension);
        match std::os::unix::fs::symlink(&path, &link) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(
                ResolveError::Unavailable(vidc_engine::Error::io("link to a file at", link)(error)),
            ),
            _ => Ok(link),
        }
    }
}
