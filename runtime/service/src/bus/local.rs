//! The event bus of a single process.

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::event_bus::{CAPACITY, EventBus};
use super::notification::Notification;

/// An event bus in memory.
#[derive(Debug)]
pub struct LocalBus(broadcast::Sender<Notification>);

impl Default for LocalBus {
    fn default() -> Self {
        LocalBus(broadcast::Sender::new(CAPACITY))
    }
}

#[async_trait]
impl EventBus for LocalBus {
    async fn publish(&self, notification: Notification) {
        // An error means that nobody is subscribed.
        let _ = self.0.send(notification);
    }

    fn subscribe(&self) -> broadcast::Receiver<Notification> {
        self.0.subscribe()
    }
}
