//! Access tokens of other issuers, whose public keys they publish as a JWK set (RFC 7517).

use std::collections::HashSet;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use vidc_service::store::Store;
use vidc_service::store::model::Tenant;

use super::{Caller, refused, scopes, webhook_secret};
use crate::http::problem::Problem;

/// Only those that prove possession of a private key.
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
/// Keys are asked for again after this long, so that one that was withdrawn is.
const KNOWN_FOR: Duration = Duration::from_secs(3600);
/// Tokens with made-up keys must not have us flood their issuer.
const ASKED_EVERY: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody whose tokens are believed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuerSettings {
    /// As it calls itself in `iss`.
    issuer: String,
    /// What it must call us in `aud`.
    audience: String,
    /// Where its keys are.
    jwks: String,
    /// The claim that names the tenant.
    #[serde(default = "tenant_claim")]
    tenant_claim: String,
    /// The claim that lists scopes.
    #[serde(default = "scope_claim")]
    scope_claim: String,
}

fn tenant_claim() -> String {
    "tenant".to_owned()
}

fn scope_claim() -> String {
    "scope".to_owned()
}

/// All whose tokens are believed.
#[derive(Debug, Default)]
pub(crate) struct Issuers(Vec<Issuer>);

impl Issuers {
    /// Asks none of them yet.
    pub(crate) fn new(settings: Vec<IssuerSettings>) -> Result<Issuers, reqwest::Error> {
        // The operator named these addresses, so they may be anywhere.
        let client = vidc_service::egress::client_builder().timeout(PATIENCE).build()?;
        let issuer = |settings| Issuer {
            settings,
            client: client.clone(),
            known: Mutex::default(),
            tenants: Mutex::default(),
        };
        Ok(Issuers(settings.into_iter().map(issuer).collect()))
    }

    /// The issuer that a token says it is of.
    pub(super) fn of(&self, token: &str) -> Option<&Issuer> {
        let body = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let claims: Value = serde_json::from_slice(&body).ok()?;
        let issuer = claims.get("iss")?.as_str()?;
        self.0.iter().find(|known| known.settings.issuer == issuer)
    }
}

#[derive(Debug)]
pub(super) struct Issuer {
    settings: IssuerSettings,
    client: reqwest::Client,
    known: Mutex<Option<(Instant, JwkSet)>>,
    /// That have a row.
    tenants: Mutex<HashSet<Tenant>>,
}

impl Issuer {
    /// Whoever a token of this issuer stands for.
    pub(super) async fn identify(&self, store: &Store, token: &str) -> Result<(Caller, String), Problem> {
        let issuer = &self.settings.issuer;
        let header = decode_header(token).map_err(|_| refused("the token is not a JWT"))?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(refused(format!(
                "tokens signed with {:?} are not believed",
                header.alg
            )));
        }
        let id = header
            .kid
            .ok_or_else(|| refused("the token does not name the key that signed it"))?;
        let key = self.key(&id).await?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        let claims = decode::<Map<String, Value>>(token, &key, &validation)
            .map_err(|error| refused(format!("the token of {issuer} is not good: {error}")))?
            .claims;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let claim = &self.settings.tenant_claim;
        let tenant = text(claim).and_then(Tenant::parse);
        let tenant = tenant.ok_or_else(|| refused(format!("the token's claim `{claim}` names no tenant")))?;
        let scopes = match claims.get(&self.settings.scope_claim) {
            Some(Value::String(list)) => scopes(list),
            Some(Value::Array(list)) => {
                let names: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                scopes(&names.join(" "))
            }
            _ => Vec::new(),
        };
        let mut tenants = self.tenants.lock().await;
        if !tenants.contains(&tenant) {
            store.ensure_tenant(&tenant, &webhook_secret()).await?;
            tenants.insert(tenant.clone());
        }
        let name = format!("{issuer}:{}", text("sub").unwrap_or_default());
        Ok((Caller { tenant, scopes }, name))
    }

    /// The public key of that name, asking the issuer if it is new.
    async fn key(&self, id: &str) -> Result<DecodingKey, Problem> {
        let issuer = &self.settings.issuer;
        let mut known = self.known.lock().await;
        let found =
            |known: &Option<(Instant, JwkSet)>| known.as_ref().and_then(|(_, keys)| keys.find(id)).cloned();
        let age = known.as_ref().map(|(asked, _)| asked.elapsed());
        let ask = match (age, found(&known)) {
            (None, _) => true,
            (Some(age), Some(_)) => age > KNOWN_FOR,
            (Some(age), None) => age > ASKED_EVERY,
        };
        if ask {
            match self.ask().await {
                Ok(keys) => *known = Some((Instant::now(), keys)),
                Err(error) => {
                    let error = vidc_service::egress::error_chain(&error);
                    tracing::warn!(issuer, error, "an issuer does not tell its keys");
                }
            }
        }
        let key =
            found(&known).ok_or_else(|| refused(format!("{issuer} has no key that signed this token")))?;
        DecodingKey::from_jwk(&key)
            .map_err(|error| refused(format!("the key of {issuer} cannot be used: {error}")))
    }

    async fn ask(&self) -> Result<JwkSet, reqwest::Error> {
        let answer = self.client.get(&self.settings.jwks).send().await?;
        answer.error_for_status()?.json().await
    }
}
