//! Progress as server-sent events. An event is the task as it is now, and its identifier is the task's version: a
//! client that comes back with `Last-Event-ID` hears of whatever it has missed by hearing what is.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use vidc_service::bus::Notification;
use vidc_service::store::model::TaskId;

use super::AppState;
use super::auth::Caller;
use super::extract::Path;
use super::problem::Problem;
use super::responses::Task;
use super::tasks;

/// A hint may be lost; this is how long that goes unnoticed.
const LOOK: Duration = Duration::from_secs(2);
const COMMENT: Duration = Duration::from_secs(15);

/// Follows a task as server-sent events until it ends
#[utoipa::path(
    get, path = "/v1/tasks/{id}/events", operation_id = "followTask", tag = "Tasks",
    params(
        ("id" = TaskId, Path),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event heard of, after an interruption"),
    ),
    responses((status = 200, description = "Events named `task`, whose data are the task", body = String,
        content_type = "text/event-stream")),
)]
pub(super) async fn follow(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    tasks::find(&state, &caller, id).await?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let mut seen: i64 = last.and_then(|value| value.parse().ok()).unwrap_or(0);
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Event, Infallible>>(4);
    let mut hints = state.service.bus.subscribe();
    let mut stop = state.stop.clone();
    tokio::spawn(async move {
        loop {
            let Ok(task) = tasks::find(&state, &caller, id).await else {
                return;
            };
            if task.version > seen {
                seen = task.version;
                let Ok(shown) = Task::of(&state, &task).await else {
                    return;
                };
                let Ok(event) = Event::default()
                    .event("task")
                    .id(seen.to_string())
                    .json_data(shown)
                else {
                    return;
                };
                if sender.send(Ok(event)).await.is_err() {
                    return;
                }
            }
            if task.status.is_final() {
                return;
            }
            let hinted = async {
                // One that was missed is as good as one that was heard.
                while let Ok(hint) = hints.recv().await {
                    if hint == Notification::TaskChanged(id) {
                        return;
                    }
                }
            };
            tokio::select! {
                () = hinted => {}
                () = tokio::time::sleep(LOOK) => {}
                () = sender.closed() => return,
                () = stop.cancelled() => return,
            }
        }
    });
    let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut response = Sse::new(stream)
        .keep_alive(KeepAlive::new().interval(COMMENT))
        .into_response();
    // nginx would collect events otherwise.
    let unbuffered = (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response.headers_mut().insert(unbuffered.0, unbuffered.1);
    Ok(response)
}
