//! `/v1/assets`: uploading, showing and deleting media files.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;
use vidc_service::requests::NewFile;
use vidc_service::store::model::AssetId;

use super::auth::Caller;
use super::extract::{Path, Query};
use super::problem::Problem;
use super::responses::Asset;
use super::state::AppState;
use super::validate::check_name;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UploadQuery {
    /// The file's name. Its extension determines the media type if the request has no `Content-Type`.
    name: String,
}

/// Uploads a file
///
/// The request body is the content of the file. The asset can be used by any number of tasks.
#[utoipa::path(
    post, path = "/v1/assets", operation_id = "createAsset", tag = "Assets",
    params(UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The asset was created", body = Asset,
        headers(("location" = String, description = "Path of the asset")))),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Query(UploadQuery { name }): Query<UploadQuery>,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let media_type = request.headers().get(header::CONTENT_TYPE);
    let media_type = media_type
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    check_name("`name`", &name)?;
    check_name("`Content-Type`", media_type.as_deref().unwrap_or_default())?;
    let file = NewFile {
        name,
        media_type,
        source: None,
    };
    let body = request.into_body().into_data_stream();
    let asset = state
        .service
        .create_asset(&caller.tenant, file, body, state.limits.upload_bytes)
        .await?;
    let location = format!("/v1/assets/{}", asset.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(Asset::from(asset)),
    ))
}

/// Shows an asset
#[utoipa::path(
    get, path = "/v1/assets/{id}", operation_id = "showAsset", tag = "Assets",
    params(("id" = AssetId, Path, description = "ID of the asset")),
    responses((status = 200, description = "The asset", body = Asset)),
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<AssetId>,
) -> Result<Json<Asset>, Problem> {
    let asset = state.service.asset(&caller.tenant, id).await?;
    Ok(Json(asset.into()))
}

/// Deletes an asset
#[utoipa::path(
    delete, path = "/v1/assets/{id}", operation_id = "deleteAsset", tag = "Assets",
    params(("id" = AssetId, Path, description = "ID of the asset")),
    responses((status = 204, description = "The asset was deleted")),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<AssetId>,
) -> Result<StatusCode, Problem> {
    state.service.delete_asset(&caller.tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
