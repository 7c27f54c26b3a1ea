//! The index of many machines: a sorted set for each class in Redis.

use std::time::Duration;

use async_trait::async_trait;
use redis::RedisError;
use tokio::sync::Mutex;

use super::weighted_round_robin::WeightedRoundRobin;
use super::{QueueError, ReadyQueue, ReadyTask};
use crate::redis::{Connection, Redis};
use crate::store::model::{Class, TaskId};

/// In Redis.
#[derive(Debug)]
pub struct RedisQueue {
    redis: Redis,
    commands: Connection,
    /// For waiting only: a command that shares a connection with a blocking one waits as long as it does.
    waiting: Mutex<Vec<Connection>>,
    turns: WeightedRoundRobin,
}

fn unreachable(error: RedisError) -> QueueError {
    QueueError(error.to_string())
}

impl RedisQueue {
    /// The connections find their server again when it comes back.
    pub async fn new(redis: Redis) -> Result<RedisQueue, RedisError> {
        Ok(RedisQueue {
            commands: redis.command_connection().await?,
            redis,
            waiting: Mutex::default(),
            turns: WeightedRoundRobin::default(),
        })
    }

    fn set(&self, class: Class) -> String {
        self.redis.key(&format!("ready:{}", class.name()))
    }
}

#[async_trait]
impl ReadyQueue for RedisQueue {
    async fn announce(&self, ready: &[ReadyTask]) -> Result<(), QueueError> {
        if ready.is_empty() {
            return Ok(());
        }
        let mut pipe = redis::pipe();
        for ready in ready {
            pipe.cmd("ZADD")
                .arg(self.set(ready.class))
                .arg("NX")
                .arg(ready.score)
                .arg(ready.task.to_string())
                .ignore();
        }
        let mut commands = self.commands.clone();
        pipe.query_async::<()>(&mut commands).await.map_err(unreachable)
    }

    async fn pop(&self, wait: Duration) -> Result<Option<TaskId>, QueueError> {
        let idle = self.waiting.lock().await.pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.redis.blocking_connection().await.map_err(unreachable)?,
        };
        let mut command = redis::cmd("BZPOPMIN");
        for class in self.turns.next_order() {
            command.arg(self.set(class));
        }
        // Redis counts in seconds and takes 0 for ever.
        command.arg(wait.as_secs_f64().max(0.01));
        let popped: Option<(String, String, f64)> =
            command.query_async(&mut connection).await.map_err(unreachable)?;
        self.waiting.lock().await.push(connection);
        Ok(popped.and_then(|(_, member, _)| member.parse().ok()))
    }
}
