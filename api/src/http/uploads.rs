//! Uploads past the service: clients store the parts of a large file themselves, at addresses that are made for them.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use vidc_runtime::blobs::{BlobError, Direct};
use vidc_runtime::store::assets::{NewAsset, blob_name};
use vidc_runtime::store::model::AssetId;

use super::House;
use super::assets::{UNUSED, shown};
use super::auth::Caller;
use super::body::Body;
use super::path::Named;
use super::problem::Problem;

/// For how long the addresses of an upload's parts are good.
const OPEN: Duration = Duration::from_secs(12 * 3600);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    name: String,
    media_type: Option<String>,
    bytes: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    /// What the store answered to each part, in their order.
    etags: Vec<String>,
}

fn direct(house: &House) -> Result<&dyn Direct, Problem> {
    house.service.blobs.direct().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "not-supported",
            "This service is set up without that",
            "it keeps files itself; send the file to POST /v1/assets",
        )
    })
}

/// `POST /v1/uploads`
pub(super) async fn begin(
    State(house): State<House>,
    caller: Caller,
    Body(file): Body<File>,
) -> Result<impl IntoResponse, Problem> {
    let direct = direct(&house)?;
    if file.bytes == 0 {
        return Err(Problem::bad_request("`bytes` is 0; a file has at least one"));
    }
    if file.bytes > house.limits.upload {
        return Err(BlobError::TooLarge(house.limits.upload).into());
    }
    let service = &house.service;
    let id = AssetId::fresh();
    let blob = blob_name(&caller.tenant, id);
    service.store.expect_blob(&blob, UNUSED).await?;
    let upload = direct.begin(&blob, file.bytes, OPEN).await?;
    let guessed = || {
        mime_guess::from_path(&file.name)
            .first_or_octet_stream()
            .to_string()
    };
    let asset = NewAsset {
        id,
        tenant: caller.tenant,
        media_type: file.media_type.unwrap_or_else(guessed),
        name: file.name,
        source: None,
        upload: Some(upload.id),
        content: None,
    };
    let asset = service
        .store
        .add_asset(&asset, service.settings.retention)
        .await?;
    let parts: Vec<Value> = upload
        .parts
        .iter()
        .map(|part| json!({ "url": part.url, "bytes": part.bytes }))
        .collect();
    let body = json!({
        "asset": shown(&asset),
        "parts": parts,
        "open_seconds": OPEN.as_secs(),
        "complete": format!("/v1/uploads/{id}/complete"),
    });
    let location = [(header::LOCATION, format!("/v1/assets/{id}"))];
    Ok((StatusCode::CREATED, location, Json(body)))
}

/// `POST /v1/uploads/{id}/complete`
pub(super) async fn complete(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<AssetId>,
    Body(sent): Body<Sent>,
) -> Result<Json<Value>, Problem> {
    let direct = direct(&house)?;
    let store = &house.service.store;
    let find = || async {
        let asset = store.asset(&caller.tenant, id).await?;
        asset.ok_or_else(|| Problem::not_found("upload"))
    };
    let asset = find().await?;
    let Some(upload) = &asset.upload else {
        return Ok(Json(shown(&asset)));
    };
    let stored = direct.finish(&asset.blob, upload, &sent.etags).await?;
    if stored.bytes > house.limits.upload {
        store.delete_asset(&caller.tenant, id).await?;
        return Err(BlobError::TooLarge(house.limits.upload).into());
    }
    house.service.metrics.received(stored.bytes);
    let bytes = i64::try_from(stored.bytes).unwrap_or(i64::MAX);
    match store
        .finish_asset(&caller.tenant, id, bytes, &stored.hash)
        .await?
    {
        Some(finished) => Ok(Json(shown(&finished))),
        // Somebody else has finished it meanwhile.
        None => Ok(Json(shown(&find().await?))),
    }
}
