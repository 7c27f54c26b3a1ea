//! A recipe as a stream that is rendered when a player asks for it: HTTP Live Streaming (RFC 8216), on this machine
//! only.

mod segments;
mod show;

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

use segments::Segments;
pub(crate) use show::Show;

type Shown = watch::Receiver<Arc<Show>>;

#[derive(Clone)]
struct Session {
    shown: Shown,
    segments: Arc<Segments>,
}

/// The preview, listening.
pub(crate) struct Preview {
    listener: TcpListener,
    address: SocketAddr,
    session: Session,
}

impl Preview {
    /// Listens on loopback.
    pub(crate) async fn open(port: u16, tools: Tools, shown: Shown) -> Result<Preview, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listen = Error::io("listen on", address.to_string());
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let listen = Error::io("listen on", address.to_string());
        Ok(Preview {
            address: listener.local_addr().map_err(listen)?,
            listener,
            session: Session {
                shown,
                segments: Arc::new(Segments::open(tools)?),
            },
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers for ever.
    pub(crate) async fn answer(self) -> Result<(), Error> {
        let router = Router::new()
            .route("/", get(|| async { Html(include_str!("page.html")) }))
            .route("/events", get(events))
            .route("/stream.m3u8", get(newest))
            .route("/{version}/stream.m3u8", get(playlist))
            .route("/{version}/{segment}", get(segment))
            .layer(axum::middleware::from_fn(only_here))
            .with_state(self.session);
        let served = axum::serve(self.listener, router).await;
        served.map_err(Error::io("listen on", self.address.to_string()))
    }
}

/// Refuses pages of other sites that had a browser look here by a name of theirs (DNS rebinding).
async fn only_here(
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

fn told(show: &Show) -> Value {
    json!({
        "version": show.version,
        "picture": show.picture.as_ref().map(|picture| picture.version),
        "output": show.picture.as_ref().map(|picture| &picture.output),
        "told": show.told,
    })
}

/// What is shown, now and whenever it changes.
async fn events(State(session): State<Session>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let shows = WatchStream::new(session.shown).filter(|show| std::future::ready(show.version > 0));
    let events = shows.map(|show| Ok(Event::default().data(told(&show).to_string())));
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Leads players that are told one address to what is shown now.
async fn newest(State(session): State<Session>) -> Response {
    let show = session.shown.borrow().clone();
    match &show.picture {
        Some(picture) => Redirect::temporary(&format!("/{}/stream.m3u8", picture.version)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn playlist(State(session): State<Session>, Path(version): Path<u64>) -> Response {
    let show = session.shown.borrow().clone();
    match show.picture_of(version) {
        Some(picture) => {
            let kind = [(header::CONTENT_TYPE, "application/vnd.apple.mpegurl")];
            (kind, picture.playlist()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn segment(State(session): State<Session>, Path((version, name)): Path<(u64, String)>) -> Response {
    let show = session.shown.borrow().clone();
    let number = name.strip_suffix(".ts").and_then(|number| number.parse().ok());
    let (Some(picture), Some(number)) = (show.picture_of(version), number) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match session.segments.get(picture, number).await {
        Ok(Some(bytes)) => ([(header::CONTENT_TYPE, "video/mp2t")], bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            let problem = Json(json!({ "detail": error.to_string() }));
            (StatusCode::INTERNAL_SERVER_ERROR, problem).into_response()
        }
    }
}
