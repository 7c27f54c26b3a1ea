//! Notifications and their encoding.

use crate::store::model::TaskId;

/// A change that processes may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notification {
    /// A task's row has changed.
    TaskChanged(TaskId),
    /// A client has requested that a task be cancelled.
    CancelRequested(TaskId),
    /// A task has parts that other workers may run.
    PartsOffered(TaskId),
}

impl Notification {
    pub(super) fn encode(self) -> String {
        match self {
            Notification::TaskChanged(task) => format!("changed {task}"),
            Notification::CancelRequested(task) => format!("cancel {task}"),
            Notification::PartsOffered(task) => format!("help {task}"),
        }
    }

    pub(super) fn decode(text: &str) -> Option<Notification> {
        let (kind, task) = text.split_once(' ')?;
        let task = task.parse().ok()?;
        match kind {
            "changed" => Some(Notification::TaskChanged(task)),
            "cancel" => Some(Notification::CancelRequested(task)),
            "help" => Some(Notification::PartsOffered(task)),
            _ => None,
        }
    }
}
