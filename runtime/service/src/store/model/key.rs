//! API keys.

use jiff::Timestamp;

use super::ids::KeyId;
use super::tenant::Tenant;

/// An API key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id, which is a public part of its text.
    pub id: KeyId,
    /// The tenant that owns it.
    pub tenant: Tenant,
    /// The tenant's name for it.
    pub name: String,
    /// SHA-256 of its secret in hexadecimal digits.
    pub hash: String,
    /// Names of its scopes, separated by spaces.
    pub scopes: String,
    /// The time at which it was created.
    pub created_at: Timestamp,
    /// The time from which it is rejected; `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
    /// The time at which it was revoked.
    pub revoked_at: Option<Timestamp>,
}
