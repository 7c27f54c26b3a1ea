//! Who asks: API keys, of which only a hash is kept.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use vidc_runtime::store::keys::NewKey;
use vidc_runtime::store::model::{KeyId, Tenant};
use vidc_runtime::store::{DatabaseError, Store};

use super::House;
use super::problem::Problem;

/// What every key begins with, so that scanners find those that leak.
const PREFIX: &str = "vidc_";

/// Whoever sent a request with a valid key.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Whose tasks and assets it may see.
    pub(super) tenant: Tenant,
}

/// Makes a key that may do everything for a tenant; it is shown this once.
pub(super) async fn make_key(store: &Store, tenant: &Tenant, name: &str) -> Result<String, DatabaseError> {
    let id = KeyId::fresh();
    let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let key = NewKey {
        id,
        tenant: tenant.clone(),
        name: name.to_owned(),
        hash: hash(&secret),
        scopes: "*".to_owned(),
        expires_at: None,
    };
    let webhook_secret = format!(
        "whsec_{}",
        base64::engine::general_purpose::STANDARD.encode(rand::random::<[u8; 24]>())
    );
    store.add_key(&key, &webhook_secret).await?;
    Ok(format!("{PREFIX}{}_{secret}", id.0.simple()))
}

fn hash(secret: &str) -> String {
    Sha256::digest(secret)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl FromRequestParts<House> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Problem> {
        let refuse = |detail: &str| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "Who asks is not known",
                detail,
            )
        };
        let header = parts.headers.get(header::AUTHORIZATION);
        let header = header.and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer "));
        let token = token.ok_or_else(|| refuse("send a key as `Authorization: Bearer vidc_…`"))?;
        let unknown = || refuse("the key is unknown, revoked or expired");
        let (id, secret) = token
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('_'))
            .ok_or_else(unknown)?;
        let id: KeyId = id.parse().map_err(|_| unknown())?;
        let key = house.service.store.key(id).await?.ok_or_else(unknown)?;
        let same: bool = hash(secret).as_bytes().ct_eq(key.hash.as_bytes()).into();
        let expired = key.expires_at.is_some_and(|at| at < jiff::Timestamp::now());
        if !same || expired || key.revoked_at.is_some() {
            return Err(unknown());
        }
        Ok(Caller { tenant: key.tenant })
    }
}
