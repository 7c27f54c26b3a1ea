//! `/v1/keys`: creating, listing and revoking API keys.

use std::ops::RangeInclusive;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vidc_service::requests::CreateKey;
use vidc_service::store::model::{KeyId, Tenant};

use super::auth::{Caller, Scope};
use super::extract::{Body, Path};
use super::problem::Problem;
use super::responses::Key;
use super::state::AppState;
use super::validate::check_name;

/// Accepted lifetimes of a key, in days.
const LIFETIME_DAYS: RangeInclusive<u32> = 0..=36_500;

/// An API key to create.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewKey)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateKeyRequest {
    /// The key's name in lists.
    name: String,
    /// The tenant that the key gives access to. Defaults to the caller's; another one requires the scope `admin`.
    #[schema(pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")]
    tenant: Option<String>,
    /// The key's scopes, a subset of the caller's. Defaults to `read` and `write`.
    scopes: Option<Vec<Scope>>,
    /// Days until the key expires. By default it does not expire.
    #[schema(minimum = 0, maximum = 36_500)]
    expires_in_days: Option<u32>,
}

/// A created API key.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatedKey {
    #[serde(flatten)]
    metadata: Key,
    /// The key itself. It is returned only once.
    key: String,
}

/// The API keys of a tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

/// Creates an API key
#[utoipa::path(
    post, path = "/v1/keys", operation_id = "createKey", tag = "Keys",
    request_body = CreateKeyRequest,
    responses((status = 201, description = "The key, which cannot be retrieved again", body = CreatedKey)),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<CreateKeyRequest>,
) -> Result<(StatusCode, Json<CreatedKey>), Problem> {
    let parse_tenant = |name: String| {
        Tenant::parse(&name).ok_or_else(|| {
            Problem::bad_request(format!(
                "`tenant` is `{name}`; a tenant's name has 1 to 64 letters, digits, `-`, `_` and `.`, and does not \
                 start with a dot"
            ))
        })
    };
    let tenant = match request.tenant.map(parse_tenant).transpose()? {
        Some(tenant) if tenant != caller.tenant => {
            caller.require(Scope::Admin)?;
            tenant
        }
        _ => caller.tenant.clone(),
    };
    check_name("`name`", &request.name)?;
    let scopes = request.scopes.unwrap_or_else(|| vec![Scope::Read, Scope::Write]);
    // A key must not create a key with more scopes than its own.
    scopes.iter().try_for_each(|scope| caller.require(*scope))?;
    let days = request.expires_in_days;
    if let Some(days) = days.filter(|days| !LIFETIME_DAYS.contains(days)) {
        let (min, max) = (LIFETIME_DAYS.start(), LIFETIME_DAYS.end());
        return Err(Problem::bad_request(format!(
            "`expires_in_days` is {days}; it must be between {min} and {max}"
        )));
    }
    let request = CreateKey {
        tenant,
        name: request.name,
        scopes: Scope::format_list(&scopes),
        lifetime: days.map(|days| Duration::from_secs(u64::from(days) * 86_400)),
    };
    let (metadata, key) = state.service.create_key(request).await?;
    let created = CreatedKey {
        metadata: metadata.into(),
        key,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Lists the tenant's API keys
#[utoipa::path(
    get, path = "/v1/keys", operation_id = "listKeys", tag = "Keys",
    responses((status = 200, description = "All keys, including revoked and expired ones", body = Keys)),
)]
pub(super) async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<Keys>, Problem> {
    let keys = state.service.list_keys(&caller.tenant).await?;
    Ok(Json(Keys {
        keys: keys.into_iter().map(Into::into).collect(),
    }))
}

/// Revokes an API key
///
/// The key and its access tokens are rejected from now on. The key stays in the list.
#[utoipa::path(
    delete, path = "/v1/keys/{id}", operation_id = "revokeKey", tag = "Keys",
    params(("id" = KeyId, Path, description = "ID of the key")),
    responses((status = 204, description = "The key was revoked")),
)]
pub(super) async fn revoke(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<KeyId>,
) -> Result<StatusCode, Problem> {
    state.service.revoke_key(&caller.tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
