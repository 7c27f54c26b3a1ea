//! What every backend of a trait promises, asked of each: what runs in one process always, and servers where
//! `VIDC_TEST_…` names them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod blobs;
mod bus;
mod claims;
mod limits;
mod parts;
mod queue;
mod store;

use vidc_service::redis::Redis;
use vidc_service::store::model::TaskId;

/// A server and a cluster, each with keys that no other test has.
fn redises() -> Vec<(&'static str, Redis)> {
    let prefix = TaskId::generate().to_string();
    let mut redises = Vec::new();
    if let Ok(url) = std::env::var("VIDC_TEST_REDIS") {
        redises.push(("Redis", Redis::new(&[url], &prefix).unwrap()));
    }
    if let Ok(url) = std::env::var("VIDC_TEST_REDIS_CLUSTER") {
        redises.push(("Redis Cluster", Redis::new(&[url.clone(), url], &prefix).unwrap()));
    }
    redises
}
