//! Uploads.

use std::io;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use futures_util::{Stream, StreamExt as _};
use serde::Deserialize;
use serde_json::{Value, json};
use vidc_runtime::store::assets::{NewAsset, blob_name};
use vidc_runtime::store::model::{Asset, AssetId, Tenant};

use super::House;
use super::auth::Caller;
use super::path::Named;
use super::problem::Problem;

/// For how long bytes may lie without an asset that has them.
pub(super) const UNUSED: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

#[derive(Debug, Deserialize)]
pub(super) struct Title {
    name: String,
}

pub(super) fn shown(asset: &Asset) -> Value {
    json!({
        "id": asset.id,
        "name": asset.name,
        "media_type": asset.media_type,
        "uploaded": asset.bytes.is_some(),
        "bytes": asset.bytes,
        "sha256": asset.hash,
        "created_at": asset.created_at,
        "expires_at": asset.expires_at,
    })
}

/// Stores bytes as they come, and makes an asset of them.
pub(super) async fn receive<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    house: &House,
    tenant: &Tenant,
    name: &str,
    media_type: Option<String>,
    bytes: impl Stream<Item = Result<Bytes, E>> + Send,
) -> Result<Asset, Problem> {
    let id = AssetId::fresh();
    let blob = blob_name(tenant, id);
    let (store, blobs) = (&house.service.store, &house.service.blobs);
    store.expect_blob(&blob, UNUSED).await?;
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
    let (stored, ()) = tokio::join!(blobs.put(&blob, taken, house.limits.upload), give);
    let stored = stored?;
    house.service.metrics.received(stored.bytes);
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
    Ok(store.add_asset(&asset, house.service.settings.retention).await?)
}

/// `POST /v1/assets?name=…`: the body is the file.
pub(super) async fn create(
    State(house): State<House>,
    caller: Caller,
    Query(Title { name }): Query<Title>,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let media_type = request.headers().get(header::CONTENT_TYPE);
    let media_type = media_type
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    let body = request.into_body().into_data_stream();
    let asset = receive(&house, &caller.tenant, &name, media_type, body).await?;
    let location = format!("/v1/assets/{}", asset.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(shown(&asset)),
    ))
}

/// `GET /v1/assets/{id}`
pub(super) async fn show(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<AssetId>,
) -> Result<Json<Value>, Problem> {
    let asset = house.service.store.asset(&caller.tenant, id).await?;
    asset
        .map(|asset| Json(shown(&asset)))
        .ok_or_else(|| Problem::not_found("asset"))
}

/// `DELETE /v1/assets/{id}`
pub(super) async fn delete(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<AssetId>,
) -> Result<StatusCode, Problem> {
    match house.service.store.delete_asset(&caller.tenant, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("asset")),
    }
}
