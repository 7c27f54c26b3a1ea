//! Telling clients of tasks that have ended, as Standard Webhooks describes: <https://www.standardwebhooks.com>.

use std::sync::Arc;
use std::time::Duration;

use standardwebhooks::Webhook;

use super::{Egress, error_chain};
use crate::service::Service;
use crate::store::DatabaseError;
use crate::store::model::Delivery;
use vidc_engine::cancel::Cancel;

/// How long a receiver may take to answer.
const ANSWER: Duration = Duration::from_secs(15);
/// Nobody else takes a delivery within this time.
const LEASE: Duration = Duration::from_secs(60);
/// How often the outbox is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// After each failure it is tried again so many seconds later; after the last, never.
const AGAIN: [u64; 8] = [5, 30, 120, 600, 1800, 7200, 18_000, 36_000];
/// How much of an answer is kept.
const MAX_ANSWER: usize = 200;

/// Empties the outbox until told to stop. Any number may do so side by side.
pub async fn run_dispatcher(service: Arc<Service>, mut stop: Cancel) {
    while !stop.is_cancelled() {
        match service.store.claim_delivery(LEASE).await {
            Ok(Some(delivery)) => {
                if let Err(error) = attempt_delivery(&service, &delivery).await {
                    tracing::warn!(delivery = %delivery.id, %error, "what came of a webhook was not kept");
                }
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "webhooks are tried again"),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn attempt_delivery(service: &Service, delivery: &Delivery) -> Result<(), DatabaseError> {
    let secret = service.store.webhook_secret(&delivery.tenant).await?;
    let sent = send(&service.egress, delivery, &secret.unwrap_or_default()).await;
    let (answer, gone) = match &sent {
        Ok(answer) => (answer, false),
        Err(DeliveryFailure { answer, gone }) => (answer, *gone),
    };
    tracing::info!(
        task = %delivery.task, delivery = %delivery.id, attempt = delivery.attempts, received = sent.is_ok(), answer,
        "webhook"
    );
    if sent.is_ok() {
        return service.store.mark_delivered(delivery.id, answer).await;
    }
    let failed = usize::try_from(delivery.attempts.max(1) - 1).unwrap_or(usize::MAX);
    let again = AGAIN.get(failed).filter(|_| !gone).copied();
    let again = again.map(Duration::from_secs);
    service.store.mark_failed(delivery.id, answer, again).await
}

struct DeliveryFailure {
    answer: String,
    /// The receiver wants to hear no more (410).
    gone: bool,
}

/// Sends it; what was answered.
async fn send(egress: &Egress, delivery: &Delivery, secret: &str) -> Result<String, DeliveryFailure> {
    let failed = |answer: String| DeliveryFailure { answer, gone: false };
    let url = egress.policy.check(&delivery.url).map_err(failed)?;
    let id = delivery.id.to_string();
    let now = jiff::Timestamp::now().as_second();
    let signature = Webhook::new(secret)
        .and_then(|webhook| webhook.sign(&id, now, delivery.body.as_bytes()))
        .map_err(|error| failed(format!("it was not signed: {error}")))?;
    let request = egress
        .client
        .post(url)
        .timeout(ANSWER)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", now)
        .header("webhook-signature", signature)
        .body(delivery.body.clone());
    let answer = request
        .send()
        .await
        .map_err(|error| failed(error_chain(&error)))?;
    let status = answer.status();
    let mut text = status.to_string();
    text.truncate(MAX_ANSWER);
    match status.is_success() {
        true => Ok(text),
        false => Err(DeliveryFailure {
            answer: text,
            gone: status == reqwest::StatusCode::GONE,
        }),
    }
}
