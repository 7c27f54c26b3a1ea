//! The event bus of a cluster: publish/subscribe in Redis.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use redis::RedisError;
use tokio::sync::broadcast;

use super::event_bus::{CAPACITY, EventBus};
use super::notification::Notification;
use crate::redis::{Connection, Redis};

/// Name of the channel.
const CHANNEL: &str = "hints";
/// Pause before the process subscribes again after its connection broke.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);

/// An event bus in Redis.
#[derive(Debug)]
pub struct RedisBus {
    redis: Redis,
    commands: Connection,
    received: Arc<broadcast::Sender<Notification>>,
}

impl RedisBus {
    /// Subscribes this process, and subscribes it again whenever the server is back.
    pub async fn new(redis: Redis) -> Result<RedisBus, RedisError> {
        let commands = redis.command_connection().await?;
        let received = Arc::new(broadcast::Sender::new(CAPACITY));
        let weak = Arc::downgrade(&received);
        let server = redis.clone();
        tokio::spawn(async move {
            while let Some(received) = weak.upgrade() {
                if let Err(error) = receive(&server, &received).await {
                    tracing::warn!(%error, "notifications of other processes are not received; subscribing again");
                }
                drop(received);
                tokio::time::sleep(RECONNECT_PAUSE).await;
            }
        });
        Ok(RedisBus {
            redis,
            commands,
            received,
        })
    }
}

/// Forwards notifications until the connection breaks.
async fn receive(redis: &Redis, received: &broadcast::Sender<Notification>) -> Result<(), RedisError> {
    let mut subscription = redis.pubsub_connection().await?;
    subscription.subscribe(redis.key(CHANNEL)).await?;
    let mut messages = subscription.on_message();
    while let Some(message) = messages.next().await {
        if let Some(notification) = message
            .get_payload::<String>()
            .ok()
            .as_deref()
            .and_then(Notification::decode)
        {
            let _ = received.send(notification);
        }
    }
    Ok(())
}

#[async_trait]
impl EventBus for RedisBus {
    async fn publish(&self, notification: Notification) {
        let mut commands = self.commands.clone();
        let mut command = redis::cmd("PUBLISH");
        command.arg(self.redis.key(CHANNEL)).arg(notification.encode());
        if let Err(error) = command.query_async::<()>(&mut commands).await {
            tracing::debug!(%error, "notification not published");
            // Subscribers in this process can be reached without Redis.
            let _ = self.received.send(notification);
        }
    }

    fn subscribe(&self) -> broadcast::Receiver<Notification> {
        self.received.subscribe()
    }
}
