//! Readiness, metrics and rate limits.

use std::time::Duration;

use prometheus_client::registry::Registry;

use super::error::RequestError;
use crate::service::Service;

impl Service {
    /// Checks that the database answers and the disks have free space; returns the reason if not.
    pub async fn check_readiness(&self) -> Result<(), String> {
        self.store.ping().await.map_err(|error| error.to_string())?;
        self.disk_guard.shortage().map_or(Ok(()), Err)
    }

    /// Returns all metrics in the OpenMetrics text format, including those of `extra`.
    pub async fn metrics_text(&self, extra: &Registry) -> Result<String, RequestError> {
        Ok(self.metrics.encode(&self.store, extra).await?)
    }

    /// Counts a request against the rate limit of a client; returns the time to wait if the limit is exceeded.
    pub async fn admit(&self, client: &str) -> Result<(), Duration> {
        self.rate_limiter.check(client).await
    }
}
