//! Finding, listing, cancelling, retrying and deleting a tenant's tasks.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, sql};
use super::deliveries::enqueue_webhook;
use super::garbage::delete_task_rows;
use super::model::{Status, Task, TaskId, Tenant};
use super::parts::delete_parts_if_finished;
use super::task_rows::{columns, task, transition};

/// Number of claims after which a task fails.
pub(super) const MAX_ATTEMPTS: i64 = 3;
/// Waiting time that a step of priority is worth.
pub(super) const PRIORITY_STEP: Duration = Duration::from_secs(60);

/// Conditions on the tasks to list.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// Only tasks with this status.
    pub status: Option<Status>,
    /// Only tasks created before this one.
    pub before: Option<TaskId>,
}

impl Store {
    /// Returns a tenant's task.
    pub async fn task(&self, tenant: &Tenant, id: TaskId) -> Result<Option<Task>, DatabaseError> {
        let statement = sql!(
            concat!("select ", columns!(), " from tasks where id = $1 and tenant = $2"),
            id,
            &tenant.0
        );
        self.database.read(statement).await?.pop().map(task).transpose()
    }

    /// Lists a tenant's tasks, newest first.
    pub async fn tasks(
        &self,
        tenant: &Tenant,
        filter: &TaskFilter,
        limit: i64,
    ) -> Result<Vec<Task>, DatabaseError> {
        // Ids increase with time, so the largest possible id is a cursor before the newest task.
        let before = filter
            .before
            .map_or_else(|| uuid::Uuid::max().to_string(), |id| id.to_string());
        let statement = match filter.status {
            Some(status) => sql!(
                concat!(
                    "select ",
                    columns!(),
                    " from tasks where tenant = $1 and id < $2 and status = $4 order by id desc limit $3"
                ),
                &tenant.0,
                before,
                limit,
                status.name()
            ),
            None => sql!(
                concat!(
                    "select ",
                    columns!(),
                    " from tasks where tenant = $1 and id < $2 order by id desc limit $3"
                ),
                &tenant.0,
                before,
                limit
            ),
        };
        self.database
            .read(statement)
            .await?
            .into_iter()
            .map(task)
            .collect()
    }

    /// Cancels a pending task, or requests that the worker of a processing task stop it. Returns the new status; `None`
    /// if the task does not exist or has ended.
    pub async fn cancel_task(
        &self,
        tenant: &Tenant,
        id: TaskId,
        retention: Duration,
    ) -> Result<Option<Status>, DatabaseError> {
        let guard = sql!(
            "update tasks set cancel_requested_at = coalesce(cancel_requested_at, vidc_now()),
                finished_at = case when status = 'pending' then vidc_now() end,
                expires_at = case when status = 'pending' then vidc_now() + cast($3 as bigint) end,
                status = case when status = 'pending' then 'cancelled' else status end,
                version = version + 1
             where id = $1 and tenant = $2 and status in ('pending', 'processing') returning status",
            id,
            &tenant.0,
            retention
        );
        let mut then = vec![
            transition(id, "cancellation requested"),
            enqueue_webhook(id, Status::Cancelled),
        ];
        then.extend(delete_parts_if_finished(id));
        let row = self.database.write(guard, then).await?.pop();
        row.map(|row| row.fields().parsed()).transpose()
    }

    /// Makes a failed or cancelled task pending again, with as many attempts as a new task. Returns false if there is
    /// no such task.
    pub async fn retry_task(&self, tenant: &Tenant, id: TaskId) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update tasks set status = 'pending', attempts_allowed = attempt + $3, due_at = vidc_now(),
                score = vidc_now() + priority * cast($4 as bigint), failure = null, percent = 0, stage = null,
                cancel_requested_at = null, finished_at = null, expires_at = null, worker = null, version = version + 1
             where id = $1 and tenant = $2 and status in ('failed', 'cancelled') returning id",
            id,
            &tenant.0,
            MAX_ATTEMPTS,
            PRIORITY_STEP
        );
        let then = vec![transition(id, "retry requested")];
        Ok(!self.database.write(guard, then).await?.is_empty())
    }

    /// Deletes an ended task and everything that belongs to it alone. Returns false if there is no such task.
    pub async fn delete_task(&self, tenant: &Tenant, id: TaskId) -> Result<bool, DatabaseError> {
        // An update rather than a query, for its row lock: a new task that reuses this one's outputs gets all of them
        // or none.
        let guard = sql!(
            "update tasks set version = version + 1
             where id = $1 and tenant = $2 and status in ('completed', 'failed', 'cancelled') returning id",
            id,
            &tenant.0
        );
        Ok(!self.database.write(guard, delete_task_rows(id)).await?.is_empty())
    }
}
