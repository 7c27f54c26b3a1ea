//! Access tokens of this service: JWTs (RFC 7519) that stand for an API key for 15 minutes.
//!
//! A token names its key, which is looked up with each request, so that revoking a key revokes its tokens.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;
use vidc_service::service::Service;
use vidc_service::store::model::{Key, KeyId};
use vidc_service::store::secrets::SigningSecret;

use super::caller::Caller;
use super::scope::Scope;
use crate::http::problem::Problem;

/// Lifetime of a token.
pub(in crate::http) const TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Time after which a new signing secret is generated.
const SECRET_ROTATION: Duration = Duration::from_secs(30 * 24 * 3600);
/// The `iss` and `aud` claims.
const ISSUER: &str = "vidc";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// ID of the key.
    sub: String,
    scope: String,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Issues and verifies access tokens.
#[derive(Debug, Default)]
pub(in crate::http) struct AccessTokens {
    /// Signing secrets, newest first.
    secrets: RwLock<Vec<SigningSecret>>,
}

impl AccessTokens {
    /// Issues a token for a key with a subset of its scopes.
    pub(in crate::http) async fn issue(
        &self,
        service: &Service,
        key: &Key,
        scopes: &[Scope],
    ) -> Result<String, Problem> {
        let internal = |reason: String| vidc_engine::Error::Internal(reason);
        let secret = self.current_secret(service).await?;
        let secret = secret.ok_or_else(|| internal("there is no signing secret".to_owned()))?;
        let now = jiff::Timestamp::now().as_second();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: key.id.to_string(),
            scope: Scope::format_list(scopes),
            iat: now,
            exp: now + TOKEN_LIFETIME.as_secs().cast_signed(),
            jti: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()),
        };
        let header = Header {
            kid: Some(secret.id),
            ..Header::new(Algorithm::HS256)
        };
        let signing_key = EncodingKey::from_secret(secret.secret.as_bytes());
        encode(&header, &claims, &signing_key)
            .map_err(|error| internal(format!("cannot sign an access token: {error}")).into())
    }

    /// The secret to sign with, rotated if it is old.
    async fn current_secret(&self, service: &Service) -> Result<Option<SigningSecret>, Problem> {
        let is_current = |secret: &&SigningSecret| secret.age() < SECRET_ROTATION;
        if let Some(secret) = self.secrets.read().await.first().filter(is_current) {
            return Ok(Some(secret.clone()));
        }
        // An old secret is kept until all tokens that it signed have expired.
        let secrets = service
            .rotate_signing_secrets(SECRET_ROTATION, SECRET_ROTATION + TOKEN_LIFETIME * 2)
            .await?;
        let newest = secrets.first().cloned();
        *self.secrets.write().await = secrets;
        Ok(newest)
    }

    /// The secret with an ID, which another process may have added.
    async fn secret(&self, service: &Service, id: &str) -> Result<Option<SigningSecret>, Problem> {
        let find = |secrets: &[SigningSecret]| secrets.iter().find(|secret| secret.id == id).cloned();
        if let Some(secret) = find(&self.secrets.read().await) {
            return Ok(Some(secret));
        }
        let secrets = service.signing_secrets().await?;
        let found = find(&secrets);
        *self.secrets.write().await = secrets;
        Ok(found)
    }

    /// Verifies a token and its key.
    pub(super) async fn authenticate(&self, service: &Service, token: &str) -> Result<Caller, Problem> {
        let invalid =
            || Problem::unauthorized("the access token is expired or was not issued by a trusted issuer");
        let header = decode_header(token)
            .map_err(|_| Problem::unauthorized("the bearer token is neither an API key nor a JWT"))?;
        let id = header.kid.ok_or_else(invalid)?;
        let secret = self.secret(service, &id).await?.ok_or_else(invalid)?;
        // Accepting only one algorithm prevents algorithm confusion: the token must not choose how it is verified.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let verification_key = DecodingKey::from_secret(secret.secret.as_bytes());
        let claims = decode::<Claims>(token, &verification_key, &validation);
        let claims = claims.map_err(|_| invalid())?.claims;
        let id: KeyId = claims.sub.parse().map_err(|_| invalid())?;
        let key = service.valid_key(id).await?;
        let key =
            key.ok_or_else(|| Problem::unauthorized("the access token's API key is revoked or expired"))?;
        let key_scopes = Scope::parse_list(&key.scopes);
        let token_scopes = Scope::parse_list(&claims.scope).into_iter();
        Ok(Caller {
            tenant: key.tenant,
            scopes: token_scopes.filter(|scope| key_scopes.contains(scope)).collect(),
            rate_limit_name: format!("key:{id}"),
        })
    }
}
