//! Rate limits of clients, by the generic cell rate algorithm.

mod limiter;
mod local;
mod redis;

pub use limiter::{RateLimit, RateLimiter};
pub use local::LocalRateLimiter;
pub use redis::RedisRateLimiter;
