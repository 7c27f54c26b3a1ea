//! `/v1/tasks/{id}/events`: task progress as server-sent events.
//!
//! Each event is the current state of the task, and its ID is the task's version. A client that reconnects with
//! `Last-Event-ID` therefore misses nothing: the next event supersedes those it has not received.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{StreamExt as _, stream};
use vidc_service::requests::TaskWithOutputs;
use vidc_service::store::model::TaskId;

use super::auth::Caller;
use super::extract::Path;
use super::problem::Problem;
use super::responses::Task;
use super::state::AppState;

const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// Tells nginx not to buffer the stream.
const NO_BUFFERING: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// Follows a task as server-sent events until it ends
#[utoipa::path(
    get, path = "/v1/tasks/{id}/events", operation_id = "followTask", tag = "Tasks",
    params(
        ("id" = TaskId, Path, description = "ID of the task"),
        ("Last-Event-ID" = Option<String>, Header, description = "ID of the last event received, to resume a stream"),
    ),
    responses((status = 200, description = "Events named `task` whose data is the task", body = String,
        content_type = "text/event-stream")),
)]
pub(super) async fn follow(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let last_event_id = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let version = last_event_id.and_then(|value| value.parse().ok()).unwrap_or(0);
    let watcher = state.service.watch_task(&caller.tenant, id, version).await?;
    let mut shutdown = state.shutdown;
    let events = stream::unfold(watcher, |mut watcher| async {
        // An error ends the stream, and the client reconnects.
        let task = watcher.next().await.ok()??;
        Some((Ok::<_, Infallible>(event(task)?), watcher))
    });
    let events = events.take_until(Box::pin(async move { shutdown.cancelled().await }));
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_INTERVAL));
    Ok(([NO_BUFFERING], events))
}

fn event(task: TaskWithOutputs) -> Option<Event> {
    let version = task.task.version;
    Event::default()
        .event("task")
        .id(version.to_string())
        .json_data(Task::from(task))
        .ok()
}
