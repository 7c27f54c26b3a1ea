//! Routes that require scopes.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use headers::HeaderMapExt as _;
use headers::authorization::{Authorization, Bearer};
use utoipa_axum::router::UtoipaMethodRouter;
use vidc_service::requests::KEY_PREFIX;

use super::caller::Caller;
use super::scope::Scope;
use crate::http::admission::check_rate;
use crate::http::openapi::set_required_scopes;
use crate::http::problem::Problem;
use crate::http::state::AppState;

/// Adds authentication and authorization to routes.
#[derive(Clone, Debug)]
pub(in crate::http) struct Guard {
    state: AppState,
    scopes: &'static [Scope],
}

impl Guard {
    pub(in crate::http) fn new(state: &AppState) -> Guard {
        Guard {
            state: state.clone(),
            scopes: &[],
        }
    }

    /// Requires scopes of the callers of a route, and documents them in its operations.
    pub(in crate::http) fn require(
        &self,
        scopes: &'static [Scope],
        (schemas, mut paths, methods): UtoipaMethodRouter<AppState>,
    ) -> UtoipaMethodRouter<AppState> {
        for item in paths.paths.values_mut() {
            set_required_scopes(item, scopes);
        }
        let guard = Guard {
            state: self.state.clone(),
            scopes,
        };
        (
            schemas,
            paths,
            methods.route_layer(from_fn_with_state(guard, authorize)),
        )
    }
}

/// Authenticates the caller, applies its rate limit and checks its scopes.
async fn authorize(
    State(Guard { state, scopes }): State<Guard>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let authorization = request.headers().typed_get::<Authorization<Bearer>>();
    let authorization = authorization
        .ok_or_else(|| Problem::unauthorized("send an API key as `Authorization: Bearer vidc_…`"))?;
    let caller = authenticate(&state, authorization.token()).await?;
    check_rate(&state, &caller.rate_limit_name).await?;
    scopes.iter().try_for_each(|scope| caller.require(*scope))?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Authenticates a bearer token (RFC 6750): an API key, an access token of this service, or one of a configured issuer.
async fn authenticate(state: &AppState, token: &str) -> Result<Caller, Problem> {
    if token.starts_with(KEY_PREFIX) {
        let key = state.service.authenticate(token).await?;
        let key = key.ok_or_else(|| Problem::unauthorized("the API key is unknown, revoked or expired"))?;
        return Ok(Caller {
            tenant: key.tenant,
            scopes: Scope::parse_list(&key.scopes),
            rate_limit_name: format!("key:{}", key.id),
        });
    }
    match state.issuers.find(token) {
        Some(issuer) => issuer.authenticate(&state.service, token).await,
        None => state.access_tokens.authenticate(&state.service, token).await,
    }
}
