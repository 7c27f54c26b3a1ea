//! The routes, each with the scopes that it requires.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::auth::Scope::{Keys, Read, Write};
use super::auth::guard::Guard;
use super::problem::Problem;
use super::state::AppState;
use super::{
    admission, assets, events, health, keys, oauth, openapi, outputs, tasks, telemetry, uploads, webhooks,
};

/// Health checks and metrics, which need no key and are neither rate-limited nor logged.
pub(super) fn health_router() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::base_document())
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
}

/// The API with its documentation.
pub(super) fn api_router(state: AppState) -> Router {
    let (health, mut document) = health_router().split_for_parts();
    let guard = Guard::new(&state);
    let (api, api_document) = OpenApiRouter::new()
        .routes(guard.require(&[Write], routes!(tasks::compile)))
        .routes(guard.require(&[Write], routes!(tasks::create)))
        .routes(guard.require(&[Read], routes!(tasks::list)))
        .routes(guard.require(&[Read], routes!(tasks::show)))
        .routes(guard.require(&[Write], routes!(tasks::delete)))
        .routes(guard.require(&[Write], routes!(tasks::cancel)))
        .routes(guard.require(&[Write], routes!(tasks::retry)))
        .routes(guard.require(&[Read], routes!(tasks::logs)))
        .routes(guard.require(&[Read], routes!(events::follow)))
        .routes(guard.require(&[Read], routes!(outputs::download)))
        .routes(guard.require(&[Write], routes!(assets::create)))
        .routes(guard.require(&[Read], routes!(assets::show)))
        .routes(guard.require(&[Write], routes!(assets::delete)))
        .routes(guard.require(&[Write], routes!(uploads::start)))
        .routes(guard.require(&[Write], routes!(uploads::complete)))
        .routes(guard.require(&[Read], routes!(webhooks::list)))
        .routes(guard.require(&[Write], routes!(webhooks::redeliver)))
        .routes(guard.require(&[Read, Keys], routes!(webhooks::secret)))
        .routes(guard.require(&[Write, Keys], routes!(keys::create)))
        .routes(guard.require(&[Read, Keys], routes!(keys::list)))
        .routes(guard.require(&[Write, Keys], routes!(keys::revoke)))
        // Authenticates by the client credentials in the request itself.
        .routes(routes!(oauth::token))
        .split_for_parts();
    document.merge(api_document);
    api.fallback(|| async { Problem::route_not_found() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        // Handlers limit bodies themselves: recipes are small, uploads may be large.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(state.clone(), admission::admit))
        .layer(from_fn_with_state(state.clone(), telemetry::record_request))
        .merge(health)
        .merge(openapi::docs_router(document))
        .with_state(state)
}
