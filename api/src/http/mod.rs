//! The HTTP face: routes, each of which calls one function of the service below it.

mod assets;
mod auth;
mod events;
mod outputs;
mod path;
mod problem;
mod recipes;
mod tasks;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use vidc_runtime::service::{Service, Settings};
use vidc_runtime::store::model::Tenant;
use vidc_runtime::{Cancel, Error, sweeper, worker};

use problem::Problem;

/// What every handler may use.
#[derive(Clone, Debug)]
struct House {
    service: Arc<Service>,
    /// Tells streams to end, so that shutting down does not wait for their readers.
    stop: Cancel,
}

fn router(house: House) -> Router {
    Router::new()
        .route("/v1/compile", post(tasks::compile))
        .route("/v1/tasks", post(tasks::create).get(tasks::list))
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/v1/tasks/{id}", get(tasks::show).delete(tasks::delete))
        .route("/v1/tasks/{id}/cancel", post(tasks::cancel))
        .route("/v1/tasks/{id}/retry", post(tasks::retry))
        .route("/v1/tasks/{id}/logs", get(tasks::logs))
        .route("/v1/tasks/{id}/events", get(events::follow))
        .route("/v1/tasks/{id}/outputs/{*name}", get(outputs::download))
        .route("/v1/assets", post(assets::create))
        .route("/v1/assets/{id}", get(assets::show).delete(assets::delete))
        .fallback(|| async { Problem::not_found("page") })
        // What a handler reads it limits itself: a recipe is small, an upload may be large.
        .layer(DefaultBodyLimit::disable())
        .with_state(house)
}

/// Ready means that the database answers; FFmpeg was found when the service started.
async fn ready(State(house): State<House>) -> Result<&'static str, (StatusCode, String)> {
    match house.service.store.ping().await {
        Ok(()) => Ok("ready\n"),
        Err(error) => Err((StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n"))),
    }
}

/// What a process that has started tells its user.
#[derive(Debug)]
pub(crate) struct Started {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// A key for this user.
    pub(crate) key: String,
}

/// Serves everything from one folder in one process, until `stop`: tasks under way are given back then.
pub(crate) async fn serve(
    address: SocketAddr,
    data: &Path,
    workers: usize,
    started: impl FnOnce(Started),
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let service = Arc::new(Service::embedded(data, Settings::default()).await?);
    let tenant = Tenant("local".to_owned());
    let key = auth::make_key(&service.store, &tenant, "printed at start").await?;
    let (canceller, cancel) = Cancel::new();
    let house = House {
        service: Arc::clone(&service),
        stop: cancel.clone(),
    };
    let cannot = |source| Error::Io {
        action: "listen at",
        path: address.to_string().into(),
        source,
    };
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    started(Started { address, key });

    let sweeping = {
        let (service, cancel) = (Arc::clone(&service), cancel.clone());
        tokio::spawn(async move { sweeper::sweep(&service, cancel).await })
    };
    let working = tokio::spawn(worker::work(Arc::clone(&service), workers, cancel.clone()));
    let mut stopping = cancel.clone();
    let answering = tokio::spawn(async move {
        axum::serve(listener, router(house))
            .with_graceful_shutdown(async move { stopping.cancelled().await })
            .await
    });
    stop.await;
    tracing::info!("shutting down");
    canceller.cancel();
    let (answered, ..) = tokio::join!(answering, working, sweeping);
    answered
        .map_err(|error| Error::Internal(format!("answering requests: {error}")))?
        .map_err(cannot)
}
