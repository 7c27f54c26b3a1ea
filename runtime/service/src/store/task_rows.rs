//! Reading task rows, and recording changes of their status.

use super::database::{DatabaseError, Row, Statement, Value};
use super::model::{Priority, Task, TaskId, Tenant};

/// The columns of a task, in the order in which [`task`] reads them.
macro_rules! columns {
    () => {
        "id, tenant, status, priority, name, syntax, recipe, job, plan_key, cached_from, webhook, attempt, \
         attempts_allowed, worker, cancel_requested_at, percent, stage, failure, created_at, started_at, finished_at, \
         expires_at, version"
    };
}
pub(super) use columns;

/// Reads a task from a row of its columns.
pub(super) fn task(row: Row) -> Result<Task, DatabaseError> {
    let mut fields = row.fields();
    Ok(Task {
        id: fields.parsed()?,
        tenant: Tenant(fields.text()?),
        status: fields.parsed()?,
        priority: Priority::try_from(fields.int()?).map_err(DatabaseError::Rejected)?,
        name: fields.text()?,
        syntax: fields.text()?,
        recipe: fields.text()?,
        job: fields.json()?,
        plan_key: fields.text()?,
        cached_from: fields.optional_text()?.and_then(|id| id.parse().ok()),
        webhook_url: fields.optional_text()?,
        attempt: fields.int()?,
        max_attempts: fields.int()?,
        worker: fields.optional_text()?,
        cancel_requested_at: fields.optional_time()?,
        percent: fields.int()?,
        stage: fields.optional_text()?,
        failure: fields
            .optional_text()?
            .and_then(|failure| serde_json::from_str(&failure).ok()),
        created_at: fields.time()?,
        started_at: fields.optional_time()?,
        finished_at: fields.optional_time()?,
        expires_at: fields.optional_time()?,
        version: fields.int()?,
    })
}

/// Records the current status of a task in its history.
pub(super) fn transition(id: TaskId, reason: impl Into<Value>) -> Statement {
    Statement {
        sql: "insert into transitions (task, version, at, status, attempt, reason)
              select id, version, vidc_now(), status, attempt, cast($2 as text) from tasks where id = $1",
        args: vec![id.into(), reason.into()],
    }
}
