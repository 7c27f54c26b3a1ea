//! The S3 client, and its errors in terms of the blob store.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use super::settings::S3Settings;
use crate::blobs::error::BlobError;
use crate::error::error_chain;

/// Longest time without a byte from the store.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A client of an S3-compatible store.
#[derive(Clone, Debug)]
pub(crate) struct S3Client(pub(super) Client);

impl S3Client {
    /// Creates a client for an endpoint, which may be another than the settings'.
    pub(crate) fn new(settings: &S3Settings, endpoint: Option<&String>) -> S3Client {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let credentials = Credentials::new(
            &settings.access_key_id,
            &settings.secret_access_key,
            None,
            None,
            "vidc",
        );
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            .force_path_style(settings.path_style)
            .http_client(http)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .read_timeout(READ_TIMEOUT)
                    .build(),
            )
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled()
                    .grace_period(READ_TIMEOUT)
                    .build(),
            )
            // Not every store supports the newer checksums. Blobs are identified by their SHA-256 anyway.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(endpoint) = endpoint {
            config = config.endpoint_url(endpoint);
        }
        S3Client(Client::from_conf(config.build()))
    }
}

/// Returns the store's message, or the reason for which there was no response.
pub(super) fn describe<E: std::error::Error + ProvideErrorMetadata + 'static>(error: &SdkError<E>) -> String {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        (Some(code), None) => code.to_owned(),
        (None, _) => error_chain(error),
    }
}

/// Reports a failed request.
pub(super) fn unavailable<E: std::error::Error + ProvideErrorMetadata + 'static>(
    error: SdkError<E>,
) -> BlobError {
    BlobError::Unavailable(describe(&error))
}
