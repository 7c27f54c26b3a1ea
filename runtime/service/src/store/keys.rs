//! API keys, and the tenants that get their webhook secret along with their first key.

use super::Store;
use super::database::{DatabaseError, Row, sql};
use super::model::{Key, KeyId, Tenant};

macro_rules! columns {
    () => {
        "id, tenant, name, hash, scopes, created_at, expires_at, revoked_at"
    };
}

fn key(row: Row) -> Result<Key, DatabaseError> {
    let mut fields = row.fields();
    Ok(Key {
        id: fields.parsed()?,
        tenant: Tenant(fields.text()?),
        name: fields.text()?,
        hash: fields.text()?,
        scopes: fields.text()?,
        created_at: fields.time()?,
        expires_at: fields.optional_time()?,
        revoked_at: fields.optional_time()?,
    })
}

/// A key to store.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its id, which is a public part of its text.
    pub id: KeyId,
    /// The tenant that owns it.
    pub tenant: Tenant,
    /// The tenant's name for it.
    pub name: String,
    /// SHA-256 of its secret in hexadecimal digits.
    pub hash: String,
    /// Names of its scopes, separated by spaces.
    pub scopes: String,
    /// The time from which it is rejected; `None` if it does not expire.
    pub expires_at: Option<jiff::Timestamp>,
}

impl Store {
    /// Stores a key. A new tenant is stored too, with `webhook_secret`.
    pub async fn add_key(&self, new: &NewKey, webhook_secret: &str) -> Result<Key, DatabaseError> {
        let insert = sql!(
            concat!(
                "insert into keys (id, tenant, name, hash, scopes, created_at, expires_at)
                 values ($1, $2, $3, $4, $5, vidc_now(), $6) returning ",
                columns!()
            ),
            new.id,
            &new.tenant.0,
            &new.name,
            &new.hash,
            &new.scopes,
            new.expires_at
        );
        let then = vec![sql!(
            "insert into tenants (id, webhook_secret, created_at) values ($1, $2, vidc_now()) on conflict (id) do nothing",
            &new.tenant.0,
            webhook_secret
        )];
        let row = self.database.write(insert, then).await?.pop().unwrap_or_default();
        key(row)
    }

    /// Returns a key by its id.
    pub async fn key(&self, id: KeyId) -> Result<Option<Key>, DatabaseError> {
        let statement = sql!(concat!("select ", columns!(), " from keys where id = $1"), id);
        self.database.read(statement).await?.pop().map(key).transpose()
    }

    /// Lists a tenant's keys, newest first.
    pub async fn keys(&self, tenant: &Tenant) -> Result<Vec<Key>, DatabaseError> {
        let statement = sql!(
            concat!(
                "select ",
                columns!(),
                " from keys where tenant = $1 order by id desc"
            ),
            &tenant.0
        );
        self.database
            .read(statement)
            .await?
            .into_iter()
            .map(key)
            .collect()
    }

    /// Revokes a key. Returns false if the tenant has no such key.
    pub async fn revoke_key(&self, tenant: &Tenant, id: KeyId) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update keys set revoked_at = coalesce(revoked_at, vidc_now()) where id = $1 and tenant = $2 returning id",
            id,
            &tenant.0
        );
        Ok(!self.database.write(guard, Vec::new()).await?.is_empty())
    }

    /// Returns the secret that a tenant's webhooks are signed with.
    pub async fn webhook_secret(&self, tenant: &Tenant) -> Result<Option<String>, DatabaseError> {
        let statement = sql!("select webhook_secret from tenants where id = $1", &tenant.0);
        let row = self.database.read(statement).await?.pop();
        row.map(|row| row.fields().text()).transpose()
    }
}
