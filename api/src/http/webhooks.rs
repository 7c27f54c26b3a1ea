//! Webhook deliveries and the secret they are signed with.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use vidc_service::store::model::{DeliveryId, TaskId};

use super::auth::Caller;
use super::extract::Path;
use super::problem::Problem;
use super::responses::Delivery;
use super::state::AppState;

/// The webhook deliveries of a task.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deliveries {
    /// Oldest first.
    deliveries: Vec<Delivery>,
}

/// The secret that a tenant's webhooks are signed with.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookSecret {
    /// A secret in the format of [Standard Webhooks](https://www.standardwebhooks.com), `whsec_…`. Null if the tenant has
    /// no key yet.
    secret: Option<String>,
}

/// Lists the webhook deliveries of a task
#[utoipa::path(
    get, path = "/v1/tasks/{id}/deliveries", operation_id = "listDeliveries", tag = "Webhooks",
    params(("id" = TaskId, Path, description = "ID of the task")),
    responses((status = 200, description = "All deliveries of the task", body = Deliveries)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<Json<Deliveries>, Problem> {
    let deliveries = state.service.list_deliveries(&caller.tenant, id).await?;
    Ok(Json(Deliveries {
        deliveries: deliveries.into_iter().map(Into::into).collect(),
    }))
}

/// Sends a webhook again
#[utoipa::path(
    post, path = "/v1/tasks/{id}/deliveries/{delivery}/redeliver", operation_id = "redeliver", tag = "Webhooks",
    params(
        ("id" = TaskId, Path, description = "ID of the task"),
        ("delivery" = DeliveryId, Path, description = "ID of the delivery"),
    ),
    responses((status = 202, description = "The webhook will be sent shortly")),
)]
pub(super) async fn redeliver(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, delivery)): Path<(TaskId, DeliveryId)>,
) -> Result<StatusCode, Problem> {
    state.service.redeliver(&caller.tenant, id, delivery).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Shows the secret that the tenant's webhooks are signed with
#[utoipa::path(
    get, path = "/v1/webhook-secret", operation_id = "showWebhookSecret", tag = "Webhooks",
    responses((status = 200, description = "The tenant's secret", body = WebhookSecret)),
)]
pub(super) async fn secret(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<WebhookSecret>, Problem> {
    let secret = state.service.webhook_secret(&caller.tenant).await?;
    Ok(Json(WebhookSecret { secret }))
}
