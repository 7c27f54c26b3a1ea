//! JSON bodies, whose mistakes are answered as problems.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use crate::http::problem::Problem;

/// Far more than any of them needs.
const AT_MOST: usize = 8 << 20;

/// What a JSON body holds.
#[derive(Debug)]
pub(in crate::http) struct Body<T>(pub(in crate::http) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = to_bytes(request.into_body(), AT_MOST).await.map_err(|_| {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "It is too large",
                format!("a JSON body has at most {AT_MOST} bytes"),
            )
        })?;
        serde_json::from_slice(&bytes).map(Body).map_err(|error| {
            Problem::bad_request(format!("the body is not the JSON that is expected: {error}"))
        })
    }
}
