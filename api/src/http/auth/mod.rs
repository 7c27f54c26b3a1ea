//! Authentication by API keys and access tokens, and authorization by scopes.

mod caller;
pub(super) mod guard;
pub(crate) mod issuers;
mod scope;
pub(super) mod tokens;

pub(super) use caller::Caller;
pub(crate) use scope::Scope;
