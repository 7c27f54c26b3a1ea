//! Our own access tokens: JWTs (RFC 7519) that stand for a key for a quarter of an hour.
//!
//! A token names its key, which is looked up with every request: a key that is revoked takes its tokens with it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;
use vidc_service::store::model::{Key, KeyId};
use vidc_service::store::secrets::SigningSecret;
use vidc_service::store::{DatabaseError, Store};

use super::{Caller, Scope, is_good, refused, scopes};
use crate::http::problem::Problem;

/// For how long a token is good.
pub(in crate::http) const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// How long tokens are signed with one secret.
const ROTATED: Duration = Duration::from_secs(30 * 24 * 3600);
/// Who issues them, and for whom.
const US: &str = "vidc";

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The key.
    sub: String,
    scope: String,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Issues and reads tokens.
#[derive(Debug, Default)]
pub(in crate::http) struct Tokens {
    /// The newest first.
    secrets: RwLock<Vec<SigningSecret>>,
}

impl Tokens {
    /// A token for a key, with some of its scopes.
    pub(in crate::http) async fn issue(
        &self,
        store: &Store,
        key: &Key,
        scopes: &[Scope],
    ) -> Result<String, Problem> {
        let secret = self.newest(store).await?;
        let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        let now = jiff::Timestamp::now().as_second();
        let claims = Claims {
            iss: US.to_owned(),
            aud: US.to_owned(),
            sub: key.id.to_string(),
            scope: names.join(" "),
            iat: now,
            exp: now + LIFETIME.as_secs().cast_signed(),
            jti: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()),
        };
        let header = Header {
            kid: Some(secret.id),
            ..Header::new(Algorithm::HS256)
        };
        encode(
            &header,
            &claims,
            &EncodingKey::from_secret(secret.secret.as_bytes()),
        )
        .map_err(|error| vidc_engine::Error::Internal(format!("signing a token: {error}")).into())
    }

    /// The secret to sign with now.
    async fn newest(&self, store: &Store) -> Result<SigningSecret, DatabaseError> {
        let fresh = |secret: &SigningSecret| {
            let age = jiff::Timestamp::now().duration_since(secret.created_at);
            age.unsigned_abs() < ROTATED
        };
        if let Some(secret) = self.secrets.read().await.first().filter(|secret| fresh(secret)) {
            return Ok(secret.clone());
        }
        let mut secrets = store.signing_secrets().await?;
        if !secrets.first().is_some_and(fresh) {
            let random = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            let (id, secret) = (
                random(&rand::random::<[u8; 8]>()),
                random(&rand::random::<[u8; 32]>()),
            );
            store
                .add_signing_secret(&id, &secret, ROTATED + LIFETIME * 2)
                .await?;
            secrets = store.signing_secrets().await?;
        }
        let newest = secrets.first().cloned();
        *self.secrets.write().await = secrets;
        newest.ok_or_else(|| DatabaseError::Rejected("a secret that was added is not there".to_owned()))
    }

    /// The secret of that name; another process may have added it.
    async fn secret(&self, store: &Store, id: &str) -> Result<Option<SigningSecret>, DatabaseError> {
        let known = |secrets: &[SigningSecret]| secrets.iter().find(|secret| secret.id == id).cloned();
        if let Some(secret) = known(&self.secrets.read().await) {
            return Ok(Some(secret));
        }
        let secrets = store.signing_secrets().await?;
        let found = known(&secrets);
        *self.secrets.write().await = secrets;
        Ok(found)
    }

    /// Whoever a token stands for.
    pub(super) async fn identify(&self, store: &Store, token: &str) -> Result<(Caller, String), Problem> {
        let unknown = || refused("the token is of no issuer that is known here, or has expired");
        let header = decode_header(token).map_err(|_| refused("the token is neither a key nor a JWT"))?;
        let id = header.kid.ok_or_else(unknown)?;
        let secret = self.secret(store, &id).await?.ok_or_else(unknown)?;
        // No other algorithm: whoever signs must not choose how it is checked.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[US]);
        validation.set_audience(&[US]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = decode::<Claims>(
            token,
            &DecodingKey::from_secret(secret.secret.as_bytes()),
            &validation,
        );
        let claims = claims.map_err(|_| unknown())?.claims;
        let id: KeyId = claims.sub.parse().map_err(|_| unknown())?;
        let key = store.key(id).await?.filter(is_good);
        let key = key.ok_or_else(|| refused("the token's key is revoked or expired"))?;
        let allowed = scopes(&key.scopes);
        let asked = scopes(&claims.scope).into_iter();
        let caller = Caller {
            tenant: key.tenant,
            scopes: asked.filter(|scope| allowed.contains(scope)).collect(),
        };
        Ok((caller, format!("key:{id}")))
    }
}
