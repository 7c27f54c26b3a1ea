//! The variable parts of a route.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::House;
use super::problem::Problem;

/// What a path names; one that is not even well-formed names nothing.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<House> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, house).await {
            Ok(Path(named)) => Ok(Named(named)),
            Err(_) => Err(Problem::not_found("page")),
        }
    }
}
