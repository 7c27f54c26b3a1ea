//! Temporary directories that are deleted when they are dropped.

use tempfile::TempDir;
use vidc_engine::Error;

/// Creates a temporary directory whose name starts with a prefix.
pub(crate) fn create(prefix: &str) -> Result<TempDir, Error> {
    tempfile::Builder::new()
        .prefix(prefix)
        .tempdir()
        .map_err(Error::io("make a directory in", std::env::temp_dir()))
}
