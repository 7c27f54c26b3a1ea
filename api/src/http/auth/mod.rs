//! Who asks: API keys, of which only a hash is kept; access tokens that we gave for one; and those of other issuers.

pub(crate) mod issuers;
pub(super) mod tokens;

use std::str::FromStr;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use utoipa::ToSchema;
use vidc_service::store::keys::NewKey;
use vidc_service::store::model::{Key, KeyId, Tenant};
use vidc_service::store::{DatabaseError, Store};

use super::AppState;
use super::limits;
use super::problem::Problem;

/// What every key begins with, so that scanners find those that leak.
const PREFIX: &str = "vidc_";

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// Looking at tasks, assets and outputs.
    Read,
    /// Making, cancelling and deleting them.
    Write,
    /// Making and revoking this tenant's keys.
    Keys,
    /// Making keys for other tenants.
    Admin,
}

impl Scope {
    /// All of them.
    pub(crate) const ALL: [Scope; 4] = [Scope::Read, Scope::Write, Scope::Keys, Scope::Admin];

    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Keys => "keys",
            Scope::Admin => "admin",
        }
    }
}

impl Scope {
    /// What it allows.
    pub(super) fn purpose(self) -> &'static str {
        match self {
            Scope::Read => "look at tasks, assets and outputs",
            Scope::Write => "make, cancel and delete them",
            Scope::Keys => "make and revoke the tenant's keys",
            Scope::Admin => "make keys for other tenants",
        }
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scope = Scope::ALL.into_iter().find(|scope| scope.name() == text);
        scope.ok_or_else(|| format!("`{text}` is not a scope: read, write, keys or admin"))
    }
}

/// The scopes that a stored list names.
pub(super) fn scopes(list: &str) -> Vec<Scope> {
    list.split(' ').filter_map(|name| name.parse().ok()).collect()
}

/// Whoever sent a request with a valid key or token, which allows what the request's method asks for.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Whose tasks and assets it may see.
    pub(super) tenant: Tenant,
    scopes: Vec<Scope>,
}

impl Caller {
    /// Refuses a caller whose key lacks a scope.
    pub(super) fn needs(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "The key does not allow that",
            format!("it lacks the scope `{}`", scope.name()),
        ))
    }
}

/// A key to be made.
#[derive(Clone, Debug)]
pub(crate) struct KeyOptions {
    pub(crate) tenant: Tenant,
    /// What the tenant calls it.
    pub(crate) name: String,
    pub(crate) scopes: Vec<Scope>,
    /// For how long it is good; without one, until it is revoked.
    pub(crate) lifetime: Option<Duration>,
}

/// The secret of a new tenant's webhooks.
fn webhook_secret() -> String {
    format!(
        "whsec_{}",
        base64::engine::general_purpose::STANDARD.encode(rand::random::<[u8; 24]>())
    )
}

/// Makes a key. Its text is shown this once: only a hash is kept.
pub(crate) async fn create_key(store: &Store, wanted: &KeyOptions) -> Result<(Key, String), DatabaseError> {
    let id = KeyId::generate();
    let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let names: Vec<&str> = wanted.scopes.iter().map(|scope| scope.name()).collect();
    let new = NewKey {
        id,
        tenant: wanted.tenant.clone(),
        name: wanted.name.clone(),
        hash: hash(&secret),
        scopes: names.join(" "),
        expires_at: wanted.lifetime.map(|lifetime| {
            jiff::Timestamp::now()
                .checked_add(lifetime)
                .unwrap_or(jiff::Timestamp::MAX)
        }),
    };
    let key = store.add_key(&new, &webhook_secret()).await?;
    Ok((key, format!("{PREFIX}{}_{secret}", id.0.simple())))
}

fn hash(secret: &str) -> String {
    Sha256::digest(secret)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether a key may still be used.
fn is_good(key: &Key) -> bool {
    let expired = key.expires_at.is_some_and(|at| at < jiff::Timestamp::now());
    !expired && key.revoked_at.is_none()
}

/// The key that a text is, unless it is unknown, revoked or expired.
pub(super) async fn find_key(store: &Store, text: &str) -> Result<Option<Key>, DatabaseError> {
    let parts = text.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
    let Some((id, secret)) = parts.and_then(|(id, secret)| Some((id.parse::<KeyId>().ok()?, secret))) else {
        return Ok(None);
    };
    let Some(key) = store.key(id).await? else {
        return Ok(None);
    };
    let same: bool = hash(secret).as_bytes().ct_eq(key.hash.as_bytes()).into();
    Ok(Some(key).filter(|key| same && is_good(key)))
}

fn refused(detail: impl Into<String>) -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        "Who asks is not known",
        detail,
    )
}

/// Whoever a bearer token (RFC 6750) stands for, and by what name their requests are counted.
async fn identify(state: &AppState, token: &str) -> Result<(Caller, String), Problem> {
    if token.starts_with(PREFIX) {
        let key = find_key(&state.service.store, token).await?;
        let key = key.ok_or_else(|| refused("the key is unknown, revoked or expired"))?;
        let caller = Caller {
            tenant: key.tenant,
            scopes: scopes(&key.scopes),
        };
        return Ok((caller, format!("key:{}", key.id)));
    }
    match state.issuers.of(token) {
        Some(issuer) => issuer.identify(&state.service.store, token).await,
        None => state.tokens.identify(&state.service.store, token).await,
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION);
        let header = header.and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer "));
        let token = token.ok_or_else(|| refused("send a key as `Authorization: Bearer vidc_…`"))?;
        let (caller, name) = identify(state, token).await?;
        limits::count(state, &name).await?;
        let reading = parts.method == Method::GET || parts.method == Method::HEAD;
        caller.needs(if reading { Scope::Read } else { Scope::Write })?;
        Ok(caller)
    }
}
