//! API keys: making, listing and revoking them.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use vidc_runtime::store::model::{Key, KeyId, Tenant};

use super::House;
use super::auth::{Caller, Scope, Wanted, make_key, scopes};
use super::body::Body;
use super::path::Named;
use super::problem::Problem;

/// What a client says of the key it wants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    name: String,
    /// Another tenant than the caller's.
    tenant: Option<String>,
    scopes: Option<Vec<Scope>>,
    expires_in_days: Option<u32>,
}

fn shown(key: &Key) -> Value {
    json!({
        "id": key.id,
        "tenant": key.tenant,
        "name": key.name,
        "scopes": scopes(&key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    })
}

/// `POST /v1/keys`: the only answer that tells the key's text.
pub(super) async fn create(
    State(house): State<House>,
    caller: Caller,
    Body(asked): Body<Asked>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    caller.needs(Scope::Keys)?;
    let named = |name: String| {
        Tenant::named(&name).ok_or_else(|| {
            Problem::bad_request(format!(
                "`{name}` names no tenant: write 1 to 64 letters, digits, `-`, `_` and `.`, and no dot first"
            ))
        })
    };
    let tenant = match asked.tenant.map(named).transpose()? {
        Some(tenant) if tenant != caller.tenant => {
            caller.needs(Scope::Admin)?;
            tenant
        }
        _ => caller.tenant.clone(),
    };
    let scopes = asked.scopes.unwrap_or_else(|| vec![Scope::Read, Scope::Write]);
    // A key cannot make one that may more than it may itself.
    for scope in &scopes {
        caller.needs(*scope)?;
    }
    let wanted = Wanted {
        tenant,
        name: asked.name,
        scopes,
        lifetime: asked
            .expires_in_days
            .map(|days| Duration::from_secs(u64::from(days) * 86_400)),
    };
    let (key, text) = make_key(&house.service.store, &wanted).await?;
    let mut value = shown(&key);
    value["key"] = json!(text);
    Ok((StatusCode::CREATED, Json(value)))
}

/// `GET /v1/keys`
pub(super) async fn list(State(house): State<House>, caller: Caller) -> Result<Json<Value>, Problem> {
    caller.needs(Scope::Keys)?;
    let keys = house.service.store.keys(&caller.tenant).await?;
    Ok(Json(
        json!({ "keys": keys.iter().map(shown).collect::<Vec<_>>() }),
    ))
}

/// `DELETE /v1/keys/{id}`: it is refused from now on, and stays in the list.
pub(super) async fn revoke(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<KeyId>,
) -> Result<StatusCode, Problem> {
    caller.needs(Scope::Keys)?;
    match house.service.store.revoke_key(&caller.tenant, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("key")),
    }
}
