//! Settings of the service and of the backends it uses.

use std::path::PathBuf;
use std::time::Duration;

use crate::blobs::S3Settings;
use crate::rate_limit::RateLimit;

/// Durations and limits.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// A worker that does not renew its lease for this long loses its task.
    pub lease_duration: Duration,
    /// Time between two runs of the sweeper.
    pub sweep_interval: Duration,
    /// Time after which results and uploads are deleted.
    pub retention: Duration,
    /// Number of tasks that a tenant may have pending or processing.
    pub max_unfinished_tasks: i64,
    /// Size in bytes of the largest file that is fetched from a URL.
    pub max_fetch_bytes: u64,
    /// Rate limit of each key and of each client address.
    pub rate: RateLimit,
    /// Bytes that must be free on each disk before any work starts.
    pub min_free_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            lease_duration: Duration::from_secs(30),
            sweep_interval: Duration::from_secs(5),
            retention: Duration::from_secs(7 * 24 * 3600),
            max_unfinished_tasks: 10_000,
            max_fetch_bytes: 16 << 30,
            rate: RateLimit::default(),
            min_free_bytes: 256 << 20,
        }
    }
}

/// Backends that the processes of a cluster share.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The database's URL, as libpq takes it.
    pub postgres_url: String,
    /// The URL of a Redis server, or of several nodes of a Redis Cluster.
    pub redis_urls: Vec<String>,
    /// Prefix of every key in Redis.
    pub redis_prefix: String,
}

/// The blob store, which holds uploads and results.
#[derive(Clone, Debug)]
pub enum BlobConfig {
    /// A directory, which every machine of a cluster must see.
    Directory(PathBuf),
    /// A bucket of an S3-compatible store.
    S3 {
        /// The bucket and the credentials for it.
        settings: Box<S3Settings>,
        /// Objects of the same store that tenants may name as inputs: `bucket/folder`, where `{tenant}` stands for the
        /// tenant's name.
        readable_prefixes: Vec<String>,
    },
}
