//! Health checks and metrics, for orchestrators and Prometheus.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::problem::Problem;
use super::state::AppState;

/// Checks that the process is alive
#[utoipa::path(
    get, path = "/livez", operation_id = "live", tag = "Health",
    security(()),
    responses((status = 200, description = "The process is alive", body = String)),
)]
pub(super) async fn live() -> &'static str {
    "alive\n"
}

/// Checks that the service can accept requests
///
/// The database must answer and the disks must have free space.
#[utoipa::path(
    get, path = "/readyz", operation_id = "ready", tag = "Health",
    security(()),
    responses(
        (status = 200, description = "The service is ready", body = String),
        (status = 503, description = "The service is not ready; the body says why", body = String),
    ),
)]
pub(super) async fn ready(State(state): State<AppState>) -> Result<&'static str, (StatusCode, String)> {
    match state.service.check_readiness().await {
        Ok(()) => Ok("ready\n"),
        Err(reason) => Err((StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n"))),
    }
}

/// Exports metrics for Prometheus
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "Health",
    security(()),
    responses(
        (status = 200, description = "Metrics in the OpenMetrics text format", body = String,
            content_type = "application/openmetrics-text"),
        (status = 503, description = "The database does not answer"),
    ),
)]
pub(super) async fn metrics(State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let text = state.service.metrics_text(state.metrics.registry()).await?;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type)], text))
}
