//! What is noted of every request: a log line, an identifier, and how long it took.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tracing::Instrument as _;

use super::AppState;
use super::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A longer identifier is not taken over from a client.
const MAX_ID: usize = 128;

/// The figures of HTTP.
#[derive(Debug)]
pub(super) struct HttpMetrics {
    pub(super) registry: Registry,
    seconds: Family<[(&'static str, String); 3], Histogram>,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("vidc");
        let seconds = Family::new_with_constructor(
            (|| Histogram::new(exponential_buckets(0.001, 2.0, 16))) as fn() -> _,
        );
        registry.register_with_unit(
            "http_request",
            "Until the answer began, by method, route and status",
            Unit::Seconds,
            seconds.clone(),
        );
        HttpMetrics { registry, seconds }
    }
}

/// Notes a request and its answer. The identifier is the client's if it sends one, and comes back with the answer.
pub(super) async fn note(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let theirs = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let theirs = theirs.filter(|id| (1..=MAX_ID).contains(&id.len()));
    let id = theirs.map_or_else(|| rand::random::<u128>().to_string(), ToOwned::to_owned);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    // Routes, not paths: there are few of them.
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("unknown", MatchedPath::as_str).to_owned();
    let value = HeaderValue::from_str(&id).ok();
    if let Some(value) = value.clone() {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    let span = tracing::info_span!("request", id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status(), begun.elapsed());
    let labels = [
        ("method", method.to_string()),
        ("route", route),
        ("status", status.as_u16().to_string()),
    ];
    state
        .http_metrics
        .seconds
        .get_or_create(&labels)
        .observe(took.as_secs_f64());
    let milliseconds = took.as_secs_f64() * 1000.0;
    span.in_scope(|| tracing::info!(%method, path, status = status.as_u16(), milliseconds, "answered"));
    if let Some(value) = value {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Figures for Prometheus
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "Service",
    security(()),
    responses((status = 200, description = "In the OpenMetrics text format", body = String,
        content_type = "application/openmetrics-text"),
        (status = 503, description = "The database does not answer")),
)]
pub(super) async fn metrics(State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let service = &state.service;
    let text = service
        .metrics
        .encode(&service.store, &state.http_metrics.registry)
        .await?;
    let open_metrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, open_metrics)], text))
}
