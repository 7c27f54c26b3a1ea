//! Tenants, which share a service without seeing each other's tasks and assets.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tenant(pub String);

impl Tenant {
    /// Parses a tenant's name: 1 to 64 ASCII letters, digits, `-`, `_` and `.`, the first of which is no dot. The name
    /// is part of the names of the tenant's blobs.
    pub fn parse(name: &str) -> Option<Tenant> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_valid =
            (1..=64).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(is_allowed);
        is_valid.then(|| Tenant(name.to_owned()))
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
