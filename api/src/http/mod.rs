//! The HTTP face: routes, each of which calls one function of the service below it.

mod assets;
pub(crate) mod auth;
mod body;
mod events;
mod keys;
pub(crate) mod limits;
mod outputs;
mod path;
pub(crate) mod preview;
mod problem;
mod recipes;
mod tasks;
mod uploads;
mod watch;
mod webhooks;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use vidc_runtime::service::Service;
use vidc_runtime::{Cancel, Error};

use limits::Limits;
use problem::Problem;
use watch::Figures;

/// What every handler may use.
#[derive(Clone, Debug)]
struct House {
    service: Arc<Service>,
    /// Tells streams to end, so that shutting down does not wait for their readers.
    stop: Cancel,
    limits: Arc<Limits>,
    /// One for each request in progress.
    places: Arc<Semaphore>,
    figures: Arc<Figures>,
}

/// What machines ask: neither counted nor noted.
fn plain(house: House) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(watch::metrics))
        .with_state(house)
}

fn router(house: House) -> Router {
    Router::new()
        .route("/v1/compile", post(tasks::compile))
        .route("/v1/tasks", post(tasks::create).get(tasks::list))
        .route("/v1/tasks/{id}", get(tasks::show).delete(tasks::delete))
        .route("/v1/tasks/{id}/cancel", post(tasks::cancel))
        .route("/v1/tasks/{id}/retry", post(tasks::retry))
        .route("/v1/tasks/{id}/logs", get(tasks::logs))
        .route("/v1/tasks/{id}/events", get(events::follow))
        .route("/v1/tasks/{id}/outputs/{*name}", get(outputs::download))
        .route("/v1/assets", post(assets::create))
        .route("/v1/assets/{id}", get(assets::show).delete(assets::delete))
        .route("/v1/uploads", post(uploads::begin))
        .route("/v1/uploads/{id}/complete", post(uploads::complete))
        .route("/v1/tasks/{id}/deliveries", get(webhooks::list))
        .route(
            "/v1/tasks/{id}/deliveries/{delivery}/redeliver",
            post(webhooks::redeliver),
        )
        .route("/v1/webhook-secret", get(webhooks::secret))
        .route("/v1/keys", post(keys::create).get(keys::list))
        .route("/v1/keys/{id}", delete(keys::revoke))
        .fallback(|| async { Problem::not_found("page") })
        // What a handler reads it limits itself: a recipe is small, an upload may be large.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(house.clone(), limits::admit))
        .layer(from_fn_with_state(house.clone(), watch::note))
        .with_state(house.clone())
        .merge(plain(house))
}

/// Ready means that the database answers and the disks have room; FFmpeg was found when the service started.
async fn ready(State(house): State<House>) -> Result<&'static str, (StatusCode, String)> {
    let not = |reason: String| (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n"));
    house
        .service
        .store
        .ping()
        .await
        .map_err(|error| not(error.to_string()))?;
    house
        .service
        .room
        .lacking()
        .map_or(Ok("ready\n"), |lacking| Err(not(lacking)))
}

/// The HTTP face of a service, listening.
#[derive(Debug)]
pub(crate) struct Face {
    listener: TcpListener,
    address: SocketAddr,
    house: House,
}

impl Face {
    /// Listens; answers nobody yet.
    pub(crate) async fn open(
        address: SocketAddr,
        service: Arc<Service>,
        limits: Limits,
        stop: Cancel,
    ) -> Result<Face, Error> {
        let listener = TcpListener::bind(address).await.map_err(cannot_listen(address))?;
        Ok(Face {
            address: listener.local_addr().map_err(cannot_listen(address))?,
            listener,
            house: House {
                service,
                stop,
                places: Arc::new(Semaphore::new(limits.concurrent)),
                limits: Arc::new(limits),
                figures: Arc::default(),
            },
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until told to stop, and then what has been asked before.
    pub(crate) async fn answer(self) -> Result<(), Error> {
        let router = router(self.house.clone());
        self.answer_by(router).await
    }

    /// Tells only how this process is.
    pub(crate) async fn tell(self) -> Result<(), Error> {
        let router = plain(self.house.clone());
        self.answer_by(router).await
    }

    async fn answer_by(self, router: Router) -> Result<(), Error> {
        let mut stop = self.house.stop;
        axum::serve(
            self.listener,
            router.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .await
        .map_err(cannot_listen(self.address))
    }
}

fn cannot_listen(address: SocketAddr) -> impl FnOnce(std::io::Error) -> Error {
    move |source| Error::Io {
        action: "listen at",
        path: address.to_string().into(),
        source,
    }
}
