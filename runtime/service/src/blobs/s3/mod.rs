//! A blob store in a bucket of an S3-compatible store.

mod client;
mod multipart;
mod presigner;
mod resumable_read;
mod settings;
mod store;

pub(crate) use client::S3Client;
pub use settings::S3Settings;
pub use store::S3Store;
