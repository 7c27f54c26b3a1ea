//! Assets: files that tasks read.

use jiff::Timestamp;

use super::ids::AssetId;
use super::tenant::Tenant;

/// An uploaded or fetched file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// The tenant that owns it.
    pub tenant: Tenant,
    /// The tenant's name for it.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// The URL that it was fetched from.
    pub source: Option<String>,
    /// The blob with its content.
    pub blob: String,
    /// The store's id of the unfinished multipart upload; `None` once the content is stored.
    pub upload: Option<String>,
    /// Size in bytes; `None` until the content is stored.
    pub bytes: Option<i64>,
    /// SHA-256 of the content in hexadecimal digits; `None` until the content is stored.
    pub hash: Option<String>,
    /// The time at which it was created.
    pub created_at: Timestamp,
    /// The time at which it is deleted.
    pub expires_at: Timestamp,
}
