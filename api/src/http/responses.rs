//! Response bodies for tasks, assets, keys and webhook deliveries.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use vidc_service::requests::{TaskPage, TaskWithOutputs};
use vidc_service::store::model::{
    self, AssetId, DeliveryId, KeyId, Priority, Status, TaskFailure, TaskId, Tenant, Transition,
};

use super::auth::Scope;

/// A task: an accepted recipe and the state of its rendering.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Task {
    id: TaskId,
    status: Status,
    /// The recipe's name in diagnostics.
    name: String,
    /// From 1 (highest) to 10 (lowest).
    #[schema(value_type = i64, minimum = 1, maximum = 10)]
    priority: Priority,
    /// Progress in percent.
    #[schema(minimum = 0, maximum = 100)]
    percent: i64,
    /// The current stage of the plan.
    stage: Option<String>,
    /// Number of attempts started.
    attempt: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    cancel_requested_at: Option<Timestamp>,
    /// The earlier task whose outputs this one reuses.
    cached_from: Option<TaskId>,
    /// The failure of the task, or of its last attempt.
    failure: Option<TaskFailure>,
    /// Empty until the task is completed.
    outputs: Vec<Output>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
    /// When the task and its outputs are deleted.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Incremented with each change.
    version: i64,
}

/// A file that a task rendered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Output {
    /// The output's name in the recipe.
    name: String,
    media_type: String,
    bytes: i64,
    /// SHA-256 in hexadecimal.
    sha256: String,
    /// Path of the download.
    url: String,
}

impl From<TaskWithOutputs> for Task {
    fn from(TaskWithOutputs { task, outputs }: TaskWithOutputs) -> Task {
        let output = |output: model::Output| Output {
            url: format!("/v1/tasks/{}/outputs/{}", task.id, output.name),
            name: output.name,
            media_type: output.media_type,
            bytes: output.bytes,
            sha256: output.hash,
        };
        Task {
            id: task.id,
            status: task.status,
            outputs: outputs.into_iter().map(output).collect(),
            name: task.name,
            priority: task.priority,
            percent: task.percent,
            stage: task.stage,
            attempt: task.attempt,
            cancel_requested_at: task.cancel_requested_at,
            cached_from: task.cached_from,
            failure: task.failure,
            created_at: task.created_at,
            started_at: task.started_at,
            finished_at: task.finished_at,
            expires_at: task.expires_at,
            version: task.version,
        }
    }
}

/// A task with its status history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskWithHistory {
    #[serde(flatten)]
    pub(super) task: Task,
    /// All status changes, oldest first.
    pub(super) transitions: Vec<Transition>,
}

/// A page of tasks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tasks {
    /// Newest first.
    tasks: Vec<Task>,
    /// The `cursor` of the next page; null on the last page. The next page may be empty.
    next: Option<TaskId>,
}

impl From<TaskPage> for Tasks {
    fn from(page: TaskPage) -> Tasks {
        Tasks {
            tasks: page.tasks.into_iter().map(Into::into).collect(),
            next: page.next,
        }
    }
}

/// An uploaded or fetched media file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Asset {
    id: AssetId,
    name: String,
    media_type: String,
    /// Whether the upload is complete.
    uploaded: bool,
    bytes: Option<i64>,
    /// SHA-256 in hexadecimal.
    sha256: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When the asset is deleted.
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

/// The metadata of an API key.
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
            scopes: Scope::parse_list(&key.scopes),
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// A webhook delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Delivery {
    id: DeliveryId,
    url: String,
    /// Number of attempts made.
    attempts: i64,
    /// The response to the last attempt, or the error.
    answer: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
    /// When the service stopped retrying.
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
