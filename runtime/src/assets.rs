//! The media of a tenant's recipes: uploads by their names, and what URLs lead to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use vidc_compiler::facts::Problem;

use crate::library::Library;
use crate::service::Service;
use crate::store::assets::{NewAsset, blob_name};
use crate::store::model::{Asset, AssetId, Tenant};

/// Before an asset's identifier where a recipe or a binding names it directly.
pub const ASSET_PREFIX: &str = "asset:";
/// For how long bytes may lie before an asset has them.
const UNUSED: Duration = Duration::from_secs(24 * 3600);

/// A tenant's assets, by the names a job gives them.
pub(crate) struct Assets<'a> {
    pub(crate) service: &'a Service,
    pub(crate) tenant: &'a Tenant,
    pub(crate) assets: &'a BTreeMap<String, AssetId>,
    /// Where media lie while they are read.
    pub(crate) folder: &'a Path,
    /// What was fetched so far, by URL.
    pub(crate) fetched: Mutex<BTreeMap<String, AssetId>>,
}

impl Assets<'_> {
    async fn id(&self, name: &str) -> Result<AssetId, Problem> {
        let direct = || name.strip_prefix(ASSET_PREFIX)?.parse().ok();
        if let Some(id) = self.assets.get(name).copied().or_else(direct) {
            return Ok(id);
        }
        if !name.starts_with("https://") && !name.starts_with("http://") {
            return Err(Problem::Missing);
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

    async fn fetch(&self, url: &str) -> Result<Asset, Problem> {
        let Service {
            store,
            blobs,
            outside,
            settings,
            metrics,
            ..
        } = self.service;
        let id = AssetId::fresh();
        let blob = blob_name(self.tenant, id);
        store.expect_blob(&blob, UNUSED).await.map_err(unreadable)?;
        let fetched = outside
            .fetch(url, blobs.as_ref(), &blob, settings.fetched_bytes)
            .await;
        let (stored, media_type) = fetched.map_err(unreadable)?;
        metrics.received(stored.bytes);
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
            .map_err(unreadable)
    }
}

fn unreadable(error: impl std::fmt::Display) -> Problem {
    Problem::Unreadable(error.to_string())
}

#[async_trait]
impl Library for Assets<'_> {
    async fn locate(&self, name: &str) -> Result<PathBuf, Problem> {
        let id = self.id(name).await?;
        let asset = self.service.store.asset(self.tenant, id).await;
        let asset = asset.map_err(unreadable)?.ok_or(Problem::Missing)?;
        if asset.bytes.is_none() {
            return Err(Problem::Unreadable("its upload is not finished".to_owned()));
        }
        let path = self.service.blobs.file(&asset.blob, self.folder).await;
        let path = path.map_err(unreadable)?;
        // Some formats are known by their extension; the bytes themselves have none.
        let extension = Path::new(&asset.name).extension().unwrap_or_default();
        let link = self.folder.join(id.to_string()).with_extension(extension);
        match std::os::unix::fs::symlink(&path, &link) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(unreadable(error)),
            _ => Ok(link),
        }
    }
}
