//! The OpenAPI 3.1 document and its documentation page.

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

/// Name of the security scheme for API keys and access tokens as bearer tokens.
const BEARER_SCHEME: &str = "key";
/// Name of the security scheme for access tokens of `/oauth/token`.
const OAUTH_SCHEME: &str = "oauth";
/// Name of the security scheme for client credentials.
const CLIENT_SCHEME: &str = "client";
/// Tag of the operations that need no key and are not rate-limited.
const HEALTH_TAG: &str = "Health";

/// The document's metadata.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "vidc",
        description = "Renders videos from declarative recipes. A recipe is checked against its media before it is \
            accepted, and accepted tasks are durable. Errors are problem details (RFC 9457) with a stable `type`."
    ),
    components(schemas(Problem)),
    tags(
        (name = "Tasks", description = "Submit recipes and download their outputs"),
        (name = "Assets", description = "Upload media files"),
        (name = "Keys", description = "Manage API keys and issue access tokens"),
        (name = "Webhooks", description = "Inspect and repeat webhook deliveries"),
        (name = "Health", description = "Health checks and metrics")
    )
)]
struct Document;

/// The document without operations.
pub(super) fn base_document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let components = document.components.get_or_insert_default();
    let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some(
        "An API key, or an access token of `/oauth/token` or of a configured issuer",
    ));
    components.add_security_scheme(BEARER_SCHEME, SecurityScheme::Http(bearer.build()));
    let client = Http::builder().scheme(HttpAuthScheme::Basic).description(Some(
        "The `id` of an API key as the user name, and the key as the password",
    ));
    components.add_security_scheme(CLIENT_SCHEME, SecurityScheme::Http(client.build()));
    let scopes = Scope::ALL.map(|scope| (scope.name(), scope.description()));
    let flow = Flow::ClientCredentials(ClientCredentials::new("/oauth/token", Scopes::from_iter(scopes)));
    components.add_security_scheme(OAUTH_SCHEME, SecurityScheme::OAuth2(OAuth2::new([flow])));
    document
}

/// Documents that the operations of a path require scopes.
pub(super) fn set_required_scopes(item: &mut PathItem, scopes: &[Scope]) {
    let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
    for operation in operations(item) {
        operation.security = Some(vec![
            SecurityRequirement::new(BEARER_SCHEME, names.clone()),
            SecurityRequirement::new(OAUTH_SCHEME, names.clone()),
        ]);
    }
}

/// The routes of the completed document and of its documentation page.
pub(super) fn docs_router<S: Clone + Send + Sync + 'static>(
    mut document: utoipa::openapi::OpenApi,
) -> Router<S> {
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths
        .into_iter()
        .map(|(path, mut item)| {
            operations(&mut item).for_each(add_problem_responses);
            // The router marks parameters that may contain slashes with `*`, which is not part of their names.
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

/// A problem response that many operations share.
struct CommonProblem {
    status: &'static str,
    description: &'static str,
    /// Whether an operation may respond with it.
    applies: fn(&Operation) -> bool,
}

/// The problem responses of all operations except health checks. 405 is not among them: it never answers a method that
/// the document has.
const COMMON_PROBLEMS: &[CommonProblem] = &[
    CommonProblem {
        status: "400",
        description: "The request is malformed",
        applies: |operation| {
            has_body(operation) || has_parameter(operation, |place| *place != ParameterIn::Path)
        },
    },
    CommonProblem {
        status: "401",
        description: "The API key or access token is missing, unknown, revoked or expired",
        applies: requires_scopes,
    },
    CommonProblem {
        status: "403",
        description: "The API key or access token does not have a required scope",
        applies: requires_scopes,
    },
    CommonProblem {
        status: "404",
        description: "The resource does not exist or belongs to another tenant",
        applies: |operation| has_parameter(operation, |place| *place == ParameterIn::Path),
    },
    CommonProblem {
        status: "413",
        description: "The request body is too large",
        applies: has_body,
    },
    CommonProblem {
        status: "429",
        description: "A rate limit or quota is exceeded; retry after the time in `Retry-After`",
        applies: |_| true,
    },
    CommonProblem {
        status: "500",
        description: "An internal error",
        applies: |_| true,
    },
    CommonProblem {
        status: "503",
        description: "A backend of the service is unavailable; retry after the time in `Retry-After`",
        applies: |_| true,
    },
];

fn has_body(operation: &Operation) -> bool {
    operation.request_body.is_some()
}

fn has_parameter(operation: &Operation, is_match: fn(&ParameterIn) -> bool) -> bool {
    operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| match parameter {
            RefOr::T(parameter) => is_match(&parameter.parameter_in),
            RefOr::Ref(_) => false,
        })
}

/// Whether the operation rejects anonymous requests.
fn requires_scopes(operation: &Operation) -> bool {
    let anonymous = SecurityRequirement::default();
    operation
        .security
        .as_ref()
        .is_some_and(|alternatives| !alternatives.contains(&anonymous))
}

/// Adds the common problem responses to an operation, and the problem schema to all its error responses.
fn add_problem_responses(operation: &mut Operation) {
    let tags = operation.tags.iter().flatten();
    if tags.into_iter().any(|tag| tag == HEALTH_TAG) {
        return;
    }
    for problem in COMMON_PROBLEMS {
        if (problem.applies)(operation) {
            operation
                .responses
                .responses
                .entry(problem.status.to_owned())
                .or_insert_with(|| RefOr::T(Response::new(problem.description)));
        }
    }
    for (status, response) in &mut operation.responses.responses {
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
