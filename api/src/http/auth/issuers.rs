//! Access tokens of external issuers, which publish their public keys as a JWK set (RFC 7517).

use std::collections::HashSet;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use vidc_service::service::Service;
use vidc_service::store::model::Tenant;

use super::caller::Caller;
use super::scope::Scope;
use crate::http::problem::Problem;

/// Asymmetric algorithms: with a symmetric one, the published key could sign tokens.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// Time after which the JWK set is fetched again, so that withdrawn keys are no longer accepted.
const JWKS_LIFETIME: Duration = Duration::from_secs(3600);
/// Shortest interval between fetches for unknown keys: tokens with invented key IDs must not flood the issuer.
const MIN_FETCH_INTERVAL: Duration = Duration::from_secs(60);
const FETCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Configuration of an external issuer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerSettings {
    /// The required `iss` claim.
    issuer: String,
    /// The required `aud` claim.
    audience: String,
    /// URL of the JWK set.
    jwks: String,
    /// The claim with the tenant's name.
    #[serde(default = "default_tenant_claim")]
    tenant_claim: String,
    /// The claim with the scopes.
    #[serde(default = "default_scope_claim")]
    scope_claim: String,
}

fn default_tenant_claim() -> String {
    "tenant".to_owned()
}

fn default_scope_claim() -> String {
    "scope".to_owned()
}

/// The configured issuers.
#[derive(Debug, Default)]
pub(crate) struct Issuers(Vec<Issuer>);

impl Issuers {
    /// Prepares the issuers. JWK sets are fetched when they are first needed.
    pub(crate) fn new(settings: Vec<IssuerSettings>) -> Result<Issuers, reqwest::Error> {
        // The operator configures these URLs, so the egress policy for URLs of clients does not apply.
        let client = vidc_service::egress::client_builder()
            .timeout(FETCH_TIMEOUT)
            .build()?;
        let issuer = |settings| Issuer {
            settings,
            client: client.clone(),
            jwks: Mutex::default(),
            registered_tenants: Mutex::default(),
        };
        Ok(Issuers(settings.into_iter().map(issuer).collect()))
    }

    /// The issuer named by a token's unverified `iss` claim.
    pub(super) fn find(&self, token: &str) -> Option<&Issuer> {
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let claims: Value = serde_json::from_slice(&payload).ok()?;
        let name = claims.get("iss")?.as_str()?;
        self.0.iter().find(|issuer| issuer.settings.issuer == name)
    }
}

/// An external issuer and its public keys.
#[derive(Debug)]
pub(super) struct Issuer {
    settings: IssuerSettings,
    client: reqwest::Client,
    /// The JWK set and when it was fetched.
    jwks: Mutex<Option<(Instant, JwkSet)>>,
    /// Tenants that are known to have a row in the database.
    registered_tenants: Mutex<HashSet<Tenant>>,
}

impl Issuer {
    /// Verifies a token of this issuer.
    pub(super) async fn authenticate(&self, service: &Service, token: &str) -> Result<Caller, Problem> {
        let issuer = &self.settings.issuer;
        let header = decode_header(token)
            .map_err(|error| Problem::unauthorized(format!("the access token is not a JWT: {error}")))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(Problem::unauthorized(format!(
                "access tokens signed with {:?} are not accepted",
                header.alg
            )));
        }
        let id = header
            .kid
            .ok_or_else(|| Problem::unauthorized("the access token's header has no `kid`"))?;
        let key = self.public_key(&id).await?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        let claims = decode::<Map<String, Value>>(token, &key, &validation)
            .map_err(|error| {
                Problem::unauthorized(format!("the access token of {issuer} is invalid: {error}"))
            })?
            .claims;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let claim = &self.settings.tenant_claim;
        let tenant = text(claim).and_then(Tenant::parse).ok_or_else(|| {
            Problem::unauthorized(format!(
                "the access token's claim `{claim}` is not a tenant's name"
            ))
        })?;
        let scopes = match claims.get(&self.settings.scope_claim) {
            Some(Value::String(list)) => Scope::parse_list(list),
            Some(Value::Array(list)) => list
                .iter()
                .filter_map(|name| name.as_str()?.parse().ok())
                .collect(),
            _ => Vec::new(),
        };
        self.register_tenant(service, &tenant).await?;
        let subject = text("sub").unwrap_or_default();
        Ok(Caller {
            tenant,
            scopes,
            rate_limit_name: format!("{issuer}:{subject}"),
        })
    }

    async fn register_tenant(&self, service: &Service, tenant: &Tenant) -> Result<(), Problem> {
        let mut registered = self.registered_tenants.lock().await;
        if !registered.contains(tenant) {
            service.register_tenant(tenant).await?;
            registered.insert(tenant.clone());
        }
        Ok(())
    }

    /// The public key with an ID. Fetches the JWK set if it is old or does not contain the key.
    async fn public_key(&self, id: &str) -> Result<DecodingKey, Problem> {
        let issuer = &self.settings.issuer;
        let mut jwks = self.jwks.lock().await;
        let find =
            |jwks: &Option<(Instant, JwkSet)>| jwks.as_ref().and_then(|(_, keys)| keys.find(id)).cloned();
        let age = jwks.as_ref().map(|(fetched, _)| fetched.elapsed());
        let is_stale = match (age, find(&jwks)) {
            (None, _) => true,
            (Some(age), Some(_)) => age > JWKS_LIFETIME,
            (Some(age), None) => age > MIN_FETCH_INTERVAL,
        };
        if is_stale {
            match self.fetch_jwks().await {
                Ok(keys) => *jwks = Some((Instant::now(), keys)),
                Err(error) => {
                    let error = vidc_service::error::error_chain(&error);
                    tracing::warn!(issuer, error, "cannot fetch the JWK set of an issuer");
                }
            }
        }
        let key = find(&jwks).ok_or_else(|| {
            Problem::unauthorized(format!(
                "{issuer} has no key with the ID of the access token's `kid`"
            ))
        })?;
        DecodingKey::from_jwk(&key)
            .map_err(|error| Problem::unauthorized(format!("a key of {issuer} is not usable: {error}")))
    }

    async fn fetch_jwks(&self) -> Result<JwkSet, reqwest::Error> {
        let response = self.client.get(&self.settings.jwks).send().await?;
        response.error_for_status()?.json().await
    }
}
