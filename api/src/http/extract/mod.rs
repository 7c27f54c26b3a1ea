//! Extractors that answer malformed input with a problem document instead of axum's plain text.

mod body;
mod path;
mod query;

pub(super) use body::Body;
pub(super) use path::Path;
pub(super) use query::Query;
