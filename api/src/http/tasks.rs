//! `/v1/compile` and `/v1/tasks`: compiling recipes, and creating, showing, listing, cancelling, retrying and deleting
//! tasks.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vidc_compiler::cost::{Estimate, StageEstimate};
use vidc_compiler::plan::Plan;
use vidc_dsl::render::JsonDiagnostic;
use vidc_service::requests::{Submission, SubmitRequest};
use vidc_service::store::model::{Status, TaskId};
use vidc_service::store::{IdempotencyKey, TaskFilter};

use super::auth::Caller;
use super::extract::{Path, Query};
use super::problem::Problem;
use super::recipe_request::{RecipeForm, RecipeRequest, TaskRequest};
use super::responses::{Task, TaskWithHistory, Tasks};
use super::state::AppState;

/// Default number of tasks on a page.
const DEFAULT_PAGE_SIZE: i64 = 50;
const MAX_PAGE_SIZE: i64 = 200;

/// A compiled recipe.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Compiled {
    /// Warnings and notes.
    diagnostics: Vec<JsonDiagnostic>,
    /// The compiler's decisions and their reasons, as text.
    explanation: String,
    /// The plan. Its format may change between versions.
    #[schema(value_type = Object)]
    plan: Plan,
    /// The estimated cost of the plan.
    #[schema(value_type = EstimateSchema)]
    estimate: Estimate,
}

/// The estimated cost of a plan. The actual cost may be half or twice as high.
#[derive(ToSchema)]
#[schema(as = Estimate)]
#[expect(dead_code, reason = "documents a type of the compiler")]
struct EstimateSchema {
    /// Whether the estimate is based on measurements of the server's machine.
    measured: bool,
    /// Wall-clock seconds on the server's machine.
    wall: f64,
    /// CPU seconds.
    cpu: f64,
    /// Total size of the outputs in bytes.
    bytes: u64,
    /// The cost of each stage of the plan. Its format may change between versions.
    #[schema(value_type = Vec<Object>)]
    stages: Vec<StageEstimate>,
}

/// Compiles a recipe without rendering it
///
/// Returns the diagnostics, the plan and its estimated cost. No task is created.
#[utoipa::path(
    post, path = "/v1/compile", operation_id = "compileRecipe", tag = "Tasks",
    request_body(content((String = "text/x-vidc"), (String = "application/yaml"),
        (TaskRequest = "application/json"), (RecipeForm = "multipart/form-data"))),
    responses(
        (status = 200, description = "The recipe is valid", body = Compiled),
        (status = 415, description = "The media type of the request is not supported"),
        (status = 422, description = "The recipe has errors; see `diagnostics`"),
    ),
)]
pub(super) async fn compile(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<Json<Compiled>, Problem> {
    let request = RecipeRequest::read(&state, &caller.tenant, request).await?;
    let recipe = state
        .service
        .compile_recipe(
            &caller.tenant,
            &request.name,
            request.syntax,
            &request.recipe,
            &request.job,
            0,
        )
        .await?;
    let Some(compiled) = recipe.without_errors() else {
        return Err(Problem::invalid_recipe(&recipe));
    };
    Ok(Json(Compiled {
        diagnostics: vidc_dsl::render::json(&recipe.compilation.diagnostics, &recipe.sources),
        explanation: compiled.explanation.clone(),
        plan: compiled.plan.clone(),
        estimate: compiled.estimate.clone(),
    }))
}

/// Submits a recipe for rendering
#[utoipa::path(
    post, path = "/v1/tasks", operation_id = "createTask", tag = "Tasks",
    params(("Idempotency-Key" = Option<String>, Header,
        description = "Makes retries safe: a repeated request with the same key returns the task of the first one")),
    request_body(content((String = "text/x-vidc"), (String = "application/yaml"),
        (TaskRequest = "application/json"), (RecipeForm = "multipart/form-data"))),
    responses(
        (status = 202, description = "The task was created", body = Task,
            headers(("location" = String, description = "Path of the task"))),
        (status = 200, description = "The task is already completed, or was created by an earlier request with the same \
            `Idempotency-Key`", body = Task, headers(("location" = String, description = "Path of the task"))),
        (status = 409, description = "The upload of a referenced asset is not complete"),
        (status = 415, description = "The media type of the request is not supported"),
        (status = 422, description = "The recipe has errors (see `diagnostics`), or the `Idempotency-Key` was used for a \
            different request"),
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
        .map(|key| key.to_str().map(ToOwned::to_owned))
        .transpose()
        .map_err(|_| Problem::bad_request("`Idempotency-Key` must be printable ASCII"))?;
    let request = RecipeRequest::read(&state, &caller.tenant, request).await?;
    if let Some(url) = &request.webhook {
        let checked = state.service.check_webhook_url(url);
        checked.map_err(|reason| Problem::bad_request(format!("`webhook`: {reason}")))?;
    }
    let idempotency_key = key.map(|key| IdempotencyKey {
        key,
        fingerprint: request.fingerprint(),
    });
    let request = SubmitRequest {
        tenant: caller.tenant,
        name: request.name,
        syntax: request.syntax,
        recipe: request.recipe,
        job: request.job,
        priority: request.priority,
        webhook_url: request.webhook,
        idempotency_key,
    };
    let (status, task) = match state.service.submit(request).await? {
        Submission::Invalid(recipe) => return Err(Problem::invalid_recipe(&recipe)),
        Submission::Created(created) if created.task.status == Status::Completed => (StatusCode::OK, created),
        Submission::Created(created) => (StatusCode::ACCEPTED, created),
        Submission::Repeated(repeated) => (StatusCode::OK, repeated),
        Submission::IdempotencyKeyReused => {
            return Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "Idempotency key reused",
                "the `Idempotency-Key` was used for a different request; choose another key",
            ));
        }
        Submission::QueueFull { limit } => {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "queue-full",
                "Too many unfinished tasks",
                format!("the limit is {limit} pending and processing tasks; wait until some have finished"),
            ));
        }
    };
    let location = [(header::LOCATION, format!("/v1/tasks/{}", task.task.id))];
    Ok((status, location, Json(Task::from(task))).into_response())
}

/// Shows a task with its outputs and status history
#[utoipa::path(
    get, path = "/v1/tasks/{id}", operation_id = "showTask", tag = "Tasks",
    params(("id" = TaskId, Path, description = "ID of the task")),
    responses((status = 200, description = "The task", body = TaskWithHistory)),
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<Json<TaskWithHistory>, Problem> {
    let task = state.service.show_task(&caller.tenant, id).await?;
    Ok(Json(TaskWithHistory {
        task: task.into(),
        transitions: state.service.task_history(&caller.tenant, id).await?,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// List only tasks in this status.
    status: Option<Status>,
    /// `next` of the previous page.
    cursor: Option<TaskId>,
    /// Maximum number of tasks on the page. Defaults to 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Lists tasks, newest first
#[utoipa::path(
    get, path = "/v1/tasks", operation_id = "listTasks", tag = "Tasks",
    params(ListQuery),
    responses((status = 200, description = "A page of tasks", body = Tasks)),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Tasks>, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_PAGE_SIZE);
    if !(1..=MAX_PAGE_SIZE).contains(&limit) {
        return Err(Problem::bad_request(format!(
            "`limit` is {limit}; it must be between 1 and {MAX_PAGE_SIZE}"
        )));
    }
    let filter = TaskFilter {
        status: query.status,
        before: query.cursor,
    };
    let page = state.service.list_tasks(&caller.tenant, &filter, limit).await?;
    Ok(Json(page.into()))
}

/// Cancels a pending or processing task
#[utoipa::path(
    post, path = "/v1/tasks/{id}/cancel", operation_id = "cancelTask", tag = "Tasks",
    params(("id" = TaskId, Path, description = "ID of the task")),
    responses(
        (status = 202, description = "The task was cancelled, or its worker will stop shortly", body = Task),
        (status = 409, description = "The task has already ended"),
    ),
)]
pub(super) async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<(StatusCode, Json<Task>), Problem> {
    let task = state.service.cancel_task(&caller.tenant, id).await?;
    Ok((StatusCode::ACCEPTED, Json(task.into())))
}

/// Retries a failed or cancelled task
#[utoipa::path(
    post, path = "/v1/tasks/{id}/retry", operation_id = "retryTask", tag = "Tasks",
    params(("id" = TaskId, Path, description = "ID of the task")),
    responses(
        (status = 202, description = "The task is pending again", body = Task),
        (status = 409, description = "The task has neither failed nor been cancelled"),
    ),
)]
pub(super) async fn retry(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<(StatusCode, Json<Task>), Problem> {
    let task = state.service.retry_task(&caller.tenant, id).await?;
    Ok((StatusCode::ACCEPTED, Json(task.into())))
}

/// Deletes a finished task and its outputs
#[utoipa::path(
    delete, path = "/v1/tasks/{id}", operation_id = "deleteTask", tag = "Tasks",
    params(("id" = TaskId, Path, description = "ID of the task")),
    responses(
        (status = 204, description = "The task was deleted"),
        (status = 409, description = "The task has not ended"),
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
) -> Result<StatusCode, Problem> {
    state.service.delete_task(&caller.tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// Number of bytes to skip at the start of the log.
    #[serde(default)]
    from: usize,
}

/// Reads the FFmpeg log of all attempts of a task
#[utoipa::path(
    get, path = "/v1/tasks/{id}/logs", operation_id = "readLog", tag = "Tasks",
    params(("id" = TaskId, Path, description = "ID of the task"), LogQuery),
    responses((status = 200, description = "The log so far", body = String, content_type = "text/plain")),
)]
pub(super) async fn logs(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TaskId>,
    Query(query): Query<LogQuery>,
) -> Result<String, Problem> {
    let mut log = state.service.task_log(&caller.tenant, id).await?;
    // An offset beyond the end or inside a character selects nothing.
    let start = if log.is_char_boundary(query.from) {
        query.from
    } else {
        log.len()
    };
    log.drain(..start);
    Ok(log)
}
