//! Sends webhooks for tasks that have ended, signed as Standard Webhooks specifies: <https://www.standardwebhooks.com>.

use std::sync::Arc;
use std::time::Duration;

use standardwebhooks::Webhook;
use vidc_engine::cancel::Cancel;

use crate::egress::Egress;
use crate::error::error_chain;
use crate::service::Service;
use crate::store::DatabaseError;
use crate::store::model::Delivery;

/// Time limit of a receiver's response.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);
/// Time for which a claimed delivery belongs to one process.
const CLAIM_DURATION: Duration = Duration::from_secs(60);
/// Time between two looks at an empty outbox.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Seconds to wait after each failed attempt; after the last of them the delivery is given up.
const RETRY_SCHEDULE: [u64; 8] = [5, 30, 120, 600, 1800, 7200, 18_000, 36_000];
/// Longest response, in bytes, that is stored.
const MAX_RESPONSE_BYTES: usize = 200;

/// Delivers the webhooks in the outbox until it is stopped. Any number of dispatchers may run at the same time.
pub async fn run_dispatcher(service: Arc<Service>, mut stop: Cancel) {
    while !stop.is_cancelled() {
        match service.store.claim_delivery(CLAIM_DURATION).await {
            Ok(Some(delivery)) => {
                if let Err(error) = attempt_delivery(&service, &delivery).await {
                    tracing::warn!(delivery = %delivery.id, %error, "outcome of a webhook not stored");
                }
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "webhook outbox not read; trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn attempt_delivery(service: &Service, delivery: &Delivery) -> Result<(), DatabaseError> {
    let secret = service.store.webhook_secret(&delivery.tenant).await?;
    let sent = send(&service.egress, delivery, &secret.unwrap_or_default()).await;
    let (response, is_gone) = match &sent {
        Ok(response) => (response, false),
        Err(DeliveryFailure { response, is_gone }) => (response, *is_gone),
    };
    tracing::info!(
        task = %delivery.task, delivery = %delivery.id, attempt = delivery.attempts, received = sent.is_ok(),
        answer = response, "webhook"
    );
    if sent.is_ok() {
        return service.store.mark_delivered(delivery.id, response).await;
    }
    let failures = usize::try_from(delivery.attempts.max(1) - 1).unwrap_or(usize::MAX);
    let delay = RETRY_SCHEDULE.get(failures).filter(|_| !is_gone).copied();
    let delay = delay.map(Duration::from_secs);
    service.store.mark_failed(delivery.id, response, delay).await
}

struct DeliveryFailure {
    /// The response's status, or why there was no response.
    response: String,
    /// Whether the receiver wants no more webhooks (410 Gone).
    is_gone: bool,
}

/// Sends a webhook and returns the status of the response.
async fn send(egress: &Egress, delivery: &Delivery, secret: &str) -> Result<String, DeliveryFailure> {
    let failure = |response: String| DeliveryFailure {
        response,
        is_gone: false,
    };
    let url = egress.policy().check(&delivery.url).map_err(failure)?;
    let id = delivery.id.to_string();
    let now = jiff::Timestamp::now().as_second();
    let signature = Webhook::new(secret)
        .and_then(|webhook| webhook.sign(&id, now, delivery.body.as_bytes()))
        .map_err(|error| failure(format!("the webhook could not be signed: {error}")))?;
    let request = egress
        .client
        .post(url)
        .timeout(RESPONSE_TIMEOUT)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", now)
        .header("webhook-signature", signature)
        .body(delivery.body.clone());
    let response = request
        .send()
        .await
        .map_err(|error| failure(error_chain(&error)))?;
    let status = response.status();
    let mut text = status.to_string();
    text.truncate(MAX_RESPONSE_BYTES);
    match status.is_success() {
        true => Ok(text),
        false => Err(DeliveryFailure {
            response: text,
            is_gone: status == reqwest::StatusCode::GONE,
        }),
    }
}
