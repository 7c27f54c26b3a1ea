//! Hints that something has changed: they make waiting short, and nothing depends on their arrival.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use redis::RedisError;
use tokio::sync::broadcast;

use crate::redis::{Connection, Redis};
use crate::store::model::TaskId;

/// Something worth looking at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notification {
    /// A task's row has changed.
    TaskChanged(TaskId),
    /// A task is to be cancelled.
    CancelRequested(TaskId),
    /// A task has parts that others may do.
    PartsOffered(TaskId),
}

impl Notification {
    fn encode(self) -> String {
        match self {
            Notification::TaskChanged(task) => format!("changed {task}"),
            Notification::CancelRequested(task) => format!("cancel {task}"),
            Notification::PartsOffered(task) => format!("help {task}"),
        }
    }

    fn decode(text: &str) -> Option<Notification> {
        let (kind, task) = text.split_once(' ')?;
        let task = task.parse().ok()?;
        match kind {
            "changed" => Some(Notification::TaskChanged(task)),
            "cancel" => Some(Notification::CancelRequested(task)),
            "help" => Some(Notification::PartsOffered(task)),
            _ => None,
        }
    }
}

/// Carries hints. A reader that is too slow misses some.
#[async_trait]
pub trait EventBus: Send + Sync + std::fmt::Debug {
    /// Tells everybody, as far as they can be reached.
    async fn publish(&self, hint: Notification);

    /// Hints from now on.
    fn subscribe(&self) -> broadcast::Receiver<Notification>;
}

/// Hints kept for a slow reader.
const KEPT: usize = 1024;

/// Within one process.
#[derive(Debug)]
pub struct LocalBus(broadcast::Sender<Notification>);

impl Default for LocalBus {
    fn default() -> Self {
        LocalBus(broadcast::Sender::new(KEPT))
    }
}

#[async_trait]
impl EventBus for LocalBus {
    async fn publish(&self, hint: Notification) {
        // Nobody listening is no mishap.
        let _ = self.0.send(hint);
    }

    fn subscribe(&self) -> broadcast::Receiver<Notification> {
        self.0.subscribe()
    }
}

/// Between processes, by Redis' publish and subscribe.
#[derive(Debug)]
pub struct RedisBus {
    redis: Redis,
    commands: Connection,
    heard: Arc<broadcast::Sender<Notification>>,
}

impl RedisBus {
    /// Listens from now on, and again whenever the server comes back.
    pub async fn new(redis: Redis) -> Result<RedisBus, RedisError> {
        let commands = redis.command_connection().await?;
        let heard = Arc::new(broadcast::Sender::new(KEPT));
        let weak = Arc::downgrade(&heard);
        let server = redis.clone();
        tokio::spawn(async move {
            while let Some(heard) = weak.upgrade() {
                if let Err(error) = listen(&server, &heard).await {
                    tracing::warn!(%error, "hints from other processes are not heard");
                }
                drop(heard);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        Ok(RedisBus {
            redis,
            commands,
            heard,
        })
    }
}

async fn listen(redis: &Redis, heard: &broadcast::Sender<Notification>) -> Result<(), RedisError> {
    let mut subscription = redis.pubsub_connection().await?;
    subscription.subscribe(redis.key("hints")).await?;
    let mut messages = subscription.on_message();
    while let Some(message) = messages.next().await {
        if let Some(hint) = message
            .get_payload::<String>()
            .ok()
            .as_deref()
            .and_then(Notification::decode)
        {
            let _ = heard.send(hint);
        }
    }
    Ok(())
}

#[async_trait]
impl EventBus for RedisBus {
    async fn publish(&self, hint: Notification) {
        let mut commands = self.commands.clone();
        let mut command = redis::cmd("PUBLISH");
        command.arg(self.redis.key("hints")).arg(hint.encode());
        if let Err(error) = command.query_async::<()>(&mut commands).await {
            tracing::debug!(%error, "a hint was not published");
            // At least this process hears it.
            let _ = self.heard.send(hint);
        }
    }

    fn subscribe(&self) -> broadcast::Receiver<Notification> {
        self.heard.subscribe()
    }
}
