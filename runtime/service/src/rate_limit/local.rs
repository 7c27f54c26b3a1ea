//! The rate limiter of a single process.

use std::time::Duration;

use async_trait::async_trait;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::limiter::{RateLimit, RateLimiter};

/// Number of clients above which those that have their full burst again are forgotten.
const MAX_REMEMBERED_CLIENTS: usize = 10_000;

/// A rate limiter in memory.
#[derive(Debug)]
pub struct LocalRateLimiter {
    limiter: DefaultKeyedRateLimiter<String>,
}

impl LocalRateLimiter {
    /// Creates a limiter with the same limit for every client.
    pub fn new(limit: RateLimit) -> LocalRateLimiter {
        let quota = Quota::per_second(limit.per_second).allow_burst(limit.burst);
        LocalRateLimiter {
            limiter: DefaultKeyedRateLimiter::keyed(quota),
        }
    }
}

#[async_trait]
impl RateLimiter for LocalRateLimiter {
    async fn check(&self, client: &str) -> Result<(), Duration> {
        if self.limiter.len() > MAX_REMEMBERED_CLIENTS {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(&client.to_owned())
            .map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}
