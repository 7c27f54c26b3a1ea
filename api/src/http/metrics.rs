//! Metrics of HTTP requests.

use std::time::Duration;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Metrics of HTTP requests, with their registry.
#[derive(Debug)]
pub(super) struct HttpMetrics {
    registry: Registry,
    request_seconds: Family<[(&'static str, String); 3], Histogram>,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("vidc");
        let request_seconds = Family::new_with_constructor(
            (|| Histogram::new(exponential_buckets(0.001, 2.0, 16))) as fn() -> _,
        );
        registry.register_with_unit(
            "http_request",
            "Time to the start of the response, by method, route and status",
            Unit::Seconds,
            request_seconds.clone(),
        );
        HttpMetrics {
            registry,
            request_seconds,
        }
    }
}

impl HttpMetrics {
    /// The registry to export.
    pub(super) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Counts a request.
    pub(super) fn observe_request(&self, method: &str, route: &str, status: u16, elapsed: Duration) {
        let labels = [
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", status.to_string()),
        ];
        self.request_seconds
            .get_or_create(&labels)
            .observe(elapsed.as_secs_f64());
    }
}
