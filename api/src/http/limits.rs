//! How much anybody may ask at once.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use super::AppState;
use super::problem::Problem;

/// Bounds on what clients may do, and whom to believe where they come from.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// The largest upload, in bytes.
    pub(crate) upload: u64,
    /// Requests in progress, of all clients together.
    pub(crate) concurrent: usize,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpNet>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            upload: 16 << 30,
            concurrent: 1000,
            trusted_proxies: Vec::new(),
        }
    }
}

/// Where a request comes from: the last address on its way that is not a trusted proxy's. What stands before that, the
/// client may have made up.
pub(super) fn origin(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut origin = peer.to_canonical();
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for address in forwarded.into_iter().rev() {
        if !is_trusted(&origin) {
            break;
        }
        match address.trim().parse::<IpAddr>() {
            Ok(address) => origin = address.to_canonical(),
            Err(_) => break,
        }
    }
    origin
}

/// Counts a request of somebody, or tells when they may ask again.
pub(super) async fn count(state: &AppState, who: &str) -> Result<(), Problem> {
    let admitted = state.service.rate_limiter.check(who).await;
    admitted.map_err(|wait| Problem::too_many("requests are coming too fast", wait))
}

/// Counts a request by where it comes from, and how many are in progress.
pub(super) async fn admit(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let origin = origin(peer.ip(), request.headers(), &state.limits.trusted_proxies);
    count(&state, &format!("address:{origin}")).await?;
    let Ok(_place) = state.places.try_acquire() else {
        return Err(Problem::too_many(
            "too many requests are in progress",
            Duration::from_secs(1),
        ));
    };
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let cases = [
            ("192.0.2.1", "", "192.0.2.1"),
            ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
            ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
            ("10.0.0.1", "203.0.113.9, 10.2.3.4", "203.0.113.9"),
            ("10.0.0.1", "nonsense", "10.0.0.1"),
            ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("::1", "2001:db8::1", "2001:db8::1"),
        ];
        for (peer, forwarded, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            let found = origin(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {forwarded}");
        }
    }
}
