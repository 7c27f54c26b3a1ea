//! What the store keeps: tasks, assets, keys, and what belongs to them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vidc_compiler::PassId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one, which sorts after those made before (UUID version 7, RFC 9562).
            pub fn generate() -> Self {
                $name(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }

        impl From<$name> for super::database::Value {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    };
}

id!(
    /// Names a task.
    TaskId
);
id!(
    /// Names an asset.
    AssetId
);
id!(
    /// Names an API key.
    KeyId
);
id!(
    /// Names a webhook's delivery.
    DeliveryId
);

/// Whose something is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tenant(pub String);

impl Tenant {
    /// A tenant of that name, which must be 1 to 64 letters, digits, `-`, `_` and `.` of ASCII, and not begin with a dot:
    /// it is a part of the names of its bytes.
    pub fn parse(name: &str) -> Option<Tenant> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let good = (1..=64).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(fits);
        good.then(|| Tenant(name.to_owned()))
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a task is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waiting for a worker.
    Pending,
    /// A worker holds its lease.
    Processing,
    /// Its outputs are there.
    Completed,
    /// It was given up; it may be retried.
    Failed,
    /// Somebody cancelled it; it may be retried.
    Cancelled,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 5] = [
        Status::Pending,
        Status::Processing,
        Status::Completed,
        Status::Failed,
        Status::Cancelled,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Processing => "processing",
            Status::Completed => "completed",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    /// Whether nothing happens any more unless somebody asks for it.
    pub fn is_final(self) -> bool {
        matches!(self, Status::Completed | Status::Failed | Status::Cancelled)
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Status::ALL.into_iter().find(|status| status.name() == text);
        found.ok_or_else(|| {
            format!("`{text}` is not a status; they are pending, processing, completed, failed, cancelled")
        })
    }
}

/// How soon a task is wanted: 1 is soonest, 10 latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(minimum = 1, maximum = 10)
)]
#[serde(try_from = "i64", into = "i64")]
pub struct Priority(i64);

impl Priority {
    /// In the middle.
    pub const NORMAL: Priority = Priority(5);

    /// The class it is queued in.
    pub fn class(self) -> Class {
        match self.0 {
            ..=3 => Class::High,
            4..=7 => Class::Normal,
            _ => Class::Low,
        }
    }
}

impl TryFrom<i64> for Priority {
    type Error = String;

    fn try_from(value: i64) -> Result<Self, String> {
        match (1..=10).contains(&value) {
            true => Ok(Priority(value)),
            false => Err(format!(
                "a priority is from 1 (soonest) to 10 (latest), not {value}"
            )),
        }
    }
}

impl From<Priority> for i64 {
    fn from(priority: Priority) -> i64 {
        priority.0
    }
}

/// The classes of the ready queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Priorities 1 to 3.
    High,
    /// Priorities 4 to 7.
    Normal,
    /// Priorities 8 to 10.
    Low,
}

impl Class {
    /// Every class, the most urgent first.
    pub const ALL: [Class; 3] = [Class::High, Class::Normal, Class::Low];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Class::High => "high",
            Class::Normal => "normal",
            Class::Low => "low",
        }
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Class::ALL.into_iter().find(|class| class.name() == text);
        found.ok_or_else(|| format!("`{text}` is not a class"))
    }
}

/// What is bound to a recipe, and how it is compiled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Values of parameters.
    #[serde(default)]
    pub params: BTreeMap<String, serde_json::Value>,
    /// Names bound to declared inputs.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// The assets that stand for the names of media in the recipe and its bindings.
    #[serde(default)]
    pub assets: BTreeMap<String, AssetId>,
    /// Passes not to run.
    #[serde(default)]
    pub without_passes: Vec<PassId>,
}

/// A task to be made.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Its name.
    pub id: TaskId,
    /// Whose it is.
    pub tenant: Tenant,
    /// How soon it is wanted.
    pub priority: Priority,
    /// What the recipe is called in messages.
    pub name: String,
    /// `vidc` or `yaml`.
    pub syntax: String,
    /// The recipe's text.
    pub recipe: String,
    /// What is bound to it.
    pub job: Job,
    /// What identifies its results: tasks of one tenant with equal keys have equal results.
    pub plan_key: String,
    /// Who is told when it ends.
    pub webhook: Option<String>,
}

/// Why a task failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Failure))]
pub struct TaskFailure {
    /// The kind, as problems name it, such as `render-failed`.
    pub kind: String,
    /// What happened, where, and what to do.
    pub message: String,
}

/// A task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its name.
    pub id: TaskId,
    /// Whose it is.
    pub tenant: Tenant,
    /// Where it is in its life.
    pub status: Status,
    /// How soon it is wanted.
    pub priority: Priority,
    /// What the recipe is called in messages.
    pub name: String,
    /// `vidc` or `yaml`.
    pub syntax: String,
    /// The recipe's text.
    pub recipe: String,
    /// What is bound to it.
    pub job: Job,
    /// What identifies its results.
    pub plan_key: String,
    /// The task whose outputs it was answered with.
    pub cached_from: Option<TaskId>,
    /// Who is told when it ends.
    pub webhook: Option<String>,
    /// How often it was claimed; also the fencing token of the last claim.
    pub attempt: i64,
    /// Up to how many claims it may come before it fails.
    pub attempts_allowed: i64,
    /// Who claimed it last.
    pub worker: Option<String>,
    /// Whether somebody has asked for it to stop.
    pub cancel_requested_at: Option<Timestamp>,
    /// How far it is, 0 to 100.
    pub percent: i64,
    /// What is being done.
    pub stage: Option<String>,
    /// Why it failed, or what its last attempt failed of.
    pub failure: Option<TaskFailure>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it was last claimed.
    pub started_at: Option<Timestamp>,
    /// When it came to an end.
    pub finished_at: Option<Timestamp>,
    /// When it and its outputs are deleted.
    pub expires_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

/// A change of a task's status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transition {
    /// The task's version from then on.
    pub version: i64,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// To what.
    pub status: Status,
    /// In which attempt.
    pub attempt: i64,
    /// Why.
    pub reason: String,
}

/// A file that a task made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The name the recipe gives it.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size.
    pub bytes: i64,
    /// SHA-256 of its content, hexadecimal.
    pub hash: String,
    /// Where its bytes are.
    pub blob: String,
}

/// A piece of a task's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogChunk {
    /// The attempt that wrote it.
    pub attempt: i64,
    /// Its place in the attempt, from 0.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Lines, each with its end.
    pub lines: String,
}

/// A file that a tenant gave us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its name in addresses.
    pub id: AssetId,
    /// Whose it is.
    pub tenant: Tenant,
    /// What the tenant calls it.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// The URL it was fetched from.
    pub source: Option<String>,
    /// Where its bytes are.
    pub blob: String,
    /// The upload under way; none once the bytes are there.
    pub upload: Option<String>,
    /// Its size, once known.
    pub bytes: Option<i64>,
    /// SHA-256 of its content, hexadecimal, once known.
    pub hash: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is deleted.
    pub expires_at: Timestamp,
}

/// A credential of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its public part.
    pub id: KeyId,
    /// Whose it is.
    pub tenant: Tenant,
    /// What the tenant calls it.
    pub name: String,
    /// SHA-256 of the secret part, hexadecimal.
    pub hash: String,
    /// What it may do, separated by spaces.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A webhook call that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its name, the same at every try.
    pub id: DeliveryId,
    /// Whose task it tells of.
    pub tenant: Tenant,
    /// The task.
    pub task: TaskId,
    /// Where to.
    pub url: String,
    /// What is sent.
    pub body: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was received.
    pub delivered_at: Option<Timestamp>,
    /// When it was given up.
    pub gave_up_at: Option<Timestamp>,
    /// What came of the last try.
    pub answer: Option<String>,
}
