//! Errors as problem details (RFC 9457).

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use vidc_dsl::render::JsonDiagnostic;
use vidc_engine::ErrorKind;
use vidc_service::Error;
use vidc_service::service::CompiledRecipe;
use vidc_service::store::DatabaseError;

/// What is told of a request that was not answered as it was asked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The kind, such as `urn:vidc:problem:not-found`, which does not change.
    #[serde(rename = "type")]
    kind: String,
    /// The kind, for people.
    title: &'static str,
    status: u16,
    /// What happened, and what to do.
    detail: String,
    /// When to ask again.
    #[serde(skip)]
    wait: Option<Duration>,
    /// The recipe's mistakes, with their places.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Vec<JsonDiagnostic>>,
}

impl Problem {
    /// A problem of a kind, such as `not-found`.
    pub(super) fn new(
        status: StatusCode,
        kind: &str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Problem {
        Problem {
            kind: format!("urn:vidc:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            wait: None,
            diagnostics: None,
        }
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "The request is not well-formed",
            detail,
        )
    }

    pub(super) fn not_found(what: &str) -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is no such thing",
            format!("there is no {what} of that name, or it is not yours"),
        )
    }

    pub(super) fn method_not_allowed() -> Problem {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "That is not done to it",
            "Allow says which methods are",
        )
    }

    /// Somebody asks more than they may.
    pub(super) fn too_many(detail: &str, wait: Duration) -> Problem {
        let mut problem = Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "That is too much at once",
            format!("{detail}; Retry-After says when to ask again"),
        );
        problem.wait = Some(wait);
        problem
    }

    pub(super) fn conflict(detail: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::CONFLICT,
            "conflict",
            "Its state does not allow that",
            detail,
        )
    }

    /// A recipe with mistakes.
    pub(super) fn refused(drafted: &CompiledRecipe) -> Problem {
        let mut problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid-recipe",
            "The recipe has mistakes",
            "nothing was queued; the diagnostics say what is wrong, where, and what to do",
        );
        problem.diagnostics = Some(vidc_dsl::render::json(
            &drafted.compilation.diagnostics,
            &drafted.sources,
        ));
        problem
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, kind, title) = match error.kind() {
            ErrorKind::InvalidRecipe => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-recipe",
                "The recipe has mistakes",
            ),
            ErrorKind::Usage => (
                StatusCode::BAD_REQUEST,
                "bad-request",
                "The request asks for something that cannot be",
            ),
            ErrorKind::Environment => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Something the service needs does not answer",
            ),
            ErrorKind::RenderFailed | ErrorKind::Internal | ErrorKind::Interrupted => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "The service has failed",
            ),
        };
        Problem::new(status, kind, title, error.to_string())
    }
}

impl From<vidc_engine::Error> for Problem {
    fn from(error: vidc_engine::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        Error::from(error).into()
    }
}

impl From<vidc_service::blobs::BlobError> for Problem {
    fn from(error: vidc_service::blobs::BlobError) -> Self {
        use vidc_service::blobs::BlobError;
        match error {
            BlobError::TooLarge(limit) => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "It is too large",
                format!("at most {limit} bytes are taken"),
            ),
            BlobError::Rejected(detail) => Problem::conflict(detail),
            BlobError::Interrupted(error) => Problem::bad_request(error.to_string()),
            other => Error::from(other).into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(status = self.status, detail = self.detail, "request failed");
        }
        let wait = match (self.wait, status) {
            (Some(wait), _) => Some(wait),
            (None, StatusCode::SERVICE_UNAVAILABLE) => Some(Duration::from_secs(5)),
            (None, StatusCode::TOO_MANY_REQUESTS) => Some(Duration::from_secs(30)),
            _ => None,
        };
        let mut response = (status, Json(self)).into_response();
        let problem = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, problem);
        if status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        if let Some(wait) = wait {
            // In whole seconds (RFC 9110, section 10.2.3), and not too early.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
