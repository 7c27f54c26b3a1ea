//! The limit, and the interface of rate limiters.

use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;

/// A sustained rate of requests and the size of a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Sustained number of requests per second.
    pub per_second: NonZeroU32,
    /// Number of requests that a client may send at once after a pause.
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

/// Counts the requests of each client.
#[async_trait]
pub trait RateLimiter: Send + Sync + std::fmt::Debug {
    /// Counts a request of a client. If the client is over its limit, returns the time to wait.
    async fn check(&self, client: &str) -> Result<(), Duration>;
}
