//! Showing, listing, cancelling, retrying and deleting tasks.

use super::error::{RequestError, Resource};
use crate::bus::Notification;
use crate::service::Service;
use crate::store::TaskFilter;
use crate::store::model::{Output, Status, Task, TaskId, Tenant, Transition};

/// A task with the files that it rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskWithOutputs {
    /// The task.
    pub task: Task,
    /// Its outputs in the recipe's order; empty until the task is completed.
    pub outputs: Vec<Output>,
}

/// A page of a tenant's tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskPage {
    /// The tasks, newest first.
    pub tasks: Vec<TaskWithOutputs>,
    /// The cursor of the next page, which may be empty.
    pub next: Option<TaskId>,
}

impl Service {
    /// Returns a task.
    pub async fn task(&self, tenant: &Tenant, id: TaskId) -> Result<Task, RequestError> {
        let task = self.store.task(tenant, id).await?;
        task.ok_or(RequestError::NotFound(Resource::Task))
    }

    /// Adds its outputs to a task.
    pub async fn with_outputs(&self, task: Task) -> Result<TaskWithOutputs, RequestError> {
        let outputs = match task.status {
            Status::Completed => self.store.outputs(task.id).await?,
            _ => Vec::new(),
        };
        Ok(TaskWithOutputs { task, outputs })
    }

    /// Returns a task with its outputs.
    pub async fn show_task(&self, tenant: &Tenant, id: TaskId) -> Result<TaskWithOutputs, RequestError> {
        self.with_outputs(self.task(tenant, id).await?).await
    }

    /// Returns every change of a task's status, oldest first.
    pub async fn task_history(&self, tenant: &Tenant, id: TaskId) -> Result<Vec<Transition>, RequestError> {
        self.task(tenant, id).await?;
        Ok(self.store.transitions(id, 0).await?)
    }

    /// Lists at most `limit` tasks that match a filter, newest first.
    pub async fn list_tasks(
        &self,
        tenant: &Tenant,
        filter: &TaskFilter,
        limit: i64,
    ) -> Result<TaskPage, RequestError> {
        let found = self.store.tasks(tenant, filter, limit).await?;
        // A full page may have been the last one; then the next page is empty.
        let is_full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
        let next = found.last().filter(|_| is_full).map(|task| task.id);
        let mut tasks = Vec::new();
        for task in found {
            tasks.push(self.with_outputs(task).await?);
        }
        Ok(TaskPage { tasks, next })
    }

    /// Cancels a pending task at once; asks the worker of a processing task to stop it.
    pub async fn cancel_task(&self, tenant: &Tenant, id: TaskId) -> Result<TaskWithOutputs, RequestError> {
        let cancelled = self
            .store
            .cancel_task(tenant, id, self.settings.retention)
            .await?;
        if cancelled.is_none() {
            return Err(RequestError::NotCancellable(self.task(tenant, id).await?.status));
        }
        self.bus.publish(Notification::CancelRequested(id)).await;
        self.bus.publish(Notification::TaskChanged(id)).await;
        self.show_task(tenant, id).await
    }

    /// Makes a failed or cancelled task pending again.
    pub async fn retry_task(&self, tenant: &Tenant, id: TaskId) -> Result<TaskWithOutputs, RequestError> {
        let is_retried = self.store.retry_task(tenant, id).await?;
        let task = self.task(tenant, id).await?;
        if !is_retried {
            return Err(RequestError::NotRetryable(task.status));
        }
        self.announce(id).await;
        self.with_outputs(task).await
    }

    /// Deletes a finished task and the outputs that no other task shares.
    pub async fn delete_task(&self, tenant: &Tenant, id: TaskId) -> Result<(), RequestError> {
        match self.store.delete_task(tenant, id).await? {
            true => Ok(()),
            false => Err(RequestError::NotDeletable(self.task(tenant, id).await?.status)),
        }
    }

    /// Returns FFmpeg's log of a task so far, attempt by attempt.
    pub async fn task_log(&self, tenant: &Tenant, id: TaskId) -> Result<String, RequestError> {
        self.task(tenant, id).await?;
        let (mut text, mut after) = (String::new(), (0, -1));
        loop {
            let chunks = self.store.log_chunks(id, after).await?;
            if chunks.is_empty() {
                return Ok(text);
            }
            for chunk in chunks {
                if chunk.attempt != after.0 {
                    text.push_str(&format!("## attempt {}\n", chunk.attempt));
                }
                after = (chunk.attempt, chunk.seq);
                text.push_str(&chunk.lines);
            }
        }
    }
}
