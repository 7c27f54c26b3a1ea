//! The ready queue of a cluster: a sorted set in Redis for each class.

use std::time::Duration;

use async_trait::async_trait;
use redis::RedisError;
use tokio::sync::Mutex;

use super::ready_queue::{QueueError, ReadyQueue, ReadyTask};
use super::weighted_round_robin::WeightedRoundRobin;
use crate::redis::{Connection, Redis};
use crate::store::model::{Class, TaskId};

/// A ready queue in Redis.
#[derive(Debug)]
pub struct RedisQueue {
    redis: Redis,
    commands: Connection,
    /// Idle connections for blocking commands, which must not share theirs: every other command would wait as long.
    blocking: Mutex<Vec<Connection>>,
    scheduler: WeightedRoundRobin,
}

fn unavailable(error: RedisError) -> QueueError {
    QueueError(error.to_string())
}

impl RedisQueue {
    /// Creates a queue, whose connections are established when they are first used and again when they break.
    pub async fn new(redis: Redis) -> Result<RedisQueue, RedisError> {
        Ok(RedisQueue {
            commands: redis.command_connection().await?,
            redis,
            blocking: Mutex::default(),
            scheduler: WeightedRoundRobin::default(),
        })
    }

    fn key(&self, class: Class) -> String {
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
                .arg(self.key(ready.class))
                .arg("NX")
                .arg(ready.score)
                .arg(ready.task.to_string())
                .ignore();
        }
        let mut commands = self.commands.clone();
        pipe.query_async::<()>(&mut commands).await.map_err(unavailable)
    }

    async fn pop(&self, timeout: Duration) -> Result<Option<TaskId>, QueueError> {
        let idle = self.blocking.lock().await.pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.redis.blocking_connection().await.map_err(unavailable)?,
        };
        let mut command = redis::cmd("BZPOPMIN");
        for class in self.scheduler.next_order() {
            command.arg(self.key(class));
        }
        // Redis takes seconds, and 0 for no timeout.
        command.arg(timeout.as_secs_f64().max(0.01));
        let popped: Option<(String, String, f64)> =
            command.query_async(&mut connection).await.map_err(unavailable)?;
        // A connection on which the command failed is not reused.
        self.blocking.lock().await.push(connection);
        Ok(popped.and_then(|(_, member, _)| member.parse().ok()))
    }
}
