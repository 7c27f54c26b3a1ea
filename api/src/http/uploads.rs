//! `/v1/uploads`: multipart uploads directly to the object store, through presigned URLs.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vidc_service::requests::NewFile;
use vidc_service::store::model::AssetId;

use super::auth::Caller;
use super::extract::{Body, Path};
use super::problem::Problem;
use super::responses::Asset;
use super::state::AppState;
use super::validate::check_name;

/// A file to upload.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UploadRequest {
    /// The file's name.
    name: String,
    /// The file's media type. Defaults to the type of the name's extension.
    media_type: Option<String>,
    /// The file's size in bytes.
    #[schema(minimum = 1, format = "uint64")]
    bytes: u64,
}

/// A started upload.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Upload {
    /// The asset, without its content.
    asset: Asset,
    /// The parts to send, in order.
    parts: Vec<UploadPart>,
    /// Lifetime of the parts' URLs, in seconds.
    open_seconds: u64,
    /// Path to POST to when all parts are sent.
    complete: String,
}

/// A part of an upload.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UploadPart {
    /// Presigned URL to PUT the part to.
    url: String,
    /// Size of the part in bytes.
    bytes: u64,
}

/// Completes an upload.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UploadCompletion {
    /// The `ETag` headers that the object store returned for the parts, in order.
    etags: Vec<String>,
}

/// Starts a direct upload to the object store
///
/// Send each part of the file with `PUT` to its presigned URL, then complete the upload.
#[utoipa::path(
    post, path = "/v1/uploads", operation_id = "beginUpload", tag = "Assets",
    request_body = UploadRequest,
    responses(
        (status = 201, description = "The upload was started", body = Upload,
            headers(("location" = String, description = "Path of the asset"))),
        (status = 501, description = "The service has no object store"),
    ),
)]
pub(super) async fn start(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<UploadRequest>,
) -> Result<impl IntoResponse, Problem> {
    check_name("`name`", &request.name)?;
    check_name("`media_type`", request.media_type.as_deref().unwrap_or_default())?;
    let file = NewFile {
        name: request.name,
        media_type: request.media_type,
        source: None,
    };
    let upload = state
        .service
        .start_upload(&caller.tenant, file, request.bytes, state.limits.upload_bytes)
        .await?;
    let id = upload.asset.id;
    let parts = upload.parts.into_iter().map(|part| UploadPart {
        url: part.url,
        bytes: part.bytes,
    });
    let body = Upload {
        asset: upload.asset.into(),
        parts: parts.collect(),
        open_seconds: upload.url_lifetime.as_secs(),
        complete: format!("/v1/uploads/{id}/complete"),
    };
    let location = [(header::LOCATION, format!("/v1/assets/{id}"))];
    Ok((StatusCode::CREATED, location, Json(body)))
}

/// Completes a direct upload
///
/// Completing an upload again has no effect.
#[utoipa::path(
    post, path = "/v1/uploads/{id}/complete", operation_id = "completeUpload", tag = "Assets",
    params(("id" = AssetId, Path, description = "ID of the upload's asset")),
    request_body = UploadCompletion,
    responses(
        (status = 200, description = "The upload is complete", body = Asset),
        (status = 409, description = "The object store does not have these parts"),
        (status = 501, description = "The service has no object store"),
    ),
)]
pub(super) async fn complete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<AssetId>,
    Body(completion): Body<UploadCompletion>,
) -> Result<Json<Asset>, Problem> {
    let asset = state
        .service
        .complete_upload(&caller.tenant, id, &completion.etags, state.limits.upload_bytes)
        .await?;
    Ok(Json(asset.into()))
}
