//! The document that describes every route (OpenAPI 3.1), and a page that shows it.

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::security::{
    ClientCredentials, Flow, Http, HttpAuthScheme, OAuth2, Scopes, SecurityScheme,
};
use utoipa::openapi::{Content, Ref, RefOr, Response, SecurityRequirement};
use utoipa::{OpenApi, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::auth::Scope;
use super::problem::Problem;

/// What no route says of itself.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "vidc",
        description = "Recipes in, videos out. A recipe is checked against its media before it is accepted; \
            what is accepted is not lost. Errors are problem details (RFC 9457) whose `type` does not change."
    ),
    components(schemas(Problem)),
    tags(
        (name = "Tasks", description = "Having recipes made"),
        (name = "Assets", description = "Files for recipes"),
        (name = "Keys", description = "Who may"),
        (name = "Webhooks", description = "Being told"),
        (name = "Service", description = "How the service is")
    )
)]
struct Document;

/// The document before any route is in it.
pub(super) fn base_document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let components = document.components.get_or_insert_default();
    let key = Http::builder().scheme(HttpAuthScheme::Bearer);
    let key = key.description(Some(
        "An API key, or a token of `/oauth/token` or of another issuer.",
    ));
    components.add_security_scheme("key", SecurityScheme::Http(key.build()));
    let client = Http::builder().scheme(HttpAuthScheme::Basic);
    let client = client.description(Some("A key's `id` and its text, for a token."));
    components.add_security_scheme("client", SecurityScheme::Http(client.build()));
    let names = Scope::ALL.map(|scope| (scope.name(), scope.purpose()));
    let flow = Flow::ClientCredentials(ClientCredentials::new("/oauth/token", Scopes::from_iter(names)));
    components.add_security_scheme("oauth", SecurityScheme::OAuth2(OAuth2::new([flow])));
    let no_scopes: [&str; 0] = [];
    document.security = Some(vec![
        SecurityRequirement::new("key", no_scopes),
        SecurityRequirement::new("oauth", no_scopes),
    ]);
    document
}

/// The finished document's routes.
pub(super) fn docs_router<S: Clone + Send + Sync + 'static>(
    mut document: utoipa::openapi::OpenApi,
) -> Router<S> {
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths
        .into_iter()
        .map(|(path, mut item)| {
            for operation in operations(&mut item) {
                complete(operation);
            }
            // The router's way to say that a name may hold slashes.
            (path.replace("{*", "{"), item)
        })
        .collect();
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json").try_it_out_enabled(true));
    Router::new()
        .route("/openapi.json", get(move || async move { Json(document) }))
        .merge(page)
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.delete]
        .into_iter()
        .flatten()
}

/// Adds the refusals that any route of a kind may answer with; what machines ask is never refused.
fn complete(operation: &mut Operation) {
    if operation
        .tags
        .as_ref()
        .is_some_and(|tags| tags.contains(&"Service".to_owned()))
    {
        return;
    }
    let mut refusals = vec![("500", "The service has failed")];
    if operation.security.is_none() {
        refusals.extend([
            ("401", "The key or token is missing, unknown, revoked or expired"),
            ("403", "The key lacks the scope"),
            (
                "503",
                "Something the service needs does not answer; Retry-After says when to come back",
            ),
        ]);
    }
    refusals.push(("429", "Too many requests; Retry-After says when to come back"));
    let places: Vec<_> = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter.parameter_in.clone()),
            RefOr::Ref(_) => None,
        })
        .collect();
    if places.contains(&ParameterIn::Path) {
        refusals.push(("404", "There is no such thing, or it is not yours"));
    }
    if operation.request_body.is_some() {
        refusals.push(("413", "It is too large"));
    }
    if operation.request_body.is_some() || places.iter().any(|place| *place != ParameterIn::Path) {
        refusals.push(("400", "The request is not well-formed"));
    }
    let responses = &mut operation.responses.responses;
    for (status, reason) in refusals {
        let response = || RefOr::T(Response::new(reason));
        responses.entry(status.to_owned()).or_insert_with(response);
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && response.content.is_empty()
        {
            let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
            response
                .content
                .insert("application/problem+json".to_owned(), problem.into());
        }
    }
}
