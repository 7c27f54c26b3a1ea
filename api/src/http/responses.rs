//! What clients see of tasks, assets, keys and deliveries.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use vidc_service::store::model::{
    self, AssetId, DeliveryId, KeyId, Priority, Status, TaskFailure, TaskId, Tenant, Transition,
};

use super::AppState;
use super::auth::{Scope, scopes};
use super::problem::Problem;

/// A recipe that was accepted, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Task {
    id: TaskId,
    status: Status,
    /// The recipe's name in messages.
    name: String,
    #[schema(value_type = i64, minimum = 1, maximum = 10)]
    priority: Priority,
    /// How far it is.
    #[schema(minimum = 0, maximum = 100)]
    percent: i64,
    /// What is being done.
    stage: Option<String>,
    /// How often it was begun.
    attempt: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    cancel_requested_at: Option<Timestamp>,
    /// The task that made the same before.
    cached_from: Option<TaskId>,
    /// Why it failed, or why its last attempt did.
    failure: Option<TaskFailure>,
    /// There are some once it is completed.
    outputs: Vec<Output>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// When it and its outputs are deleted.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Grows with every change.
    version: i64,
}

/// A file that a task made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Output {
    /// As the recipe has it.
    name: String,
    media_type: String,
    bytes: i64,
    /// Hexadecimal.
    sha256: String,
    /// Where it is downloaded.
    url: String,
}

impl Task {
    pub(super) async fn of(state: &AppState, task: &model::Task) -> Result<Task, Problem> {
        let outputs = match task.status {
            Status::Completed => state.service.store.outputs(task.id).await?,
            _ => Vec::new(),
        };
        let output = |output: model::Output| Output {
            url: format!("/v1/tasks/{}/outputs/{}", task.id, output.name),
            name: output.name,
            media_type: output.media_type,
            bytes: output.bytes,
            sha256: output.hash,
        };
        Ok(Task {
            id: task.id,
            status: task.status,
            name: task.name.clone(),
            priority: task.priority,
            percent: task.percent,
            stage: task.stage.clone(),
            attempt: task.attempt,
            cancel_requested_at: task.cancel_requested_at,
            cached_from: task.cached_from,
            failure: task.failure.clone(),
            outputs: outputs.into_iter().map(output).collect(),
            created_at: task.created_at,
            started_at: task.started_at,
            finished_at: task.finished_at,
            expires_at: task.expires_at,
            version: task.version,
        })
    }
}

/// A task with its history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskWithHistory {
    #[serde(flatten)]
    pub(super) task: Task,
    /// Every change of its status.
    pub(super) transitions: Vec<Transition>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tasks {
    /// The newest first.
    pub(super) tasks: Vec<Task>,
    /// The `cursor` of the next page, if there may be one.
    pub(super) next: Option<TaskId>,
}

/// A file for recipes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Asset {
    id: AssetId,
    name: String,
    media_type: String,
    /// Whether its bytes are there.
    uploaded: bool,
    bytes: Option<i64>,
    /// Hexadecimal.
    sha256: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it is deleted.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<model::Asset> for Asset {
    fn from(asset: model::Asset) -> Asset {
        Asset {
            id: asset.id,
            name: asset.name,
            media_type: asset.media_type,
            uploaded: asset.bytes.is_some(),
            bytes: asset.bytes,
            sha256: asset.hash,
            created_at: asset.created_at,
            expires_at: asset.expires_at,
        }
    }
}

/// An API key, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Key {
    id: KeyId,
    #[schema(value_type = String)]
    tenant: Tenant,
    name: String,
    scopes: Vec<Scope>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

impl From<model::Key> for Key {
    fn from(key: model::Key) -> Key {
        Key {
            id: key.id,
            tenant: key.tenant,
            name: key.name,
            scopes: scopes(&key.scopes),
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// A webhook call.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Delivery {
    id: DeliveryId,
    url: String,
    /// How often it was tried.
    attempts: i64,
    /// What came of the last try.
    answer: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    gave_up_at: Option<Timestamp>,
}

impl From<model::Delivery> for Delivery {
    fn from(delivery: model::Delivery) -> Delivery {
        Delivery {
            id: delivery.id,
            url: delivery.url,
            attempts: delivery.attempts,
            answer: delivery.answer,
            created_at: delivery.created_at,
            delivered_at: delivery.delivered_at,
            gave_up_at: delivery.gave_up_at,
        }
    }
}
