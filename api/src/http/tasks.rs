//! Tasks: making, finding, cancelling, retrying and deleting them.

use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use vidc_runtime::bus::Hint;
use vidc_runtime::service::{Order, Submitted};
use vidc_runtime::store::model::{Output, Status, Task, TaskId};
use vidc_runtime::store::{Creation, Filter, Idempotency};

use super::House;
use super::auth::Caller;
use super::path::Named;
use super::problem::Problem;
use super::recipes;

/// Tasks on a page unless the client asks for fewer or more.
const PAGE: i64 = 50;
const MAX_PAGE: i64 = 200;

/// A task as clients see it.
pub(super) async fn shown(house: &House, task: &Task) -> Result<Value, Problem> {
    let outputs = match task.status {
        Status::Completed => house.service.store.outputs(task.id).await?,
        _ => Vec::new(),
    };
    let output = |output: &Output| {
        json!({
            "name": output.name,
            "media_type": output.media_type,
            "bytes": output.bytes,
            "sha256": output.hash,
            "url": format!("/v1/tasks/{}/outputs/{}", task.id, output.name),
        })
    };
    Ok(json!({
        "id": task.id,
        "status": task.status,
        "name": task.name,
        "priority": task.priority,
        "percent": task.percent,
        "stage": task.stage,
        "attempt": task.attempt,
        "cancel_requested_at": task.cancel_requested_at,
        "cached_from": task.cached_from,
        "failure": task.failure,
        "outputs": outputs.iter().map(output).collect::<Vec<_>>(),
        "created_at": task.created_at,
        "started_at": task.started_at,
        "finished_at": task.finished_at,
        "expires_at": task.expires_at,
        "version": task.version,
    }))
}

/// `POST /v1/compile`: everything but the rendering.
pub(super) async fn compile(
    State(house): State<House>,
    caller: Caller,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let wish = recipes::read(&house, &caller.tenant, request).await?;
    let drafted = house
        .service
        .draft(&caller.tenant, &wish.name, wish.syntax, &wish.recipe, &wish.job)
        .await?;
    let Some(compiled) = drafted.accepted() else {
        return Err(Problem::refused(&drafted));
    };
    Ok(Json(json!({
        "diagnostics": vidc_dsl::render::json(&drafted.draft.diagnostics, &drafted.sources),
        "explanation": compiled.explanation,
        "plan": compiled.plan,
    })))
}

/// `POST /v1/tasks`
pub(super) async fn create(
    State(house): State<House>,
    caller: Caller,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let key = headers
        .get("idempotency-key")
        .map(|key| key.to_str().map(ToOwned::to_owned));
    let key = key
        .transpose()
        .map_err(|_| Problem::bad_request("the Idempotency-Key is not printable ASCII"))?;
    let wish = recipes::read(&house, &caller.tenant, request).await?;
    if let Some(url) = &wish.webhook {
        let checked = house.service.outside.allowed().check(url);
        checked.map_err(|reason| Problem::bad_request(format!("`webhook`: {reason}")))?;
    }
    let idempotency = key.map(|key| Idempotency {
        key,
        fingerprint: wish.fingerprint(),
    });
    let order = Order {
        tenant: caller.tenant,
        name: wish.name,
        syntax: wish.syntax,
        recipe: wish.recipe,
        job: wish.job,
        priority: wish.priority,
        webhook: wish.webhook,
        idempotency,
    };
    let creation = match house.service.submit(order).await? {
        Submitted::Refused(drafted) => return Err(Problem::refused(&drafted)),
        Submitted::Taken(creation) => creation,
    };
    let (status, task) = match creation {
        Creation::Created(task) if task.status == Status::Completed => (StatusCode::OK, task),
        Creation::Created(task) => (StatusCode::ACCEPTED, task),
        Creation::Repeated(task) => (StatusCode::OK, task),
        Creation::KeyTaken => {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The Idempotency-Key belongs to another request",
                "send the request that was sent with it before, or another key",
            ));
        }
        Creation::QueueFull => {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "queue-full",
                "Too many tasks are unfinished",
                format!(
                    "at most {} tasks may be pending or processing; wait for some of them",
                    house.service.settings.unfinished_allowed
                ),
            ));
        }
    };
    let location = [(header::LOCATION, format!("/v1/tasks/{}", task.id))];
    Ok((status, location, Json(shown(&house, &task).await?)).into_response())
}

/// A tenant's task, or the problem that there is none.
pub(super) async fn find(house: &House, caller: &Caller, id: TaskId) -> Result<Task, Problem> {
    let task = house.service.store.task(&caller.tenant, id).await?;
    task.ok_or_else(|| Problem::not_found("task"))
}

/// `GET /v1/tasks/{id}`
pub(super) async fn show(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<TaskId>,
) -> Result<Json<Value>, Problem> {
    let task = find(&house, &caller, id).await?;
    let mut value = shown(&house, &task).await?;
    value["transitions"] = json!(house.service.store.transitions(id, 0).await?);
    Ok(Json(value))
}

#[derive(Debug, Deserialize)]
pub(super) struct Page {
    status: Option<String>,
    cursor: Option<TaskId>,
    limit: Option<i64>,
}

/// `GET /v1/tasks`: the newest first.
pub(super) async fn list(
    State(house): State<House>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<Value>, Problem> {
    let limit = page.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::bad_request(format!("`limit` is from 1 to {MAX_PAGE}")));
    }
    let status = page.status.map(|status| status.parse()).transpose();
    let filter = Filter {
        status: status.map_err(Problem::bad_request)?,
        before: page.cursor,
    };
    let tasks = house.service.store.tasks(&caller.tenant, &filter, limit).await?;
    let mut items = Vec::new();
    for task in &tasks {
        items.push(shown(&house, task).await?);
    }
    // A full page may have been the last; then the next one is empty.
    let last = tasks.last().filter(|_| tasks.len() as i64 == limit);
    Ok(Json(json!({ "tasks": items, "next": last.map(|task| task.id) })))
}

/// `POST /v1/tasks/{id}/cancel`
pub(super) async fn cancel(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<TaskId>,
) -> Result<Response, Problem> {
    let (service, tenant) = (&house.service, &caller.tenant);
    if service
        .store
        .cancel(tenant, id, service.settings.retention)
        .await?
        .is_none()
    {
        let task = find(&house, &caller, id).await?;
        return Err(Problem::conflict(format!(
            "the task is {} already",
            task.status.name()
        )));
    }
    service.bus.publish(Hint::Cancel(id)).await;
    service.bus.publish(Hint::Changed(id)).await;
    let task = find(&house, &caller, id).await?;
    Ok((StatusCode::ACCEPTED, Json(shown(&house, &task).await?)).into_response())
}

/// `POST /v1/tasks/{id}/retry`
pub(super) async fn retry(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<TaskId>,
) -> Result<Response, Problem> {
    let retried = house.service.store.retry(&caller.tenant, id).await?;
    let task = find(&house, &caller, id).await?;
    if !retried {
        let detail = format!(
            "the task is {}; only failed and cancelled ones are retried",
            task.status.name()
        );
        return Err(Problem::conflict(detail));
    }
    house.service.announce(id).await;
    Ok((StatusCode::ACCEPTED, Json(shown(&house, &task).await?)).into_response())
}

/// `DELETE /v1/tasks/{id}`
pub(super) async fn delete(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<TaskId>,
) -> Result<StatusCode, Problem> {
    if house.service.store.delete(&caller.tenant, id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let task = find(&house, &caller, id).await?;
    Err(Problem::conflict(format!(
        "the task is {}; cancel it first",
        task.status.name()
    )))
}

#[derive(Debug, Deserialize)]
pub(super) struct Part {
    /// In bytes.
    #[serde(default)]
    from: usize,
}

/// `GET /v1/tasks/{id}/logs`: what FFmpeg said, attempt by attempt.
pub(super) async fn logs(
    State(house): State<House>,
    caller: Caller,
    Named(id): Named<TaskId>,
    Query(part): Query<Part>,
) -> Result<String, Problem> {
    find(&house, &caller, id).await?;
    let (mut text, mut after) = (String::new(), (0, -1));
    loop {
        let chunks = house.service.store.log(id, after).await?;
        let Some(last) = chunks.last() else {
            // Within a character, whoever asks has counted wrongly.
            return Ok(text
                .split_at_checked(part.from)
                .map_or("", |(_, rest)| rest)
                .to_owned());
        };
        for chunk in &chunks {
            if chunk.attempt != after.0 {
                text.push_str(&format!("## attempt {}\n", chunk.attempt));
            }
            after = (chunk.attempt, chunk.seq);
            text.push_str(&chunk.lines);
        }
        after = (last.attempt, last.seq);
    }
}
