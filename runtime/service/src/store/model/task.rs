//! Tasks and what belongs to them.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vidc_compiler::PassId;

use super::ids::{AssetId, TaskId};
use super::priority::Priority;
use super::tenant::Tenant;

/// The status of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waiting for a worker.
    Pending,
    /// A worker holds its lease.
    Processing,
    /// Its outputs can be downloaded.
    Completed,
    /// It failed, and can be retried.
    Failed,
    /// It was cancelled, and can be retried.
    Cancelled,
}

impl Status {
    /// All statuses.
    pub const ALL: [Status; 5] = [
        Status::Pending,
        Status::Processing,
        Status::Completed,
        Status::Failed,
        Status::Cancelled,
    ];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Processing => "processing",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    /// Whether the task has ended and stays so unless it is retried.
    pub fn is_final(self) -> bool {
        matches!(self, Status::Completed | Status::Failed | Status::Cancelled)
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Status::ALL.into_iter().find(|status| status.name() == text);
        found.ok_or_else(|| {
            format!("`{text}` is not a status; the statuses are pending, processing, completed, failed and cancelled")
        })
    }
}

/// A recipe's bindings and compiler options.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Values of parameters, by name.
    #[serde(default)]
    pub params: BTreeMap<String, serde_json::Value>,
    /// Names of media that declared inputs are bound to.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// Assets, by the names that the recipe and its bindings give them.
    #[serde(default)]
    pub assets: BTreeMap<String, AssetId>,
    /// Disabled passes.
    #[serde(default)]
    pub without_passes: Vec<PassId>,
}

/// A task to create.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Its id.
    pub id: TaskId,
    /// The tenant that owns it.
    pub tenant: Tenant,
    /// Its priority.
    pub priority: Priority,
    /// The recipe's name in messages.
    pub name: String,
    /// The recipe's syntax: `vidc` or `yaml`.
    pub syntax: String,
    /// The recipe's text.
    pub recipe: String,
    /// The recipe's bindings and compiler options.
    pub job: Job,
    /// Identifies its results: tasks of one tenant with equal keys have equal outputs.
    pub plan_key: String,
    /// The URL that is called when it ends.
    pub webhook_url: Option<String>,
}

/// The reason for which a task failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Failure))]
pub struct TaskFailure {
    /// The kind of failure, such as `render-failed`.
    pub kind: String,
    /// A description of the failure.
    pub message: String,
}

/// A task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The tenant that owns it.
    pub tenant: Tenant,
    /// Its status.
    pub status: Status,
    /// Its priority.
    pub priority: Priority,
    /// The recipe's name in messages.
    pub name: String,
    /// The recipe's syntax: `vidc` or `yaml`.
    pub syntax: String,
    /// The recipe's text.
    pub recipe: String,
    /// The recipe's bindings and compiler options.
    pub job: Job,
    /// Identifies its results.
    pub plan_key: String,
    /// The earlier task whose outputs it shares.
    pub cached_from: Option<TaskId>,
    /// The URL that is called when it ends.
    pub webhook_url: Option<String>,
    /// Number of claims; also the fencing token of the last one.
    pub attempt: i64,
    /// Number of claims after which it fails.
    pub max_attempts: i64,
    /// The worker that claimed it last.
    pub worker: Option<String>,
    /// The time at which a client requested its cancellation.
    pub cancel_requested_at: Option<Timestamp>,
    /// Progress in percent, 0 to 100.
    pub percent: i64,
    /// Title of the current stage.
    pub stage: Option<String>,
    /// The reason for which it, or its last attempt, failed.
    pub failure: Option<TaskFailure>,
    /// The time at which it was accepted.
    pub created_at: Timestamp,
    /// The time of the last claim.
    pub started_at: Option<Timestamp>,
    /// The time at which it ended.
    pub finished_at: Option<Timestamp>,
    /// The time at which it and its outputs are deleted.
    pub expires_at: Option<Timestamp>,
    /// Increases with every change.
    pub version: i64,
}

/// A claim of a task. Every write of a worker names both, so that writes of earlier claims are rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The task.
    pub task: TaskId,
    /// The number of the claim, which is the fencing token.
    pub attempt: i64,
}

/// A change of a task's status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transition {
    /// The task's version after the change.
    pub version: i64,
    /// The time of the change.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The new status.
    pub status: Status,
    /// The attempt during which it changed.
    pub attempt: i64,
    /// The reason for the change.
    pub reason: String,
}

/// A file that a task rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The name that the recipe gives it.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: i64,
    /// SHA-256 of the content in hexadecimal digits.
    pub hash: String,
    /// The blob with its content.
    pub blob: String,
}

/// Consecutive lines of a task's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogChunk {
    /// The attempt that wrote it.
    pub attempt: i64,
    /// Its position in the attempt, from 0.
    pub seq: i64,
    /// The time at which it was written.
    pub at: Timestamp,
    /// Lines, each with its line break.
    pub lines: String,
}
