//! OAuth 2.0 client credentials (RFC 6749, section 4.4): a key for a short-lived token.

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vidc_service::store::model::KeyId;

use super::AppState;
use super::auth::tokens::LIFETIME;
use super::auth::{Scope, find_key, scopes};
use super::problem::Problem;

/// A request as section 4.4.2 has it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TokenRequest)]
pub(super) struct TokenRequest {
    #[schema(pattern = "^client_credentials$")]
    grant_type: String,
    /// The key's identifier.
    client_id: Option<String>,
    /// The key itself.
    client_secret: Option<String>,
    /// Some of the key's scopes; all of them without it.
    scope: Option<String>,
}

/// An answer as section 5.1 has it.
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds.
    expires_in: u64,
    /// Names with spaces between them.
    scope: String,
}

/// An error as section 5.2 has it.
#[derive(Debug, Serialize, ToSchema)]
struct TokenError {
    error: &'static str,
    error_description: &'static str,
}

fn error(status: StatusCode, error: &'static str, error_description: &'static str) -> Response {
    let body = Json(TokenError {
        error,
        error_description,
    });
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let basic = axum::http::HeaderValue::from_static("Basic realm=\"vidc\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
    }
    response
}

/// `client_id` and `client_secret` of HTTP Basic authentication.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let decoded = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Gives an access token for a key
///
/// The client credentials of OAuth 2.0 (RFC 6749, section 4.4): the key's `id` is the `client_id`, its text the
/// `client_secret`, in the form or as HTTP Basic authentication.
#[utoipa::path(
    post, path = "/oauth/token", operation_id = "createToken", tag = "Keys",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    security((), ("client" = [])),
    responses(
        (status = 200, description = "A token", body = Token),
        (status = 400, description = "The request is wrong", body = TokenError),
        (status = 401, description = "The key is unknown, revoked or expired", body = TokenError),
        (status = 503, description = "Something the service needs does not answer"),
    ),
)]
pub(super) async fn token(
    State(state): State<AppState>,
    headers: HeaderMap,
    asked: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Response, Problem> {
    let bad = StatusCode::BAD_REQUEST;
    let Ok(Form(asked)) = asked else {
        return Ok(error(
            bad,
            "invalid_request",
            "the body is a form with `grant_type`, `client_id` and `client_secret`",
        ));
    };
    if asked.grant_type != "client_credentials" {
        return Ok(error(
            bad,
            "unsupported_grant_type",
            "only `client_credentials` is",
        ));
    }
    let given = basic(&headers).or_else(|| Some((asked.client_id?, asked.client_secret?)));
    let unknown = || {
        error(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "`client_id` is a key's id and `client_secret` the key; it is unknown, revoked or expired",
        )
    };
    let Some((id, secret)) = given else {
        return Ok(unknown());
    };
    let store = &state.service.store;
    let key = find_key(store, &secret).await?;
    let Some(key) = key.filter(|key| id.parse::<KeyId>().is_ok_and(|id| id == key.id)) else {
        return Ok(unknown());
    };
    let allowed = scopes(&key.scopes);
    let wanted = match &asked.scope {
        None => Some(allowed.clone()),
        Some(list) => list
            .split(' ')
            .map(|name| name.parse().ok())
            .collect::<Option<Vec<Scope>>>(),
    };
    let wanted = wanted.filter(|wanted| wanted.iter().all(|scope| allowed.contains(scope)));
    let Some(wanted) = wanted else {
        return Ok(error(
            bad,
            "invalid_scope",
            "the key does not have all of these scopes",
        ));
    };
    let token = state.tokens.issue(store, &key, &wanted).await?;
    let names: Vec<&str> = wanted.iter().map(|scope| scope.name()).collect();
    let body = Token {
        access_token: token,
        token_type: "Bearer",
        expires_in: LIFETIME.as_secs(),
        scope: names.join(" "),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}
