//! Middleware that limits the rate and the number of requests.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::limits::client_address;
use super::problem::Problem;
use super::state::AppState;

/// Counts a request against the rate limit of a client.
pub(super) async fn check_rate(state: &AppState, client: &str) -> Result<(), Problem> {
    let admitted = state.service.admit(client).await;
    admitted.map_err(|wait| Problem::too_many_requests("the rate limit is exceeded", wait))
}

/// Applies the rate limit of the client's address and the limit on concurrent requests.
pub(super) async fn admit(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let client = client_address(peer.ip(), request.headers(), &state.limits.trusted_proxies);
    check_rate(&state, &format!("address:{client}")).await?;
    let Ok(_permit) = state.request_permits.try_acquire() else {
        return Err(Problem::too_many_requests(
            "too many requests are in progress",
            Duration::from_secs(1),
        ));
    };
    Ok(next.run(request).await)
}
