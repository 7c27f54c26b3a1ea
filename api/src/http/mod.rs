//! The HTTP face: routes, each of which calls one function of the service below it.

mod assets;
pub(crate) mod auth;
mod events;
mod extract;
mod keys;
pub(crate) mod limits;
mod oauth;
mod openapi;
mod outputs;
mod problem;
mod recipes;
mod responses;
mod tasks;
mod telemetry;
pub(crate) mod tls;
mod uploads;
mod validate;
mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vidc_engine::Cancel;
use vidc_service::Error;
use vidc_service::service::Service;

use auth::issuers::{IssuerSettings, Issuers};
use auth::tokens::Tokens;
use limits::Limits;
use problem::Problem;
use telemetry::HttpMetrics;
use tls::Certificate;

/// How a face is to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerConfig {
    pub(crate) limits: Limits,
    /// Whose tokens are believed beside our own.
    pub(crate) issuers: Vec<IssuerSettings>,
    /// With one it speaks HTTPS only.
    pub(crate) certificate: Option<Certificate>,
}

/// After it was told to stop, how long requests that are being answered may still take.
const GRACE: Duration = Duration::from_secs(20);

/// What every handler may use.
#[derive(Clone, Debug)]
struct AppState {
    service: Arc<Service>,
    /// Tells streams to end, so that shutting down does not wait for their readers.
    stop: Cancel,
    limits: Arc<Limits>,
    /// One for each request in progress.
    places: Arc<Semaphore>,
    http_metrics: Arc<HttpMetrics>,
    tokens: Arc<Tokens>,
    issuers: Arc<Issuers>,
}

/// What machines ask: neither counted nor noted.
fn plain() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::base_document())
        .routes(routes!(alive))
        .routes(routes!(ready))
        .routes(routes!(telemetry::metrics))
}

fn router(state: AppState) -> Router {
    let (plain, mut document) = plain().split_for_parts();
    let (routes, told) = OpenApiRouter::new()
        .routes(routes!(tasks::compile))
        .routes(routes!(tasks::create, tasks::list))
        .routes(routes!(tasks::show, tasks::delete))
        .routes(routes!(tasks::cancel))
        .routes(routes!(tasks::retry))
        .routes(routes!(tasks::logs))
        .routes(routes!(events::follow))
        .routes(routes!(outputs::download))
        .routes(routes!(assets::create))
        .routes(routes!(assets::show, assets::delete))
        .routes(routes!(uploads::begin))
        .routes(routes!(uploads::complete))
        .routes(routes!(webhooks::list))
        .routes(routes!(webhooks::redeliver))
        .routes(routes!(webhooks::secret))
        .routes(routes!(oauth::token))
        .routes(routes!(keys::create, keys::list))
        .routes(routes!(keys::revoke))
        .split_for_parts();
    document.merge(told);
    routes
        .fallback(|| async { Problem::not_found("page") })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        // What a handler reads it limits itself: a recipe is small, an upload may be large.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(state.clone(), limits::admit))
        .layer(from_fn_with_state(state.clone(), telemetry::note))
        .merge(plain)
        .merge(openapi::docs_router(document))
        .with_state(state)
}

/// Whether the process runs
#[utoipa::path(
    get, path = "/livez", operation_id = "live", tag = "Service",
    security(()),
    responses((status = 200, description = "It does", body = String)),
)]
async fn alive() -> &'static str {
    "alive\n"
}

/// Whether the database answers and the disks have room
// FFmpeg was found when the service started.
#[utoipa::path(
    get, path = "/readyz", operation_id = "ready", tag = "Service",
    security(()),
    responses(
        (status = 200, description = "They do", body = String),
        (status = 503, description = "What does not", body = String),
    ),
)]
async fn ready(State(state): State<AppState>) -> Result<&'static str, (StatusCode, String)> {
    let not = |reason: String| (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n"));
    state
        .service
        .store
        .ping()
        .await
        .map_err(|error| not(error.to_string()))?;
    state
        .service
        .disk_guard
        .shortage()
        .map_or(Ok("ready\n"), |lacking| Err(not(lacking)))
}

/// The HTTP face of a service, listening.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: AppState,
    certificate: Option<Certificate>,
}

impl Server {
    /// Listens; answers nobody yet.
    pub(crate) async fn bind(
        address: SocketAddr,
        service: Arc<Service>,
        config: ServerConfig,
        stop: Cancel,
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
                tokens: Arc::default(),
                issuers: Arc::new(Issuers::new(issuers)?),
                stop,
                places: Arc::new(Semaphore::new(limits.concurrent)),
                limits: Arc::new(limits),
                http_metrics: Arc::default(),
            },
        })
    }

    /// Where it listens, as a URL.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.certificate.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// Answers until told to stop, and then what has been asked before.
    pub(crate) async fn serve(self) -> Result<(), Error> {
        let router = router(self.state.clone());
        self.serve_router(router).await
    }

    /// Tells only how this process is.
    pub(crate) async fn serve_health(self) -> Result<(), Error> {
        let router = plain().split_for_parts().0.with_state(self.state.clone());
        self.serve_router(router).await
    }

    async fn serve_router(self, router: Router) -> Result<(), Error> {
        let mut stop = self.state.stop;
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let Some(certificate) = self.certificate else {
            return axum::serve(self.listener, service)
                .with_graceful_shutdown(async move { stop.cancelled().await })
                .await
                .map_err(cannot_listen(self.address));
        };
        let handle = axum_server::Handle::new();
        let listener = self.listener.into_std().map_err(cannot_listen(self.address))?;
        let server = axum_server::from_tcp_rustls(listener, certificate.watched().await?)
            .map_err(cannot_listen(self.address))?
            .handle(handle.clone());
        tokio::spawn(async move {
            stop.cancelled().await;
            handle.graceful_shutdown(Some(GRACE));
        });
        server.serve(service).await.map_err(cannot_listen(self.address))
    }
}

fn cannot_listen(address: SocketAddr) -> impl FnOnce(std::io::Error) -> Error {
    move |source| vidc_engine::Error::io("listen on", address.to_string())(source).into()
}
