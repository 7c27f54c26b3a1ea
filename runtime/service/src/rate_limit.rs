//! How often somebody may ask: the generic cell rate algorithm, shared through Redis where there is one.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use redis::{RedisError, Script};

use crate::redis::{Connection, Redis};

/// So many at once, and so many in a second from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// In a second.
    pub per_second: NonZeroU32,
    /// At once, after a rest.
    pub burst: NonZeroU32,
}

impl Default for RateLimit {
    fn default() -> Self {
        RateLimit {
            per_second: const { NonZeroU32::new(50).unwrap() },
            burst: const { NonZeroU32::new(500).unwrap() },
        }
    }
}

/// Counts requests.
#[async_trait]
pub trait RateLimiter: Send + Sync + std::fmt::Debug {
    /// Counts one of `who`; else after how long they may ask again.
    async fn check(&self, who: &str) -> Result<(), Duration>;
}

/// Within one process.
#[derive(Debug)]
pub struct LocalRateLimiter {
    limiter: DefaultKeyedRateLimiter<String>,
}

impl LocalRateLimiter {
    /// Everybody has the same rate.
    pub fn new(rate: RateLimit) -> LocalRateLimiter {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        LocalRateLimiter {
            limiter: DefaultKeyedRateLimiter::keyed(quota),
        }
    }
}

/// From how many on those that have rested are forgotten.
const REMEMBERED: usize = 10_000;

#[async_trait]
impl RateLimiter for LocalRateLimiter {
    async fn check(&self, who: &str) -> Result<(), Duration> {
        if self.limiter.len() > REMEMBERED {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(&who.to_owned())
            .map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}

/// Shared by all processes; while Redis is away each counts for itself.
#[derive(Debug)]
pub struct RedisRateLimiter {
    redis: Redis,
    commands: Connection,
    rate: RateLimit,
    script: Script,
    fallback: LocalRateLimiter,
}

/// Keeps when the next request would be on time ("theoretical arrival time"); answers 0, or milliseconds to wait.
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
    /// Everybody has the same rate.
    pub async fn new(redis: Redis, rate: RateLimit) -> Result<RedisRateLimiter, RedisError> {
        Ok(RedisRateLimiter {
            commands: redis.command_connection().await?,
            redis,
            rate,
            script: Script::new(GCRA),
            fallback: LocalRateLimiter::new(rate),
        })
    }
}

#[async_trait]
impl RateLimiter for RedisRateLimiter {
    async fn check(&self, who: &str) -> Result<(), Duration> {
        let mut commands = self.commands.clone();
        let mut call = self.script.prepare_invoke();
        call.key(self.redis.key(&format!("rate:{who}")))
            .arg(self.rate.per_second.get())
            .arg(self.rate.burst.get());
        match call.invoke_async::<u64>(&mut commands).await {
            Ok(0) => Ok(()),
            Ok(wait) => Err(Duration::from_millis(wait)),
            Err(error) => {
                tracing::debug!(%error, "requests are counted by this process alone");
                self.fallback.check(who).await
            }
        }
    }
}
