//! The state that handlers and middleware share.

use std::sync::Arc;

use tokio::sync::Semaphore;
use vidc_engine::Cancel;
use vidc_service::service::Service;

use super::auth::issuers::Issuers;
use super::auth::tokens::AccessTokens;
use super::limits::Limits;
use super::metrics::HttpMetrics;

/// State shared by all requests.
#[derive(Clone, Debug)]
pub(super) struct AppState {
    pub(super) service: Arc<Service>,
    /// Cancelled on shutdown, which ends event streams so that shutdown does not wait for their readers.
    pub(super) shutdown: Cancel,
    pub(super) limits: Arc<Limits>,
    /// One permit for each concurrent request.
    pub(super) request_permits: Arc<Semaphore>,
    pub(super) metrics: Arc<HttpMetrics>,
    pub(super) access_tokens: Arc<AccessTokens>,
    pub(super) issuers: Arc<Issuers>,
}
