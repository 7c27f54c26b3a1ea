//! The HTTP face. So far it only says whether it is alive; the service's routes will stand beside this.

use std::net::SocketAddr;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;

/// The routes.
fn router() -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
}

/// Ready means that FFmpeg is found: without it no recipe can be rendered here.
async fn ready() -> (StatusCode, String) {
    match vidc_runtime::Tools::find() {
        Ok(_) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")),
    }
}

/// Answers at an address, once `listening` has been told which one it is, until `stop` comes.
pub(crate) async fn serve(
    address: SocketAddr,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    listening(listener.local_addr()?);
    axum::serve(listener, router()).with_graceful_shutdown(stop).await
}
