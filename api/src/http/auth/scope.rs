//! Scopes of keys and access tokens.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A permission of a key or access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// Read tasks, assets and outputs.
    Read,
    /// Create, cancel and delete tasks and assets.
    Write,
    /// Create, list and revoke the tenant's keys, and read its webhook secret.
    Keys,
    /// Create keys for other tenants.
    Admin,
}

impl Scope {
    /// All scopes.
    pub(crate) const ALL: [Scope; 4] = [Scope::Read, Scope::Write, Scope::Keys, Scope::Admin];

    /// The name in keys and tokens.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Keys => "keys",
            Scope::Admin => "admin",
        }
    }

    /// What the scope permits, for the OpenAPI document.
    pub(in crate::http) fn description(self) -> &'static str {
        match self {
            Scope::Read => "Read tasks, assets and outputs",
            Scope::Write => "Create, cancel and delete tasks and assets",
            Scope::Keys => "Create, list and revoke the tenant's keys, and read its webhook secret",
            Scope::Admin => "Create keys for other tenants",
        }
    }

    /// Parses a space-separated list (RFC 6749, section 3.3). Unknown names are ignored: they grant nothing.
    pub(in crate::http) fn parse_list(list: &str) -> Vec<Scope> {
        list.split(' ').filter_map(|name| name.parse().ok()).collect()
    }

    /// Formats a space-separated list.
    pub(crate) fn format_list(scopes: &[Scope]) -> String {
        let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        names.join(" ")
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scope = Scope::ALL.into_iter().find(|scope| scope.name() == text);
        scope.ok_or_else(|| format!("unknown scope `{text}`: the scopes are read, write, keys and admin"))
    }
}
