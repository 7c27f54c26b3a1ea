//! Requests to servers that clients name: media to fetch, webhooks to call.
//!
//! A client must not reach through us what it cannot reach itself (server-side request forgery). Every address that a
//! connection is made to is looked at after its name was resolved, and the connection is made to just that address;
//! redirects are looked at the same way.

mod addresses;
mod buckets;
mod fetch;
mod webhooks;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, Url, redirect};

pub use buckets::S3Inputs;
pub use fetch::FetchError;
pub use webhooks::run_dispatcher;

const CONNECT: Duration = Duration::from_secs(10);
/// A server that sends nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 5;

/// What else than public servers over HTTPS may be asked.
#[derive(Clone, Debug, Default)]
pub struct EgressPolicy {
    /// Networks that are not public and may be reached all the same.
    pub allowed_networks: Vec<IpNet>,
    /// Whether `http` will do.
    pub allow_http: bool,
}

impl EgressPolicy {
    fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        addresses::is_public(address) || self.allowed_networks.iter().any(|net| net.contains(&address))
    }

    /// Says what is wrong with a URL, as far as that can be told without asking for its address.
    pub fn check(&self, url: &str) -> Result<Url, String> {
        let url: Url = url
            .parse()
            .map_err(|error| format!("`{url}` is not a URL: {error}"))?;
        self.violation(&url).map_or(Ok(url), Err)
    }

    fn violation(&self, url: &Url) -> Option<String> {
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            other => return Some(format!("`{other}` URLs are not followed; use https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Some("a URL must not hold a user name or password".to_owned());
        }
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        match literal {
            Ok(address) if !self.allows(address) => Some(format!("{host} is not a public address")),
            _ => None,
        }
    }
}

/// Asks servers outside.
#[derive(Clone, Debug)]
pub struct Egress {
    client: Client,
    policy: Arc<EgressPolicy>,
}

impl Egress {
    /// With this system's certificates.
    pub fn new(policy: EgressPolicy) -> Result<Egress, reqwest::Error> {
        let policy = Arc::new(policy);
        let followed = Arc::clone(&policy);
        let redirects = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > MAX_REDIRECTS {
                return attempt.error("too many redirects");
            }
            match followed.violation(attempt.url()) {
                Some(refusal) => attempt.error(refusal),
                None => attempt.follow(),
            }
        });
        let client = client_builder()
            .no_proxy()
            .redirect(redirects)
            .dns_resolver(Arc::new(GuardedResolver(Arc::clone(&policy))))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build()?;
        Ok(Egress { client, policy })
    }

    /// What may be asked.
    pub fn policy(&self) -> &EgressPolicy {
        &self.policy
    }
}

/// Chooses what rustls computes with in this process.
pub fn install_crypto_provider() {
    // Whoever has chosen before is welcome.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client that follows nobody's rules yet.
pub fn client_builder() -> ClientBuilder {
    install_crypto_provider();
    Client::builder().user_agent(concat!("vidc/", env!("CARGO_PKG_VERSION")))
}

/// Resolves names to those of their addresses that may be reached.
struct GuardedResolver(Arc<EgressPolicy>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let reached: Vec<SocketAddr> = found.filter(|address| allowed.allows(address.ip())).collect();
            match reached.is_empty() {
                true => Err(format!("{} has no public address", name.as_str()).into()),
                false => Ok(Box::new(reached.into_iter()) as Addrs),
            }
        })
    }
}

/// An error with its causes, which is where reqwest says what has happened.
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
