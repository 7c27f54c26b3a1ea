//! What became of webhooks, and sending them again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use vidc_service::store::model::{DeliveryId, TaskId};

use super::AppState;
use super::auth::{Caller, Scope};
use super::extract::Path;
use super::problem::Problem;
use super::responses::Delivery;
use super::tasks;

/// What became of a task's webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deliveries {
    deliveries: Vec<Delivery>,
}

/// What a tenant's webhooks are signed with.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookSecret {
    /// As [Standard Webhooks](https://www.standardwebhooks.com) has it, `whsec_…`.
    /// Null before the tenant has a key.
    secret: Option<String>,
}

/// What became of a task's webhooks
#[utoipa::path(
    get, path = "/v1/tasks/{id}/deliveries", operation_id = "listDeliveries", tag = "Webhooks",
    params(("id" = TaskId, Path)),
    responses((status = 200, description = "All of them", body = Deliveries)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<Json<Deliveries>, Problem> {
    tasks::find(&state, &caller, id).await?;
    let deliveries = state.service.store.deliveries(id).await?;
    Ok(Json(Deliveries {
        deliveries: deliveries.into_iter().map(Into::into).collect(),
    }))
}

/// Sends a webhook once more
#[utoipa::path(
    post, path = "/v1/tasks/{id}/deliveries/{delivery}/redeliver", operation_id = "redeliver", tag = "Webhooks",
    params(("id" = TaskId, Path), ("delivery" = DeliveryId, Path)),
    responses((status = 202, description = "It is sent soon")),
)]
pub(super) async fn redeliver(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, delivery)): Path<(TaskId, DeliveryId)>,
) -> Result<StatusCode, Problem> {
    tasks::find(&state, &caller, id).await?;
    match state.service.store.redeliver(id, delivery).await? {
        true => Ok(StatusCode::ACCEPTED),
        false => Err(Problem::not_found("delivery")),
    }
}

/// The secret by which a receiver knows that a webhook is ours
#[utoipa::path(
    get, path = "/v1/webhook-secret", operation_id = "showWebhookSecret", tag = "Webhooks",
    responses((status = 200, description = "The tenant's", body = WebhookSecret)),
)]
pub(super) async fn secret(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<WebhookSecret>, Problem> {
    caller.needs(Scope::Keys)?;
    let secret = state.service.store.webhook_secret(&caller.tenant).await?;
    Ok(Json(WebhookSecret { secret }))
}
