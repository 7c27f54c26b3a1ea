//! Contract tests, which run against every implementation of a trait: always against those that need no server, and
//! against servers that the variables `VIDC_TEST_…` name.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod blobs;
mod bus;
mod claim_latency;
mod parts;
mod queue;
mod rate_limit;
mod store;

use vidc_service::redis::Redis;
use vidc_service::store::model::TaskId;

/// Connects to a Redis server and a Redis Cluster, with a key prefix that no other test uses.
fn redis_backends() -> Vec<(&'static str, Redis)> {
    let prefix = TaskId::generate().to_string();
    let mut backends = Vec::new();
    if let Ok(url) = std::env::var("VIDC_TEST_REDIS") {
        backends.push(("Redis", Redis::new(&[url], &prefix).unwrap()));
    }
    if let Ok(url) = std::env::var("VIDC_TEST_REDIS_CLUSTER") {
        backends.push(("Redis Cluster", Redis::new(&[url.clone(), url], &prefix).unwrap()));
    }
    backends
}
