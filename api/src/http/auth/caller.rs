//! The authenticated sender of a request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vidc_service::store::model::Tenant;

use super::scope::Scope;
use crate::http::problem::Problem;

/// The authenticated sender of a request. An extractor for routes behind a [`Guard`](super::guard::Guard).
#[derive(Clone, Debug)]
pub(in crate::http) struct Caller {
    /// The tenant on whose behalf the caller acts.
    pub(in crate::http) tenant: Tenant,
    /// The scopes of its key or token.
    pub(super) scopes: Vec<Scope>,
    /// The name by which its requests are counted.
    pub(super) rate_limit_name: String,
}

impl Caller {
    /// Rejects a caller without a scope.
    pub(in crate::http) fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(Problem::forbidden(format!(
            "the key or token does not have the scope `{}`",
            scope.name()
        )))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned();
        // A route whose handler takes a caller must be behind a guard; failing closed makes a mistake harmless.
        caller.ok_or_else(|| vidc_engine::Error::Internal("the route states no scopes".to_owned()).into())
    }
}
