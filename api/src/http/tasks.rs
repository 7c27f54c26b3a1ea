//! Tasks: making, finding, cancelling, retrying and deleting them.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vidc_compiler::cost::{Estimate, StageEstimate};
use vidc_compiler::plan::Plan;
use vidc_dsl::render::JsonDiagnostic;
use vidc_service::bus::Notification;
use vidc_service::service::{Submission, SubmitRequest};
use vidc_service::store::model::{Status, Task, TaskId};
use vidc_service::store::{CreateOutcome, IdempotencyKey, TaskFilter};

use super::AppState;
use super::auth::Caller;
use super::extract::Path;
use super::extract::Query;
use super::problem::Problem;
use super::recipes::{self, Form, TaskRequest};
use super::responses;

/// Tasks on a page unless the client asks for fewer or more.
const PAGE: i64 = 50;
const MAX_PAGE: i64 = 200;

/// A recipe's plan.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Compiled {
    /// Warnings and notes.
    diagnostics: Vec<JsonDiagnostic>,
    /// What is read, what is changed and why, for people.
    explanation: String,
    /// The work, which may look different in another version.
    #[schema(value_type = Object)]
    plan: Plan,
    /// What the work is likely to take.
    #[schema(value_type = AcceptedTask)]
    estimate: Estimate,
}

/// What work is likely to take; half or twice as much is not unusual.
#[derive(ToSchema)]
#[schema(as = Estimate)]
#[expect(dead_code, reason = "describes a value that is shown as it is")]
struct AcceptedTask {
    /// Whether it is by figures that were measured on the server's machine.
    measured: bool,
    /// Seconds from beginning to end, on a machine like the server's.
    wall: f64,
    /// Seconds of processors' time.
    cpu: f64,
    /// Bytes of the outputs.
    bytes: u64,
    /// Likewise for each stage of the plan, which may look different in another version.
    #[schema(value_type = Vec<Object>)]
    stages: Vec<StageEstimate>,
}

/// Checks a recipe and shows its plan; makes nothing
#[utoipa::path(
    post, path = "/v1/compile", operation_id = "compileRecipe", tag = "Tasks",
    request_body(content((String = "text/x-vidc"), (String = "application/yaml"),
        (TaskRequest = "application/json"), (Form = "multipart/form-data"))),
    responses(
        (status = 200, description = "The recipe is good", body = Compiled),
        (status = 415, description = "A recipe has another content type"),
        (status = 422, description = "The recipe has mistakes"),
    ),
)]
pub(super) async fn compile(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<Json<Compiled>, Problem> {
    let recipe_request = recipes::read(&state, &caller.tenant, request).await?;
    let drafted = state
        .service
        .compile_recipe(
            &caller.tenant,
            &recipe_request.name,
            recipe_request.syntax,
            &recipe_request.recipe,
            &recipe_request.job,
            0,
        )
        .await?;
    let Some(compiled) = drafted.without_errors() else {
        return Err(Problem::refused(&drafted));
    };
    Ok(Json(Compiled {
        diagnostics: vidc_dsl::render::json(&drafted.compilation.diagnostics, &drafted.sources),
        explanation: compiled.explanation.clone(),
        plan: compiled.plan.clone(),
        estimate: compiled.estimate.clone(),
    }))
}

/// Has a recipe made
#[utoipa::path(
    post, path = "/v1/tasks", operation_id = "createTask", tag = "Tasks",
    params(("Idempotency-Key" = Option<String>, Header,
        description = "Makes it harmless to send the same request again: the answer is the task that the first made")),
    request_body(content((String = "text/x-vidc"), (String = "application/yaml"),
        (TaskRequest = "application/json"), (Form = "multipart/form-data"))),
    responses(
        (status = 202, description = "It is accepted", body = responses::Task,
            headers(("location" = String, description = "The task"))),
        (status = 200, description = "It is there already: made before, or asked for before with the same key",
            body = responses::Task, headers(("location" = String, description = "The task"))),
        (status = 409, description = "What it refers to is not finished"),
        (status = 415, description = "A recipe has another content type"),
        (status = 422, description = "The recipe has mistakes, or the Idempotency-Key belongs to another request"),
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
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
    let recipe_request = recipes::read(&state, &caller.tenant, request).await?;
    if let Some(url) = &recipe_request.webhook {
        let checked = state.service.egress.policy().check(url);
        checked.map_err(|reason| Problem::bad_request(format!("`webhook`: {reason}")))?;
    }
    let idempotency_key = key.map(|key| IdempotencyKey {
        key,
        fingerprint: recipe_request.fingerprint(),
    });
    let order = SubmitRequest {
        tenant: caller.tenant,
        name: recipe_request.name,
        syntax: recipe_request.syntax,
        recipe: recipe_request.recipe,
        job: recipe_request.job,
        priority: recipe_request.priority,
        webhook_url: recipe_request.webhook,
        idempotency_key,
    };
    let creation = match state.service.submit(order).await? {
        Submission::Invalid(drafted) => return Err(Problem::refused(&drafted)),
        Submission::Stored(creation) => creation,
    };
    let (status, task) = match creation {
        CreateOutcome::Created(task) if task.status == Status::Completed => (StatusCode::OK, task),
        CreateOutcome::Created(task) => (StatusCode::ACCEPTED, task),
        CreateOutcome::Repeated(task) => (StatusCode::OK, task),
        CreateOutcome::KeyReused => {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The Idempotency-Key belongs to another request",
                "send the request that was sent with it before, or another key",
            ));
        }
        CreateOutcome::QueueFull => {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "queue-full",
                "Too many tasks are unfinished",
                format!(
                    "at most {} tasks may be pending or processing; wait for some of them",
                    state.service.settings.max_unfinished_tasks
                ),
            ));
        }
    };
    let location = [(header::LOCATION, format!("/v1/tasks/{}", task.id))];
    Ok((status, location, Json(responses::Task::of(&state, &task).await?)).into_response())
}

/// A tenant's task, or the problem that there is none.
pub(super) async fn find(state: &AppState, caller: &Caller, id: TaskId) -> Result<Task, Problem> {
    let task = state.service.store.task(&caller.tenant, id).await?;
    task.ok_or_else(|| Problem::not_found("task"))
}

/// Shows a task, its outputs, and every change of its status
#[utoipa::path(
    get, path = "/v1/tasks/{id}", operation_id = "showTask", tag = "Tasks",
    params(("id" = TaskId, Path)),
    responses((status = 200, description = "The task", body = responses::TaskWithHistory)),
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<Json<responses::TaskWithHistory>, Problem> {
    let task = find(&state, &caller, id).await?;
    Ok(Json(responses::TaskWithHistory {
        task: responses::Task::of(&state, &task).await?,
        transitions: state.service.store.transitions(id, 0).await?,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Only tasks in this status.
    status: Option<Status>,
    /// `next` of the page before.
    cursor: Option<TaskId>,
    /// Tasks on a page, 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Lists tasks, the newest first
#[utoipa::path(
    get, path = "/v1/tasks", operation_id = "listTasks", tag = "Tasks",
    params(Page),
    responses((status = 200, description = "A page", body = responses::Tasks)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<responses::Tasks>, Problem> {
    let limit = page.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::bad_request(format!("`limit` is from 1 to {MAX_PAGE}")));
    }
    let filter = TaskFilter {
        status: page.status,
        before: page.cursor,
    };
    let tasks = state.service.store.tasks(&caller.tenant, &filter, limit).await?;
    let mut items = Vec::new();
    for task in &tasks {
        items.push(responses::Task::of(&state, task).await?);
    }
    // A full page may have been the last; then the next one is empty.
    let last = tasks.last().filter(|_| tasks.len() as i64 == limit);
    Ok(Json(responses::Tasks {
        tasks: items,
        next: last.map(|task| task.id),
    }))
}

/// Ends a pending or processing task
#[utoipa::path(
    post, path = "/v1/tasks/{id}/cancel", operation_id = "cancelTask", tag = "Tasks",
    params(("id" = TaskId, Path)),
    responses(
        (status = 202, description = "It ends", body = responses::Task),
        (status = 409, description = "It has ended already"),
    ),
)]
pub(super) async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<Response, Problem> {
    let (service, tenant) = (&state.service, &caller.tenant);
    if service
        .store
        .cancel_task(tenant, id, service.settings.retention)
        .await?
        .is_none()
    {
        let task = find(&state, &caller, id).await?;
        return Err(Problem::conflict(format!(
            "the task is {} already",
            task.status.name()
        )));
    }
    service.bus.publish(Notification::CancelRequested(id)).await;
    service.bus.publish(Notification::TaskChanged(id)).await;
    let task = find(&state, &caller, id).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(responses::Task::of(&state, &task).await?),
    )
        .into_response())
}

/// Makes a failed or cancelled task pending again
#[utoipa::path(
    post, path = "/v1/tasks/{id}/retry", operation_id = "retryTask", tag = "Tasks",
    params(("id" = TaskId, Path)),
    responses(
        (status = 202, description = "It is pending", body = responses::Task),
        (status = 409, description = "It has neither failed nor been cancelled"),
    ),
)]
pub(super) async fn retry(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<Response, Problem> {
    let retried = state.service.store.retry_task(&caller.tenant, id).await?;
    let task = find(&state, &caller, id).await?;
    if !retried {
        let detail = format!(
            "the task is {}; only failed and cancelled ones are retried",
            task.status.name()
        );
        return Err(Problem::conflict(detail));
    }
    state.service.announce(id).await;
    Ok((
        StatusCode::ACCEPTED,
        Json(responses::Task::of(&state, &task).await?),
    )
        .into_response())
}

/// Deletes a finished task and its outputs
#[utoipa::path(
    delete, path = "/v1/tasks/{id}", operation_id = "deleteTask", tag = "Tasks",
    params(("id" = TaskId, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 409, description = "It has not ended yet"),
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<StatusCode, Problem> {
    if state.service.store.delete_task(&caller.tenant, id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let task = find(&state, &caller, id).await?;
    Err(Problem::conflict(format!(
        "the task is {}; cancel it first",
        task.status.name()
    )))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// How many bytes are left out at the beginning.
    #[serde(default)]
    from: usize,
}

/// What FFmpeg said, attempt by attempt
#[utoipa::path(
    get, path = "/v1/tasks/{id}/logs", operation_id = "readLog", tag = "Tasks",
    params(("id" = TaskId, Path), Part),
    responses((status = 200, description = "The log so far", body = String, content_type = "text/plain")),
)]
pub(super) async fn logs(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
    Query(part): Query<Part>,
) -> Result<String, Problem> {
    find(&state, &caller, id).await?;
    let (mut text, mut after) = (String::new(), (0, -1));
    loop {
        let chunks = state.service.store.log_chunks(id, after).await?;
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
