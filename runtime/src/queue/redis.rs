//! The index of many machines: a sorted set for each class in Redis.

use std::time::Duration;

use async_trait::async_trait;
use redis::aio::{ConnectionManager, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, RedisError};
use tokio::sync::Mutex;

use super::turns::Turns;
use super::{QueueError, Ready, ReadyQueue};
use crate::redis::key;
use crate::store::model::{Class, TaskId};

/// In Redis. The keys share a hash tag, so that they are on one node of a cluster.
#[derive(Debug)]
pub struct RedisQueue {
    client: Client,
    commands: ConnectionManager,
    /// For waiting only: a command that shares a connection with a blocking one waits as long as it does.
    waiting: Mutex<Option<MultiplexedConnection>>,
    turns: Turns,
}

impl std::fmt::Display for RedisQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the ready queue in Redis")
    }
}

fn ready_key(class: Class) -> String {
    key(&format!("ready:{}", class.name()))
}

fn unreachable(error: RedisError) -> QueueError {
    QueueError(error.to_string())
}

impl RedisQueue {
    /// Over a client; the connections find their server again when it comes back.
    pub fn new(client: Client, commands: ConnectionManager) -> RedisQueue {
        RedisQueue {
            client,
            commands,
            waiting: Mutex::new(None),
            turns: Turns::default(),
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, QueueError> {
        // The library gives up on an answer after half a second unless told otherwise, and what the server then pops
        // is lost.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        self.client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(unreachable)
    }
}

#[async_trait]
impl ReadyQueue for RedisQueue {
    async fn announce(&self, ready: &[Ready]) -> Result<(), QueueError> {
        if ready.is_empty() {
            return Ok(());
        }
        let mut pipe = redis::pipe();
        for ready in ready {
            pipe.cmd("ZADD")
                .arg(ready_key(ready.class))
                .arg("NX")
                .arg(ready.score)
                .arg(ready.task.to_string())
                .ignore();
        }
        let mut commands = self.commands.clone();
        pipe.query_async::<()>(&mut commands).await.map_err(unreachable)
    }

    async fn next(&self, wait: Duration) -> Result<Option<TaskId>, QueueError> {
        let mut waiting = self.waiting.lock().await;
        let mut connection = match waiting.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let mut command = redis::cmd("BZPOPMIN");
        for class in self.turns.deal() {
            command.arg(ready_key(class));
        }
        // Redis counts in seconds and takes 0 for ever.
        command.arg(wait.as_secs_f64().max(0.01));
        let popped: Option<(String, String, f64)> =
            command.query_async(&mut connection).await.map_err(unreachable)?;
        *waiting = Some(connection);
        Ok(popped.and_then(|(_, member, _)| member.parse().ok()))
    }
}
