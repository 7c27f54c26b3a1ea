//! The interface of event buses.

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::notification::Notification;

/// Number of notifications that are buffered for a slow subscriber.
pub(super) const CAPACITY: usize = 1024;

/// Publishes notifications to all processes. A subscriber that is too slow misses some.
#[async_trait]
pub trait EventBus: Send + Sync + std::fmt::Debug {
    /// Publishes a notification to all processes that can be reached.
    async fn publish(&self, notification: Notification);

    /// Subscribes to the notifications that are published from now on.
    fn subscribe(&self) -> broadcast::Receiver<Notification>;
}
