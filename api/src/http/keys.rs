//! API keys: making, listing and revoking them.

use std::ops::RangeInclusive;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vidc_service::store::model::{KeyId, Tenant};

use super::AppState;
use super::auth::{Caller, KeyOptions, Scope, create_key};
use super::extract::Body;
use super::extract::Path;
use super::problem::Problem;
use super::responses::Key;
use super::validate;

/// For how many days a key may be good.
const DAYS: RangeInclusive<u32> = 0..=36_500;

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewKey)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateKeyRequest {
    name: String,
    /// Another tenant than the caller's.
    #[schema(pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")]
    tenant: Option<String>,
    /// Without them `read` and `write`.
    scopes: Option<Vec<Scope>>,
    /// Without it, it is good until it is revoked.
    #[schema(minimum = 0, maximum = 36_500)]
    expires_in_days: Option<u32>,
}

/// A new key.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatedKey {
    #[serde(flatten)]
    about: Key,
    /// Its text, shown this once.
    key: String,
}

/// A tenant's keys.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

/// Makes a key
#[utoipa::path(
    post, path = "/v1/keys", operation_id = "createKey", tag = "Keys",
    request_body = CreateKeyRequest,
    responses((status = 201, description = "The key, whose text is told this once", body = CreatedKey)),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<CreateKeyRequest>,
) -> Result<(StatusCode, Json<CreatedKey>), Problem> {
    caller.needs(Scope::Keys)?;
    let named = |name: String| {
        Tenant::parse(&name).ok_or_else(|| {
            Problem::bad_request(format!(
                "`{name}` names no tenant: write 1 to 64 letters, digits, `-`, `_` and `.`, and no dot first"
            ))
        })
    };
    let tenant = match request.tenant.map(named).transpose()? {
        Some(tenant) if tenant != caller.tenant => {
            caller.needs(Scope::Admin)?;
            tenant
        }
        _ => caller.tenant.clone(),
    };
    validate::name("`name`", &request.name)?;
    let scopes = request.scopes.unwrap_or_else(|| vec![Scope::Read, Scope::Write]);
    // A key cannot make one that may more than it may itself.
    for scope in &scopes {
        caller.needs(*scope)?;
    }
    let days = request.expires_in_days;
    if days.is_some_and(|days| !DAYS.contains(&days)) {
        let (least, most) = (DAYS.start(), DAYS.end());
        return Err(Problem::bad_request(format!(
            "`expires_in_days` is from {least} to {most}"
        )));
    }
    let wanted = KeyOptions {
        tenant,
        name: request.name,
        scopes,
        lifetime: days.map(|days| Duration::from_secs(u64::from(days) * 86_400)),
    };
    let (key, text) = create_key(&state.service.store, &wanted).await?;
    let created = CreatedKey {
        about: key.into(),
        key: text,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Lists the tenant's keys
#[utoipa::path(
    get, path = "/v1/keys", operation_id = "listKeys", tag = "Keys",
    responses((status = 200, description = "All of them", body = Keys)),
)]
pub(super) async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<Keys>, Problem> {
    caller.needs(Scope::Keys)?;
    let keys = state.service.store.keys(&caller.tenant).await?;
    Ok(Json(Keys {
        keys: keys.into_iter().map(Into::into).collect(),
    }))
}

/// Revokes a key
///
/// It is refused from now on, and stays in the list.
#[utoipa::path(
    delete, path = "/v1/keys/{id}", operation_id = "revokeKey", tag = "Keys",
    params(("id" = KeyId, Path)),
    responses((status = 204, description = "It is refused from now on")),
)]
pub(super) async fn revoke(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<KeyId>,
) -> Result<StatusCode, Problem> {
    caller.needs(Scope::Keys)?;
    match state.service.store.revoke_key(&caller.tenant, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("key")),
    }
}
