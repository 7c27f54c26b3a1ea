//! Error responses as problem details (RFC 9457).

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use vidc_dsl::render::JsonDiagnostic;
use vidc_engine::ErrorKind;
use vidc_service::Error;
use vidc_service::blobs::BlobError;
use vidc_service::requests::CompiledRecipe;
use vidc_service::requests::RequestError;

/// Default `Retry-After` of 503 responses.
const UNAVAILABLE_RETRY: Duration = Duration::from_secs(5);
/// Default `Retry-After` of 429 responses.
const TOO_MANY_RETRY: Duration = Duration::from_secs(30);

/// An error response (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The problem type, a stable URN such as `urn:vidc:problem:not-found`.
    #[serde(rename = "type")]
    problem_type: String,
    /// A short summary of the problem type.
    title: &'static str,
    /// The HTTP status code.
    status: u16,
    /// An explanation of this occurrence, with advice.
    detail: String,
    /// The value of `Retry-After`, if not the default of the status.
    #[serde(skip)]
    retry_after: Option<Duration>,
    /// Diagnostics of the recipe, with source locations.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Vec<JsonDiagnostic>>,
}

impl Problem {
    /// A problem of the type `urn:vidc:problem:{name}`.
    pub(super) fn new(
        status: StatusCode,
        name: &str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Problem {
        Problem {
            problem_type: format!("urn:vidc:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            retry_after: None,
            diagnostics: None,
        }
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "bad-request", "Bad request", detail)
    }

    pub(super) fn unauthorized(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized", detail)
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", "Forbidden", detail)
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// The requested path matches no route.
    pub(super) fn route_not_found() -> Problem {
        Problem::not_found("there is no resource at this path")
    }

    pub(super) fn method_not_allowed() -> Problem {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "Method not allowed",
            "the Allow header lists the methods that this resource supports",
        )
    }

    pub(super) fn conflict(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, "conflict", "Conflict", detail)
    }

    pub(super) fn payload_too_large(max_bytes: u64) -> Problem {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "Payload too large",
            format!("the limit is {max_bytes} bytes"),
        )
    }

    /// A rate or concurrency limit is exceeded; the client may retry after `wait`.
    pub(super) fn too_many_requests(detail: &str, wait: Duration) -> Problem {
        let mut problem = Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "Too many requests",
            format!("{detail}; retry after the time in Retry-After"),
        );
        problem.retry_after = Some(wait);
        problem
    }

    /// A recipe with errors.
    pub(super) fn invalid_recipe(compiled: &CompiledRecipe) -> Problem {
        let mut problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-recipe",
            "Invalid recipe",
            "the recipe has errors and no task was created; see `diagnostics`",
        );
        problem.diagnostics = Some(vidc_dsl::render::json(
            &compiled.compilation.diagnostics,
            &compiled.sources,
        ));
        problem
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let error = match error {
            Error::Blob(BlobError::TooLarge(max_bytes)) => return Problem::payload_too_large(max_bytes),
            Error::Blob(BlobError::Rejected(reason)) => return Problem::conflict(reason),
            Error::Blob(error @ BlobError::Interrupted(_)) => return Problem::bad_request(error.to_string()),
            error => error,
        };
        let (status, name, title) = match error.kind() {
            ErrorKind::InvalidRecipe => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-recipe",
                "Invalid recipe",
            ),
            ErrorKind::Usage => (StatusCode::BAD_REQUEST, "bad-request", "Bad request"),
            ErrorKind::Environment => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Service unavailable",
            ),
            ErrorKind::RenderFailed | ErrorKind::Internal | ErrorKind::Interrupted => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Internal server error",
            ),
        };
        Problem::new(status, name, title, error.to_string())
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        let detail = error.to_string();
        match error {
            RequestError::NotFound(_) => Problem::not_found(detail),
            RequestError::NotCancellable(_)
            | RequestError::NotRetryable(_)
            | RequestError::NotDeletable(_) => Problem::conflict(detail),
            RequestError::EmptyFile(_) => Problem::bad_request(detail),
            RequestError::PresignedUploadsUnsupported => Problem::new(
                StatusCode::NOT_IMPLEMENTED,
                "not-supported",
                "Not implemented",
                format!("{detail}; upload the file with POST /v1/assets"),
            ),
            RequestError::Service(error) => error.into(),
        }
    }
}

impl From<vidc_engine::Error> for Problem {
    fn from(error: vidc_engine::Error) -> Self {
        Error::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(status = self.status, detail = self.detail, "request failed");
        }
        let retry_after = match (self.retry_after, status) {
            (Some(wait), _) => Some(wait),
            (None, StatusCode::SERVICE_UNAVAILABLE) => Some(UNAVAILABLE_RETRY),
            (None, StatusCode::TOO_MANY_REQUESTS) => Some(TOO_MANY_RETRY),
            _ => None,
        };
        let mut response = (status, Json(self)).into_response();
        let content_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = retry_after {
            // Whole seconds (RFC 9110, section 10.2.3), rounded up so that the client does not retry too early.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
