//! The rate limiter that the processes of a cluster share.

use std::time::Duration;

use async_trait::async_trait;
use redis::{RedisError, Script};

use super::limiter::{RateLimit, RateLimiter};
use super::local::LocalRateLimiter;
use crate::redis::{Connection, Redis};

/// A rate limiter in Redis. While Redis is unavailable each process applies the limit to its own requests.
#[derive(Debug)]
pub struct RedisRateLimiter {
    redis: Redis,
    commands: Connection,
    limit: RateLimit,
    script: Script,
    fallback: LocalRateLimiter,
}

/// Stores the time at which the next request would conform ("theoretical arrival time"); returns 0, or the milliseconds
/// to wait.
const GCRA: &str = "
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local interval = 1000 / tonumber(ARGV[1])
local tolerance = interval * (tonumber(ARGV[2]) - 1)
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
if due - now > tolerance then return math.ceil(due - now - tolerance) end
local next = due + interval
redis.call('SET', KEYS[1], string.format('%.3f', next), 'PX', math.max(1, math.ceil(next - now)))
return 0";

impl RedisRateLimiter {
    /// Creates a limiter with the same limit for every client.
    pub async fn new(redis: Redis, limit: RateLimit) -> Result<RedisRateLimiter, RedisError> {
        Ok(RedisRateLimiter {
            commands: redis.command_connection().await?,
            redis,
            limit,
            script: Script::new(GCRA),
            fallback: LocalRateLimiter::new(limit),
        })
    }
}

#[async_trait]
impl RateLimiter for RedisRateLimiter {
    async fn check(&self, client: &str) -> Result<(), Duration> {
        let mut commands = self.commands.clone();
        let mut call = self.script.prepare_invoke();
        call.key(self.redis.key(&format!("rate:{client}")))
            .arg(self.limit.per_second.get())
            .arg(self.limit.burst.get());
        match call.invoke_async::<u64>(&mut commands).await {
            Ok(0) => Ok(()),
            Ok(wait) => Err(Duration::from_millis(wait)),
            Err(error) => {
                tracing::debug!(%error, "Redis unavailable; limiting the requests of this process alone");
                self.fallback.check(client).await
            }
        }
    }
}
