//! Webhook deliveries.

use jiff::Timestamp;

use super::ids::{DeliveryId, TaskId};
use super::tenant::Tenant;

/// A webhook in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id, which is the same in every attempt.
    pub id: DeliveryId,
    /// The tenant that owns the task.
    pub tenant: Tenant,
    /// The task.
    pub task: TaskId,
    /// The receiver's URL.
    pub url: String,
    /// The body of the request.
    pub body: String,
    /// Number of attempts.
    pub attempts: i64,
    /// The time at which the task ended.
    pub created_at: Timestamp,
    /// The time at which the receiver accepted it.
    pub delivered_at: Option<Timestamp>,
    /// The time at which it was given up.
    pub gave_up_at: Option<Timestamp>,
    /// Outcome of the last attempt: the response's status, or the reason for which there was none.
    pub answer: Option<String>,
}
