//! The media of a tenant's recipes: uploads by their names, and what URLs lead to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use vidc_compiler::facts::Problem;

use crate::blobs::BlobError;
use crate::egress::FetchError;
use crate::service::Service;
use crate::store::assets::{NewAsset, blob_name};
use crate::store::model::{Asset, AssetId, Tenant};
use vidc_engine::resolver::{MediaResolver, ResolveError};

/// Before an asset's identifier where a recipe or a binding names it directly.
pub const ASSET_PREFIX: &str = "asset:";
/// For how long bytes may lie before an asset has them.
const UNUSED: Duration = Duration::from_secs(24 * 3600);

/// A tenant's assets, by the names a job gives them.
pub(crate) struct AssetResolver<'a> {
    pub(crate) service: &'a Service,
    pub(crate) tenant: &'a Tenant,
    pub(crate) assets: &'a BTreeMap<String, AssetId>,
    /// Where media lie while they are read.
    pub(crate) dir: &'a Path,
    /// What was fetched so far, by URL.
    pub(crate) fetched: Mutex<BTreeMap<String, AssetId>>,
}

impl AssetResolver<'_> {
    async fn id(&self, name: &str) -> Result<AssetId, ResolveError> {
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
        // One after another: a recipe that names a server often must not flood it.
        let mut fetched = self.fetched.lock().await;
        if let Some(id) = fetched.get(name) {
            return Ok(*id);
        }
        let asset = self.fetch(name).await?;
        fetched.insert(name.to_owned(), asset.id);
        Ok(asset.id)
    }

    async fn fetch(&self, url: &str) -> Result<Asset, ResolveError> {
        let Service {
            store,
            blobs,
            egress,
            s3_inputs: buckets,
            settings,
            metrics,
            ..
        } = self.service;
        let id = AssetId::generate();
        let blob = blob_name(self.tenant, id);
        store.reserve_blob(&blob, UNUSED).await.map_err(unavailable)?;
        let at_most = settings.max_fetch_bytes;
        let fetched = match (url.strip_prefix("s3://"), buckets) {
            (Some(place), Some(buckets)) => {
                let bytes = buckets.open(self.tenant, place).await?;
                blobs
                    .put(&blob, bytes, at_most)
                    .await
                    .map(|stored| (stored, None))
                    .map_err(FetchError::Blob)
            }
            (Some(_), None) => Err(FetchError::Refused(
                "this service has no S3 store to read from".to_owned(),
            )),
            (None, _) => egress.fetch(url, blobs.as_ref(), &blob, at_most).await,
        };
        let (stored, media_type) = fetched.map_err(|error| match error {
            FetchError::Blob(error @ BlobError::Unavailable(_)) => unavailable(error),
            error => Problem::Unreadable(error.to_string()).into(),
        })?;
        metrics.count_input(stored.bytes);
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let guessed = || mime_guess::from_path(&name).first_or_octet_stream().to_string();
        let asset = NewAsset {
            id,
            tenant: self.tenant.clone(),
            media_type: media_type.unwrap_or_else(guessed),
            name,
            source: Some(url.to_owned()),
            upload: None,
            content: Some((i64::try_from(stored.bytes).unwrap_or(i64::MAX), stored.hash)),
        };
        store
            .add_asset(&asset, settings.retention)
            .await
            .map_err(unavailable)
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> ResolveError {
    ResolveError::Unavailable(vidc_engine::Error::MediaStore(Box::new(error)))
}

#[async_trait]
impl MediaResolver for AssetResolver<'_> {
    async fn locate(&self, name: &str) -> Result<PathBuf, ResolveError> {
        let id = self.id(name).await?;
        let asset = self.service.store.asset(self.tenant, id).await;
        let asset = asset.map_err(unavailable)?.ok_or(Problem::Missing)?;
        if asset.bytes.is_none() {
            return Err(Problem::Unreadable("its upload is not finished".to_owned()).into());
        }
        let path = match self.service.blobs.file(&asset.blob).await {
            Err(BlobError::NotFound(_)) => return Err(Problem::Missing.into()),
            found => found.map_err(unavailable)?,
        };
        // Some formats are known by their extension; the bytes themselves have none.
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
