//! Secrets that access tokens are signed with. All processes share them, and replace them from time to time.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Row, sql};
use super::model::Tenant;

/// A secret that access tokens are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret {
    /// Its id, which the header of a token names (`kid`).
    pub id: String,
    /// The secret itself.
    pub secret: String,
    /// The time at which it was created.
    pub created_at: jiff::Timestamp,
}

impl SigningSecret {
    /// Time since it was created.
    pub fn age(&self) -> Duration {
        let age = jiff::Timestamp::now().duration_since(self.created_at);
        age.unsigned_abs()
    }
}

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningSecret({})", self.id)
    }
}

impl Store {
    /// Returns all secrets, newest first.
    pub async fn signing_secrets(&self) -> Result<Vec<SigningSecret>, DatabaseError> {
        let all = sql!("select id, secret, created_at from signing_secrets order by created_at desc, id");
        let read = |row: Row| {
            let mut fields = row.fields();
            Ok(SigningSecret {
                id: fields.text()?,
                secret: fields.text()?,
                created_at: fields.time()?,
            })
        };
        self.database.read(all).await?.into_iter().map(read).collect()
    }

    /// Adds a secret, and deletes those that are older than `retention`.
    pub async fn add_signing_secret(
        &self,
        id: &str,
        secret: &str,
        retention: Duration,
    ) -> Result<(), DatabaseError> {
        let insert = sql!(
            "insert into signing_secrets (id, secret, created_at) values ($1, $2, vidc_now()) returning id",
            id,
            secret
        );
        let delete_old = sql!(
            "delete from signing_secrets where created_at < vidc_now() - cast($1 as bigint)",
            retention
        );
        self.database.write(insert, vec![delete_old]).await.map(drop)
    }

    /// Stores a tenant without a key, with `webhook_secret`, unless it exists.
    pub async fn ensure_tenant(&self, tenant: &Tenant, webhook_secret: &str) -> Result<(), DatabaseError> {
        let insert = sql!(
            "insert into tenants (id, webhook_secret, created_at) values ($1, $2, vidc_now())
             on conflict (id) do nothing returning id",
            &tenant.0,
            webhook_secret
        );
        self.database.write(insert, Vec::new()).await.map(drop)
    }
}
