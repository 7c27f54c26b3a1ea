//! The OAuth 2.0 token endpoint: client credentials (RFC 6749, section 4.4).

use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use headers::HeaderMapExt as _;
use headers::authorization::{Authorization, Basic};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vidc_service::store::model::KeyId;

use super::auth::Scope;
use super::auth::tokens::TOKEN_LIFETIME;
use super::problem::Problem;
use super::state::AppState;

/// A request for an access token (RFC 6749, section 4.4.2).
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct TokenRequest {
    #[schema(pattern = "^client_credentials$")]
    grant_type: String,
    /// ID of the API key.
    client_id: Option<String>,
    /// The API key.
    client_secret: Option<String>,
    /// Space-separated scopes, a subset of the key's. Defaults to all scopes of the key.
    scope: Option<String>,
}

/// An access token (RFC 6749, section 5.1).
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Lifetime in seconds.
    expires_in: u64,
    /// Space-separated scopes.
    scope: String,
}

/// An error response (RFC 6749, section 5.2).
#[derive(Debug, Serialize, ToSchema)]
struct TokenError {
    error: &'static str,
    error_description: &'static str,
}

fn error_response(status: StatusCode, error: &'static str, error_description: &'static str) -> Response {
    let body = Json(TokenError {
        error,
        error_description,
    });
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"vidc\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// Issues an access token for an API key
///
/// Implements the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4). The key's `id` is the `client_id` and
/// the key itself the `client_secret`, sent in the form or as HTTP Basic authentication.
#[utoipa::path(
    post, path = "/oauth/token", operation_id = "createToken", tag = "Keys",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    security((), ("client" = [])),
    responses(
        (status = 200, description = "The access token", body = Token),
        (status = 400, description = "The request or its scope is invalid", body = TokenError),
        (status = 401, description = "The API key is unknown, revoked or expired", body = TokenError),
    ),
)]
pub(super) async fn token(
    State(state): State<AppState>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Response, Problem> {
    let Ok(Form(request)) = form else {
        return Ok(error_response(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "the body must be a form with `grant_type`, `client_id` and `client_secret`",
        ));
    };
    if request.grant_type != "client_credentials" {
        return Ok(error_response(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "the only supported grant type is `client_credentials`",
        ));
    }
    let credentials = match headers.typed_get::<Authorization<Basic>>() {
        Some(basic) => Some((basic.username().to_owned(), basic.password().to_owned())),
        None => request.client_id.zip(request.client_secret),
    };
    let invalid_client = || {
        error_response(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "`client_id` must be the ID of an API key and `client_secret` the key; it is unknown, revoked or expired",
        )
    };
    let Some((id, secret)) = credentials else {
        return Ok(invalid_client());
    };
    let key = state.service.authenticate(&secret).await?;
    let Some(key) = key.filter(|key| id.parse::<KeyId>().is_ok_and(|id| id == key.id)) else {
        return Ok(invalid_client());
    };
    let key_scopes = Scope::parse_list(&key.scopes);
    let scopes = match &request.scope {
        None => Some(key_scopes.clone()),
        Some(list) => list
            .split(' ')
            .map(|name| name.parse().ok())
            .collect::<Option<Vec<Scope>>>(),
    };
    let scopes = scopes.filter(|scopes| scopes.iter().all(|scope| key_scopes.contains(scope)));
    let Some(scopes) = scopes else {
        return Ok(error_response(
            StatusCode::BAD_REQUEST,
            "invalid_scope",
            "the API key does not have all of the requested scopes",
        ));
    };
    let body = Token {
        access_token: state.access_tokens.issue(&state.service, &key, &scopes).await?,
        token_type: "Bearer",
        expires_in: TOKEN_LIFETIME.as_secs(),
        scope: Scope::format_list(&scopes),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}
