//! What became of webhooks, and sending them again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use vidc_runtime::store::model::{Delivery, DeliveryId, TaskId};

use super::House;
use super::auth::{Caller, Scope};
use super::path::Named;
use super::problem::Problem;
use super::tasks;

fn shown(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "url": delivery.url,
        "attempts": delivery.attempts,
        "answer": delivery.answer,
        "created_at": delivery.created_at,
        "delivered_at": delivery.delivered_at,
        "gave_up_at": delivery.gave_up_at,
    })
}

/// `GET /v1/tasks/{id}/deliveries`
pub(super) async fn list(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<TaskId>,
) -> Result<Json<Value>, Problem> {
    tasks::find(&house, &caller, id).await?;
    let deliveries = house.service.store.deliveries(id).await?;
    Ok(Json(
        json!({ "deliveries": deliveries.iter().map(shown).collect::<Vec<_>>() }),
    ))
}

/// `POST /v1/tasks/{id}/deliveries/{delivery}/redeliver`
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

/// `GET /v1/webhook-secret`: by which a receiver knows that a webhook is ours.
pub(super) async fn secret(State(house): State<House>, caller: Caller) -> Result<Json<Value>, Problem> {
    caller.needs(Scope::Keys)?;
    let secret = house.service.store.webhook_secret(&caller.tenant).await?;
    Ok(Json(json!({ "secret": secret })))
}
