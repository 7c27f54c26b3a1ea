//! Uploads past the service: clients store the parts of a large file themselves, at addresses that are made for them.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vidc_service::blobs::{BlobError, Presigner};
use vidc_service::store::assets::{NewAsset, blob_name};
use vidc_service::store::model::AssetId;

use super::AppState;
use super::assets::UNUSED;
use super::auth::Caller;
use super::extract::Body;
use super::extract::Path;
use super::problem::Problem;
use super::responses::Asset;
use super::validate;

/// For how long the addresses of an upload's parts are good.
const OPEN: Duration = Duration::from_secs(12 * 3600);

/// A file that will be sent to the store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    name: String,
    /// Without it, what the name's extension says.
    media_type: Option<String>,
    /// How long it is.
    #[schema(minimum = 1, format = "uint64")]
    bytes: u64,
}

/// Where to send a file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Begun {
    asset: Asset,
    /// In their order.
    parts: Vec<Part>,
    /// For how long their addresses are good.
    open_seconds: u64,
    /// Where to tell that all are sent.
    complete: String,
}

/// A stretch of the file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Part {
    /// Where to `PUT` it.
    url: String,
    bytes: u64,
}

/// All parts are sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    /// What the store answered to each part, in their order.
    etags: Vec<String>,
}

fn direct(state: &AppState) -> Result<&dyn Presigner, Problem> {
    state.service.blobs.presigner().ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "not-supported",
            "This service is set up without that",
            "it keeps files itself; send the file to POST /v1/assets",
        )
    })
}

/// Begins an upload past the service, into the store
#[utoipa::path(
    post, path = "/v1/uploads", operation_id = "beginUpload", tag = "Assets",
    request_body = File,
    responses(
        (status = 201, description = "The parts may be sent", body = Begun,
            headers(("location" = String, description = "The asset"))),
        (status = 501, description = "The service has no such store"),
    ),
)]
pub(super) async fn begin(
    State(state): State<AppState>,
    caller: Caller,
    Body(file): Body<File>,
) -> Result<impl IntoResponse, Problem> {
    let direct = direct(&state)?;
    validate::name("`name`", &file.name)?;
    validate::name("`media_type`", file.media_type.as_deref().unwrap_or_default())?;
    if file.bytes == 0 {
        return Err(Problem::bad_request("`bytes` is 0; a file has at least one"));
    }
    if file.bytes > state.limits.upload {
        return Err(BlobError::TooLarge(state.limits.upload).into());
    }
    let service = &state.service;
    let id = AssetId::generate();
    let blob = blob_name(&caller.tenant, id);
    service.store.reserve_blob(&blob, UNUSED).await?;
    let upload = direct.start_upload(&blob, file.bytes, OPEN).await?;
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
    let part = |part: vidc_service::blobs::UploadPart| Part {
        url: part.url,
        bytes: part.bytes,
    };
    let body = Begun {
        asset: asset.into(),
        parts: upload.parts.into_iter().map(part).collect(),
        open_seconds: OPEN.as_secs(),
        complete: format!("/v1/uploads/{id}/complete"),
    };
    let location = [(header::LOCATION, format!("/v1/assets/{id}"))];
    Ok((StatusCode::CREATED, location, Json(body)))
}

/// Ends an upload past the service
#[utoipa::path(
    post, path = "/v1/uploads/{id}/complete", operation_id = "completeUpload", tag = "Assets",
    params(("id" = AssetId, Path)),
    request_body = Sent,
    responses(
        (status = 200, description = "It is there", body = Asset),
        (status = 409, description = "The store does not have these parts"),
        (status = 501, description = "The service has no such store"),
    ),
)]
pub(super) async fn complete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<AssetId>,
    Body(sent): Body<Sent>,
) -> Result<Json<Asset>, Problem> {
    let direct = direct(&state)?;
    let store = &state.service.store;
    let find = || async {
        let asset = store.asset(&caller.tenant, id).await?;
        asset.ok_or_else(|| Problem::not_found("upload"))
    };
    let asset = find().await?;
    let Some(upload) = &asset.upload else {
        return Ok(Json(asset.into()));
    };
    let stored = direct.complete_upload(&asset.blob, upload, &sent.etags).await?;
    if stored.bytes > state.limits.upload {
        store.delete_asset(&caller.tenant, id).await?;
        return Err(BlobError::TooLarge(state.limits.upload).into());
    }
    state.service.metrics.count_input(stored.bytes);
    let bytes = i64::try_from(stored.bytes).unwrap_or(i64::MAX);
    match store
        .complete_asset(&caller.tenant, id, bytes, &stored.hash)
        .await?
    {
        Some(finished) => Ok(Json(finished.into())),
        // Somebody else has finished it meanwhile.
        None => Ok(Json(find().await?.into())),
    }
}
