//! The HTTP server: binding, TLS and graceful shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use vidc_engine::Cancel;
use vidc_service::Error;
use vidc_service::service::Service;

use super::auth::issuers::{IssuerSettings, Issuers};
use super::limits::Limits;
use super::router::{api_router, health_router};
use super::state::AppState;
use super::tls::Certificate;

/// Time for requests in progress to finish after shutdown begins.
const GRACE_PERIOD: Duration = Duration::from_secs(20);

/// Configuration of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerConfig {
    pub(crate) limits: Limits,
    /// Issuers whose access tokens are accepted in addition to the service's own.
    pub(crate) issuers: Vec<IssuerSettings>,
    /// Certificate for HTTPS; without one the server speaks plain HTTP.
    pub(crate) certificate: Option<Certificate>,
}

/// An HTTP server bound to an address.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: AppState,
    certificate: Option<Certificate>,
}

impl Server {
    /// Binds an address. Requests wait until the server is run.
    pub(crate) async fn bind(
        address: SocketAddr,
        service: Arc<Service>,
        config: ServerConfig,
        shutdown: Cancel,
    ) -> Result<Server, Error> {
        let ServerConfig {
            limits,
            issuers,
            certificate,
        } = config;
        let listener = TcpListener::bind(address).await.map_err(cannot_listen(address))?;
        Ok(Server {
            address: listener.local_addr().map_err(cannot_listen(address))?,
            listener,
            certificate,
            state: AppState {
                service,
                access_tokens: Arc::default(),
                issuers: Arc::new(Issuers::new(issuers)?),
                shutdown,
                request_permits: Arc::new(Semaphore::new(limits.concurrent_requests)),
                limits: Arc::new(limits),
                metrics: Arc::default(),
            },
        })
    }

    /// The server's URL.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.certificate.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// Serves the API until shutdown, then finishes the requests in progress.
    pub(crate) async fn serve(self) -> Result<(), Error> {
        let router = api_router(self.state.clone());
        self.serve_router(router).await
    }

    /// Serves only health checks and metrics.
    pub(crate) async fn serve_health(self) -> Result<(), Error> {
        let router = health_router().split_for_parts().0.with_state(self.state.clone());
        self.serve_router(router).await
    }

    async fn serve_router(self, router: Router) -> Result<(), Error> {
        let mut shutdown = self.state.shutdown;
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let Some(certificate) = self.certificate else {
            return axum::serve(self.listener, service)
                .with_graceful_shutdown(async move { shutdown.cancelled().await })
                .await
                .map_err(cannot_listen(self.address));
        };
        let handle = axum_server::Handle::new();
        let listener = self.listener.into_std().map_err(cannot_listen(self.address))?;
        let server = axum_server::from_tcp_rustls(listener, certificate.load_and_watch().await?)
            .map_err(cannot_listen(self.address))?
            .handle(handle.clone());
        tokio::spawn(async move {
            shutdown.cancelled().await;
            handle.graceful_shutdown(Some(GRACE_PERIOD));
        });
        server.serve(service).await.map_err(cannot_listen(self.address))
    }
}

fn cannot_listen(address: SocketAddr) -> impl FnOnce(std::io::Error) -> Error {
    move |source| vidc_engine::Error::io("listen on", address.to_string())(source).into()
}
