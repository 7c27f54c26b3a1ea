//! What became of webhooks, and sending them again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use vidc_runtime::store::model::{DeliveryId, TaskId};

use super::House;
use super::auth::{Caller, Scope};
use super::path::Named;
use super::problem::Problem;
use super::shown::Delivery;
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
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<TaskId>,
) -> Result<Json<Deliveries>, Problem> {
    tasks::find(&house, &caller, id).await?;
    let deliveries = house.service.store.deliveries(id).await?;
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
    State(house): State<House>,
    caller: Caller,
    Named((id, delivery)): Named<(TaskId, DeliveryId)>,
) -> Result<StatusCode, Problem> {
    tasks::find(&house, &caller, id).await?;
    match house.service.store.redeliver(id, delivery).await? {
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
    State(house): State<House>,
    caller: Caller,
) -> Result<Json<WebhookSecret>, Problem> {
    caller.needs(Scope::Keys)?;
    let secret = house.service.store.webhook_secret(&caller.tenant).await?;
    Ok(Json(WebhookSecret { secret }))
}
