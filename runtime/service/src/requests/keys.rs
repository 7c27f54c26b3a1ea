//! API keys, and what access tokens are signed with.
//!
//! A key's text is `vidc_ID_SECRET`. Only a hash of the secret is stored, so the text is known once, when the key is
//! created.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::error::{RequestError, Resource};
use crate::service::Service;
use crate::store::keys::NewKey;
use crate::store::model::{Key, KeyId, Tenant};
use crate::store::secrets::SigningSecret;

/// Prefix of every key's text, by which secret scanners recognize a leaked key.
pub const KEY_PREFIX: &str = "vidc_";

/// A key to create.
#[derive(Clone, Debug)]
pub struct CreateKey {
    /// The tenant to which it gives access.
    pub tenant: Tenant,
    /// Its name in lists.
    pub name: String,
    /// Names of its scopes, separated by spaces.
    pub scopes: String,
    /// Time until it expires; without one it is valid until it is revoked.
    pub lifetime: Option<Duration>,
}

impl Service {
    /// Creates a key. Returns it with its text, which cannot be recovered later.
    pub async fn create_key(&self, request: CreateKey) -> Result<(Key, String), RequestError> {
        let id = KeyId::generate();
        let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let expiry = |lifetime| Timestamp::now().checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let key = NewKey {
            id,
            tenant: request.tenant,
            name: request.name,
            hash: sha256(&secret),
            scopes: request.scopes,
            expires_at: request.lifetime.map(expiry),
        };
        let key = self.store.add_key(&key, &new_webhook_secret()).await?;
        Ok((key, format!("{KEY_PREFIX}{}_{secret}", id.0.simple())))
    }

    /// Lists a tenant's keys, newest first, including revoked and expired ones.
    pub async fn list_keys(&self, tenant: &Tenant) -> Result<Vec<Key>, RequestError> {
        Ok(self.store.keys(tenant).await?)
    }

    /// Revokes a key.
    pub async fn revoke_key(&self, tenant: &Tenant, id: KeyId) -> Result<(), RequestError> {
        match self.store.revoke_key(tenant, id).await? {
            true => Ok(()),
            false => Err(RequestError::NotFound(Resource::Key)),
        }
    }

    /// Returns the key with this text, unless it is unknown, revoked or expired.
    pub async fn authenticate(&self, text: &str) -> Result<Option<Key>, RequestError> {
        let parts = text
            .strip_prefix(KEY_PREFIX)
            .and_then(|rest| rest.split_once('_'));
        let Some((id, secret)) = parts.and_then(|(id, secret)| Some((id.parse().ok()?, secret))) else {
            return Ok(None);
        };
        let key = self.valid_key(id).await?;
        let matches = |key: &Key| sha256(secret).as_bytes().ct_eq(key.hash.as_bytes()).into();
        Ok(key.filter(matches))
    }

    /// Returns the key with this id, unless it is unknown, revoked or expired.
    pub async fn valid_key(&self, id: KeyId) -> Result<Option<Key>, RequestError> {
        let is_valid = |key: &Key| {
            let is_expired = key.expires_at.is_some_and(|at| at < Timestamp::now());
            !is_expired && key.revoked_at.is_none()
        };
        Ok(self.store.key(id).await?.filter(is_valid))
    }

    /// Registers a tenant that has no API key, such as one whose users authenticate with another issuer's tokens.
    pub async fn register_tenant(&self, tenant: &Tenant) -> Result<(), RequestError> {
        Ok(self.store.ensure_tenant(tenant, &new_webhook_secret()).await?)
    }

    /// Returns the secrets that access tokens are signed with, newest first.
    pub async fn signing_secrets(&self) -> Result<Vec<SigningSecret>, RequestError> {
        Ok(self.store.signing_secrets().await?)
    }

    /// Returns the secrets that access tokens are signed with, newest first, after adding one if the newest is
    /// `max_age` old. Secrets older than `retention` are deleted then.
    pub async fn rotate_signing_secrets(
        &self,
        max_age: Duration,
        retention: Duration,
    ) -> Result<Vec<SigningSecret>, RequestError> {
        let secrets = self.store.signing_secrets().await?;
        if secrets.first().is_some_and(|secret| secret.age() < max_age) {
            return Ok(secrets);
        }
        let id = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 8]>());
        let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        self.store.add_signing_secret(&id, &secret, retention).await?;
        Ok(self.store.signing_secrets().await?)
    }
}

/// A signing secret for a new tenant's webhooks.
fn new_webhook_secret() -> String {
    format!("whsec_{}", STANDARD.encode(rand::random::<[u8; 24]>()))
}

fn sha256(secret: &str) -> String {
    Sha256::digest(secret)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
