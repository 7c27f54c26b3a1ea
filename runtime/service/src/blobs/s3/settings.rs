//! Settings of an S3-compatible store.

use std::path::PathBuf;

/// A bucket, the store it is in, and the credentials for it.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// The store's URL, such as `https://s3.example.com`; by default, Amazon's in the region.
    pub endpoint: Option<String>,
    /// The URL at which clients reach the store, if it differs from `endpoint`.
    pub public_endpoint: Option<String>,
    /// The region; most stores other than Amazon's accept any.
    pub region: String,
    /// The bucket, which must exist.
    pub bucket: String,
    /// Prefix of every key.
    pub prefix: String,
    /// The public half of the credentials.
    pub access_key_id: String,
    /// The secret half of the credentials.
    pub secret_access_key: String,
    /// Whether URLs name the bucket in the path (`host/bucket/key`) rather than in the host name (`bucket.host/key`).
    pub path_style: bool,
    /// The directory for cached copies of blobs.
    pub cache_dir: PathBuf,
    /// Approximate maximum size of the cache in bytes.
    pub cache_bytes: u64,
}
