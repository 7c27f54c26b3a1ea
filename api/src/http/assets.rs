//! Uploads.

use std::io;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use futures_util::{Stream, StreamExt as _};
use serde::Deserialize;
use utoipa::IntoParams;
use vidc_service::store::assets::{NewAsset, blob_name};
use vidc_service::store::model::{self, AssetId, Tenant};

use super::AppState;
use super::auth::Caller;
use super::extract::Path;
use super::extract::Query;
use super::problem::Problem;
use super::responses::Asset;
use super::validate;

/// For how long bytes may lie without an asset that has them.
pub(super) const UNUSED: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Title {
    /// What it is called; the extension tells its media type unless the request has one.
    name: String,
}

/// Stores bytes as they come, and makes an asset of them.
pub(super) async fn receive<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    state: &AppState,
    tenant: &Tenant,
    name: &str,
    media_type: Option<String>,
    bytes: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<model::Asset, Problem> {
    validate::name("the file's name", name)?;
    validate::name("the file's media type", media_type.as_deref().unwrap_or_default())?;
    let id = AssetId::generate();
    let blob = blob_name(tenant, id);
    let (store, blobs) = (&state.service.store, &state.service.blobs);
    store.reserve_blob(&blob, UNUSED).await?;
    // The blob store takes a stream of its own; pieces go over one at a time, so memory stays constant.
    let (pieces, taken) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(1);
    let taken = tokio_stream::wrappers::ReceiverStream::new(taken).boxed();
    let give = async move {
        let mut bytes = std::pin::pin!(bytes);
        while let Some(piece) = bytes.next().await {
            let piece = piece.map_err(io::Error::other);
            let broken = piece.is_err();
            if pieces.send(piece).await.is_err() || broken {
                break;
            }
        }
    };
    let (stored, ()) = tokio::join!(blobs.put(&blob, taken, state.limits.upload), give);
    let stored = stored?;
    if stored.bytes == 0 {
        blobs.delete(&blob).await?;
        return Err(Problem::bad_request(format!("the file `{name}` is empty")));
    }
    state.service.metrics.count_input(stored.bytes);
    let guessed = || mime_guess::from_path(name).first_or_octet_stream().to_string();
    let asset = NewAsset {
        id,
        tenant: tenant.clone(),
        name: name.to_owned(),
        media_type: media_type.unwrap_or_else(guessed),
        source: None,
        upload: None,
        content: Some((i64::try_from(stored.bytes).unwrap_or(i64::MAX), stored.hash)),
    };
    Ok(store.add_asset(&asset, state.service.settings.retention).await?)
}

/// Uploads a file, the body, for any number of tasks
#[utoipa::path(
    post, path = "/v1/assets", operation_id = "createAsset", tag = "Assets",
    params(Title),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "It is there", body = Asset,
        headers(("location" = String, description = "The asset")))),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Query(Title { name }): Query<Title>,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let media_type = request.headers().get(header::CONTENT_TYPE);
    let media_type = media_type
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    let body = request.into_body().into_data_stream();
    let asset = receive(&state, &caller.tenant, &name, media_type, body).await?;
    let location = format!("/v1/assets/{}", asset.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(Asset::from(asset)),
    ))
}

/// Shows an upload
#[utoipa::path(
    get, path = "/v1/assets/{id}", operation_id = "showAsset", tag = "Assets",
    params(("id" = AssetId, Path)),
    responses((status = 200, description = "The asset", body = Asset)),
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<AssetId>,
) -> Result<Json<Asset>, Problem> {
    let asset = state.service.store.asset(&caller.tenant, id).await?;
    asset
        .map(|asset| Json(asset.into()))
        .ok_or_else(|| Problem::not_found("asset"))
}

/// Deletes an upload
#[utoipa::path(
    delete, path = "/v1/assets/{id}", operation_id = "deleteAsset", tag = "Assets",
    params(("id" = AssetId, Path)),
    responses((status = 204, description = "It is gone")),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<AssetId>,
) -> Result<StatusCode, Problem> {
    match state.service.store.delete_asset(&caller.tenant, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("asset")),
    }
}
