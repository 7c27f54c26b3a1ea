//! The HTTP client that enforces the egress policy.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, redirect};

use super::policy::EgressPolicy;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time without a byte from the server.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: usize = 5;

/// An HTTP client for URLs that clients of the service name.
#[derive(Clone, Debug)]
pub struct Egress {
    /// Checks redirects and resolved addresses; the URL of a request is checked before it is sent.
    pub(crate) client: Client,
    policy: Arc<EgressPolicy>,
}

impl Egress {
    /// Creates a client that trusts the system's certificates.
    pub fn new(policy: EgressPolicy) -> Result<Egress, reqwest::Error> {
        let policy = Arc::new(policy);
        let redirect_policy = Arc::clone(&policy);
        let redirects = redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > MAX_REDIRECTS {
                return attempt.error("too many redirects");
            }
            match redirect_policy.violation(attempt.url()) {
                Some(violation) => attempt.error(violation),
                None => attempt.follow(),
            }
        });
        let client = client_builder()
            .no_proxy()
            .redirect(redirects)
            .dns_resolver(Arc::new(GuardedResolver(Arc::clone(&policy))))
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build()?;
        Ok(Egress { client, policy })
    }

    /// The rules for URLs and addresses.
    pub fn policy(&self) -> &EgressPolicy {
        &self.policy
    }
}

/// Installs rustls's cryptography provider for this process.
pub fn install_crypto_provider() {
    // An error means that a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Returns a builder of HTTP clients, without any policy.
pub fn client_builder() -> ClientBuilder {
    install_crypto_provider();
    Client::builder().user_agent(concat!("vidc/", env!("CARGO_PKG_VERSION")))
}

/// Resolves host names to those of their addresses that the policy allows.
struct GuardedResolver(Arc<EgressPolicy>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.0);
        Box::pin(async move {
            let resolved = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = resolved.filter(|address| policy.allows(address.ip())).collect();
            match allowed.is_empty() {
                true => Err(format!("{} has no public address", name.as_str()).into()),
                false => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}
