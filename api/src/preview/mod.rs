//! A local HTTP server that previews a recipe as an HTTP Live Streaming (RFC 8216) stream, rendering segments on
//! demand.

mod segments;
mod state;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::{Stream, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use vidc_engine::{Error, Tools};

use segments::SegmentCache;
pub(crate) use state::PreviewState;

type StateReceiver = watch::Receiver<Arc<PreviewState>>;

/// State shared by all handlers.
#[derive(Clone)]
struct AppState {
    preview: StateReceiver,
    segments: Arc<SegmentCache>,
}

/// A preview server bound to the loopback interface.
pub(crate) struct PreviewServer {
    listener: TcpListener,
    address: SocketAddr,
    state: AppState,
}

impl PreviewServer {
    /// Binds a port on the loopback interface.
    pub(crate) async fn bind(
        port: u16,
        tools: Tools,
        preview: StateReceiver,
    ) -> Result<PreviewServer, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let cannot_listen = || Error::io("listen on", address.to_string());
        let listener = TcpListener::bind(address).await.map_err(cannot_listen())?;
        Ok(PreviewServer {
            address: listener.local_addr().map_err(cannot_listen())?,
            listener,
            state: AppState {
                preview,
                segments: Arc::new(SegmentCache::new(tools)?),
            },
        })
    }

    /// The address it is bound to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves requests until the future is dropped.
    pub(crate) async fn serve(self) -> Result<(), Error> {
        let router = Router::new()
            .route("/", get(|| async { Html(include_str!("page.html")) }))
            .route("/events", get(events))
            .route("/stream.m3u8", get(current_playlist))
            .route("/{version}/stream.m3u8", get(playlist))
            .route("/{version}/{segment}", get(segment))
            .layer(axum::middleware::from_fn(require_loopback_host))
            .with_state(self.state);
        let served = axum::serve(self.listener, router).await;
        served.map_err(Error::io("listen on", self.address.to_string()))
    }
}

/// Rejects requests whose `Host` is not loopback, which protects against DNS rebinding.
async fn require_loopback_host(
    headers: HeaderMap,
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    match ["127.0.0.1", "localhost"].contains(&name) {
        true => next.run(request).await,
        false => StatusCode::FORBIDDEN.into_response(),
    }
}

fn event_data(state: &PreviewState) -> Value {
    json!({
        "version": state.version,
        "stream": state.stream.as_ref().map(|stream| stream.version),
        "output": state.stream.as_ref().map(|stream| &stream.output),
        "message": state.message,
    })
}

/// Sends the state, now and after each change, as server-sent events.
async fn events(State(state): State<AppState>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let states = WatchStream::new(state.preview).filter(|state| std::future::ready(state.version > 0));
    let events = states.map(|state| Ok(Event::default().data(event_data(&state).to_string())));
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Redirects to the playlist of the current stream, for players that are given a fixed URL.
async fn current_playlist(State(state): State<AppState>) -> Response {
    let preview = state.preview.borrow().clone();
    match &preview.stream {
        Some(stream) => Redirect::temporary(&format!("/{}/stream.m3u8", stream.version)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn playlist(State(state): State<AppState>, Path(version): Path<u64>) -> Response {
    let preview = state.preview.borrow().clone();
    match preview.stream_at(version) {
        Some(stream) => {
            let content_type = [(header::CONTENT_TYPE, "application/vnd.apple.mpegurl")];
            (content_type, stream.playlist()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn segment(State(state): State<AppState>, Path((version, name)): Path<(u64, String)>) -> Response {
    let preview = state.preview.borrow().clone();
    let number = name.strip_suffix(".ts").and_then(|number| number.parse().ok());
    let (Some(stream), Some(number)) = (preview.stream_at(version), number) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match state.segments.get(stream, number).await {
        Ok(Some(bytes)) => ([(header::CONTENT_TYPE, "video/mp2t")], bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            let body = Json(json!({ "detail": error.to_string() }));
            (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
        }
    }
}
