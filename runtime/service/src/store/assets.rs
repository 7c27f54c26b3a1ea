//! Assets: uploaded and fetched files.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Row, sql};
use super::model::{Asset, AssetId, Tenant};

macro_rules! columns {
    () => {
        "id, tenant, name, media_type, source, blob, upload, bytes, hash, created_at, expires_at"
    };
}

fn asset(row: Row) -> Result<Asset, DatabaseError> {
    let mut fields = row.fields();
    Ok(Asset {
        id: fields.parsed()?,
        tenant: Tenant(fields.text()?),
        name: fields.text()?,
        media_type: fields.text()?,
        source: fields.optional_text()?,
        blob: fields.text()?,
        upload: fields.optional_text()?,
        bytes: fields.optional_int()?,
        hash: fields.optional_text()?,
        created_at: fields.time()?,
        expires_at: fields.time()?,
    })
}

/// An asset to store.
#[derive(Clone, Debug)]
pub struct NewAsset {
    /// Its id.
    pub id: AssetId,
    /// The tenant that owns it.
    pub tenant: Tenant,
    /// The tenant's name for it.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// The URL that it was fetched from.
    pub source: Option<String>,
    /// The store's id of an unfinished multipart upload.
    pub upload: Option<String>,
    /// Size in bytes and SHA-256, if the content is stored.
    pub content: Option<(i64, String)>,
}

impl Store {
    /// Stores an asset, which expires after `retention`.
    pub async fn add_asset(&self, new: &NewAsset, retention: Duration) -> Result<Asset, DatabaseError> {
        let (bytes, hash) = new.content.clone().unzip();
        let blob = blob_name(&new.tenant, new.id);
        let insert = sql!(
            concat!(
                "insert into assets (id, tenant, name, media_type, source, blob, upload, bytes, hash, created_at, expires_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, vidc_now(), vidc_now() + cast($10 as bigint)) returning ",
                columns!()
            ),
            new.id,
            &new.tenant.0,
            &new.name,
            &new.media_type,
            new.source.as_ref(),
            &blob,
            new.upload.as_ref(),
            bytes,
            hash,
            retention
        );
        let then = vec![sql!("delete from garbage where blob = $1", &blob)];
        let row = self.database.write(insert, then).await?.pop().unwrap_or_default();
        asset(row)
    }

    /// Returns a tenant's asset.
    pub async fn asset(&self, tenant: &Tenant, id: AssetId) -> Result<Option<Asset>, DatabaseError> {
        let statement = sql!(
            concat!(
                "select ",
                columns!(),
                " from assets where id = $1 and tenant = $2"
            ),
            id,
            &tenant.0
        );
        self.database.read(statement).await?.pop().map(asset).transpose()
    }

    /// Lists a tenant's assets, newest first.
    pub async fn assets(
        &self,
        tenant: &Tenant,
        before: Option<AssetId>,
        limit: i64,
    ) -> Result<Vec<Asset>, DatabaseError> {
        let before = before.map_or_else(|| uuid::Uuid::max().to_string(), |id| id.to_string());
        let statement = sql!(
            concat!(
                "select ",
                columns!(),
                " from assets where tenant = $1 and id < $2 order by id desc limit $3"
            ),
            &tenant.0,
            before,
            limit
        );
        self.database
            .read(statement)
            .await?
            .into_iter()
            .map(asset)
            .collect()
    }

    /// Records the content of an asset whose upload is complete. Returns `None` if there is no such unfinished upload.
    pub async fn complete_asset(
        &self,
        tenant: &Tenant,
        id: AssetId,
        bytes: i64,
        hash: &str,
    ) -> Result<Option<Asset>, DatabaseError> {
        let guard = sql!(
            concat!(
                "update assets set upload = null, bytes = $3, hash = $4
                 where id = $1 and tenant = $2 and upload is not null returning ",
                columns!()
            ),
            id,
            &tenant.0,
            bytes,
            hash
        );
        self.database
            .write(guard, Vec::new())
            .await?
            .pop()
            .map(asset)
            .transpose()
    }

    /// Extends the life of an asset to at least `retention` from now. Returns false if the tenant has no such asset.
    pub async fn extend_asset(
        &self,
        tenant: &Tenant,
        id: AssetId,
        retention: Duration,
    ) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update assets set expires_at = case when expires_at > vidc_now() + cast($3 as bigint) then expires_at
                                                 else vidc_now() + cast($3 as bigint) end
             where id = $1 and tenant = $2 returning id",
            id,
            &tenant.0,
            retention
        );
        Ok(!self.database.write(guard, Vec::new()).await?.is_empty())
    }

    /// Deletes an asset. Returns false if the tenant has no such asset.
    pub async fn delete_asset(&self, tenant: &Tenant, id: AssetId) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "delete from assets where id = $1 and tenant = $2 returning id",
            id,
            &tenant.0
        );
        // Assets share no blobs.
        let then = vec![super::garbage::schedule_deletion(&blob_name(tenant, id))];
        Ok(!self.database.write(guard, then).await?.is_empty())
    }
}

/// Returns the name of an asset's blob.
pub fn blob_name(tenant: &Tenant, id: AssetId) -> String {
    format!("assets/{tenant}/{id}")
}
