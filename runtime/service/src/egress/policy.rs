//! Rules for the URLs and addresses that the service connects to on behalf of clients.

use std::net::IpAddr;

use ipnet::IpNet;
use reqwest::Url;

use super::public_addresses::is_public;

/// Exceptions from the rule that only public servers are reached, and only over HTTPS.
#[derive(Clone, Debug, Default)]
pub struct EgressPolicy {
    /// Networks that may be reached although they are not public.
    pub allowed_networks: Vec<IpNet>,
    /// Whether `http` URLs are allowed.
    pub allow_http: bool,
}

impl EgressPolicy {
    /// Whether an address may be connected to.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.allowed_networks.iter().any(|net| net.contains(&address))
    }

    /// Parses a URL and checks everything but the addresses that its host name resolves to.
    pub fn check(&self, url: &str) -> Result<Url, String> {
        let url: Url = url
            .parse()
            .map_err(|error| format!("`{url}` is not a URL: {error}"))?;
        self.violation(&url).map_or(Ok(url), Err)
    }

    /// Returns the reason for which a URL is not allowed.
    pub(super) fn violation(&self, url: &Url) -> Option<String> {
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            other => return Some(format!("`{other}` URLs are not allowed; use https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Some("a URL must not contain a user name or password".to_owned());
        }
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        match literal {
            Ok(address) if !self.allows(address) => Some(format!("{host} is not a public address")),
            _ => None,
        }
    }
}
