//! Middleware that gives each request an ID, logs it and measures it.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use super::state::AppState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest request ID that is accepted from a client, in bytes.
const MAX_REQUEST_ID_LEN: usize = 128;

/// Logs and measures a request. The request ID is the client's if it sends one, and is returned in the response.
pub(super) async fn record_request(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let client_id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let client_id = client_id.filter(|id| (1..=MAX_REQUEST_ID_LEN).contains(&id.len()));
    let id = client_id.map_or_else(|| rand::random::<u128>().to_string(), ToOwned::to_owned);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    // Metrics are labeled by route rather than path, which bounds their number.
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("unknown", MatchedPath::as_str).to_owned();
    let header = HeaderValue::from_str(&id).ok();
    if let Some(header) = header.clone() {
        request.headers_mut().insert(REQUEST_ID, header);
    }
    let span = tracing::info_span!("request", id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, elapsed) = (response.status().as_u16(), start.elapsed());
    state
        .metrics
        .observe_request(method.as_str(), &route, status, elapsed);
    let milliseconds = elapsed.as_secs_f64() * 1000.0;
    span.in_scope(|| tracing::info!(%method, path, status, milliseconds, "request handled"));
    if let Some(header) = header {
        response.headers_mut().insert(REQUEST_ID, header);
    }
    response
}
