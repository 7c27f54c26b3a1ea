//! Requests to servers that clients name: media downloads and webhooks.
//!
//! A client must not reach through the service what it cannot reach itself (server-side request forgery). Every host
//! name is resolved once, the addresses that are not public are dropped, and the connection is made to one of the
//! remaining addresses. Redirects are checked in the same way.

mod client;
mod download;
mod policy;
mod public_addresses;
mod s3_inputs;

pub use client::{Egress, client_builder, install_crypto_provider};
pub use download::{Download, DownloadError};
pub use policy::EgressPolicy;
pub use s3_inputs::S3Inputs;
