//! Tasks as their owners see them: making, finding, cancelling, retrying, deleting.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Row, Statement, Value, sql};
use super::model::{Class, LogChunk, NewTask, Output, Priority, Status, Task, TaskId, Tenant, Transition};

/// A task's columns, in the order in which [`task`] reads them.
macro_rules! columns {
    () => {
        "id, tenant, status, priority, name, syntax, recipe, job, plan_key, cached_from, webhook, attempt, \
         attempts_allowed, worker, cancel_requested_at, percent, stage, failure, created_at, started_at, finished_at, \
         expires_at, version"
    };
}
pub(super) use columns;

/// Claims that a task may come to before it fails.
pub(super) const MAX_ATTEMPTS: i64 = 3;
/// What a step of priority is worth in waiting time.
const PRIORITY_STEP: Duration = Duration::from_secs(60);

/// What makes repeating a request harmless.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// The client's `Idempotency-Key`.
    pub key: String,
    /// A hash of the request: the same key with another request is a mistake.
    pub fingerprint: String,
}

/// What came of making a task.
#[derive(Clone, Debug, PartialEq)]
pub enum CreateOutcome {
    /// It is there now.
    Created(Box<Task>),
    /// The same request made it before.
    Repeated(Box<Task>),
    /// The idempotency key belongs to another request.
    KeyReused,
    /// The tenant has as many unfinished tasks as it may.
    QueueFull,
}

/// Which tasks to list.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// Only of this status.
    pub status: Option<Status>,
    /// Only older than this one.
    pub before: Option<TaskId>,
}

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
        webhook: fields.optional_text()?,
        attempt: fields.int()?,
        attempts_allowed: fields.int()?,
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

/// Writes down that a task's status has changed, and why.
pub(super) fn transition(id: TaskId, reason: impl Into<Value>) -> Statement {
    Statement {
        sql: "insert into transitions (task, version, at, status, attempt, reason)
              select id, version, vidc_now(), status, attempt, cast($2 as text) from tasks where id = $1",
        args: vec![id.into(), reason.into()],
    }
}

impl Store {
    /// Makes a task: pending, or completed at once with the outputs of `cached`, an earlier task of the same plan.
    pub async fn create_task(
        &self,
        task: &NewTask,
        cached: Option<TaskId>,
        idempotency: Option<&IdempotencyKey>,
        unfinished_allowed: i64,
        retention: Duration,
    ) -> Result<CreateOutcome, DatabaseError> {
        let id = task.id;
        let reserve = idempotency.map(|idempotency| {
            sql!(
                "insert into idempotency (tenant, key, fingerprint, task, created_at)
                 select cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as text), vidc_now()
                 where (select count(*) from tasks where tenant = $1 and status in ('pending', 'processing'))
                       < cast($5 as bigint)
                 on conflict (tenant, key) do nothing returning task",
                &task.tenant.0,
                &idempotency.key,
                &idempotency.fingerprint,
                id,
                unfinished_allowed
            )
        });
        let room = sql!(
            "select 1 where (select count(*) from tasks where tenant = $1 and status in ('pending', 'processing'))
                            < cast($2 as bigint)",
            &task.tenant.0,
            unfinished_allowed
        );
        let guard = reserve.unwrap_or(room);
        let mut then = vec![insert(task), transition(id, "accepted")];
        if let Some(earlier) = cached {
            then.extend(complete_from(id, earlier, retention));
        }
        if !self.database.write(guard, then).await?.is_empty() {
            return self.read_created(id).await.map(CreateOutcome::Created);
        }
        let Some(idempotency) = idempotency else {
            return Ok(CreateOutcome::QueueFull);
        };
        let known = sql!(
            "select fingerprint, task from idempotency where tenant = $1 and key = $2",
            &task.tenant.0,
            &idempotency.key
        );
        let Some(row) = self.database.read(known).await?.pop() else {
            return Ok(CreateOutcome::QueueFull);
        };
        let mut fields = row.fields();
        match fields.text()? == idempotency.fingerprint {
            true => self
                .read_created(fields.parsed()?)
                .await
                .map(CreateOutcome::Repeated),
            false => Ok(CreateOutcome::KeyReused),
        }
    }

    /// The task that an idempotency key made, if the request was the same.
    pub async fn find_repeated(
        &self,
        tenant: &Tenant,
        idempotency: &IdempotencyKey,
    ) -> Result<Option<CreateOutcome>, DatabaseError> {
        let known = sql!(
            "select fingerprint, task from idempotency where tenant = $1 and key = $2",
            &tenant.0,
            &idempotency.key
        );
        let Some(row) = self.database.read(known).await?.pop() else {
            return Ok(None);
        };
        let mut fields = row.fields();
        if fields.text()? != idempotency.fingerprint {
            return Ok(Some(CreateOutcome::KeyReused));
        }
        self.read_created(fields.parsed()?)
            .await
            .map(|task| Some(CreateOutcome::Repeated(task)))
    }

    async fn read_created(&self, id: TaskId) -> Result<Box<Task>, DatabaseError> {
        let statement = sql!(concat!("select ", columns!(), " from tasks where id = $1"), id);
        let row = self.database.read(statement).await?.pop();
        let row = row.ok_or_else(|| DatabaseError::Rejected(format!("task {id} has just been deleted")))?;
        task(row).map(Box::new)
    }

    /// A tenant's task.
    pub async fn task(&self, tenant: &Tenant, id: TaskId) -> Result<Option<Task>, DatabaseError> {
        let statement = sql!(
            concat!("select ", columns!(), " from tasks where id = $1 and tenant = $2"),
            id,
            &tenant.0
        );
        self.database.read(statement).await?.pop().map(task).transpose()
    }

    /// A tenant's tasks, the newest first.
    pub async fn tasks(
        &self,
        tenant: &Tenant,
        filter: &TaskFilter,
        limit: i64,
    ) -> Result<Vec<Task>, DatabaseError> {
        // Identifiers grow with time, so the largest there can be is a cursor before the newest.
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

    /// The changes of a task's status after a version, oldest first.
    pub async fn transitions(&self, id: TaskId, after: i64) -> Result<Vec<Transition>, DatabaseError> {
        let statement = sql!(
            "select version, at, status, attempt, reason from transitions where task = $1 and version > $2
             order by version",
            id,
            after
        );
        let read = |row: Row| {
            let mut fields = row.fields();
            Ok(Transition {
                version: fields.int()?,
                at: fields.time()?,
                status: fields.parsed()?,
                attempt: fields.int()?,
                reason: fields.text()?,
            })
        };
        self.database
            .read(statement)
            .await?
            .into_iter()
            .map(read)
            .collect()
    }

    /// What a task made, in the recipe's order.
    pub async fn outputs(&self, id: TaskId) -> Result<Vec<Output>, DatabaseError> {
        let statement = sql!(
            "select name, media_type, bytes, hash, blob from outputs where task = $1 order by position",
            id
        );
        let read = |row: Row| {
            let mut fields = row.fields();
            Ok(Output {
                name: fields.text()?,
                media_type: fields.text()?,
                bytes: fields.int()?,
                hash: fields.text()?,
                blob: fields.text()?,
            })
        };
        self.database
            .read(statement)
            .await?
            .into_iter()
            .map(read)
            .collect()
    }

    /// Pieces of a task's log after one of them, oldest first; `(0, -1)` is before the first.
    pub async fn log_chunks(&self, id: TaskId, after: (i64, i64)) -> Result<Vec<LogChunk>, DatabaseError> {
        let statement = sql!(
            "select attempt, seq, at, lines from logs
             where task = $1 and (attempt > $2 or attempt = $2 and seq > $3) order by attempt, seq limit 1000",
            id,
            after.0,
            after.1
        );
        let read = |row: Row| {
            let mut fields = row.fields();
            Ok(LogChunk {
                attempt: fields.int()?,
                seq: fields.int()?,
                at: fields.time()?,
                lines: fields.text()?,
            })
        };
        self.database
            .read(statement)
            .await?
            .into_iter()
            .map(read)
            .collect()
    }

    /// The completed task whose outputs answer a plan.
    pub async fn completed_task_for(
        &self,
        tenant: &Tenant,
        plan_key: &str,
    ) -> Result<Option<TaskId>, DatabaseError> {
        let statement = sql!(
            "select t.id from results r join tasks t on t.id = r.task
             where r.tenant = $1 and r.plan_key = $2 and t.status = 'completed' and t.expires_at > vidc_now()",
            &tenant.0,
            plan_key
        );
        let row = self.database.read(statement).await?.pop();
        row.map(|row| row.fields().parsed()).transpose()
    }

    /// Asks for a task to stop: a pending one is cancelled, one that is processed as soon as its worker hears of it.
    /// None if it is not the tenant's or has come to its end.
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
            transition(id, "somebody asked for it to be cancelled"),
            super::deliveries::enqueue_webhook(id, Status::Cancelled),
        ];
        then.extend(super::parts::delete_parts_if_finished(id));
        let row = self.database.write(guard, then).await?.pop();
        row.map(|row| row.fields().parsed()).transpose()
    }

    /// Queues a failed or cancelled task again, with as many attempts as a new one. Whether it was one.
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
        let then = vec![transition(id, "somebody asked for it to be tried again")];
        Ok(!self.database.write(guard, then).await?.is_empty())
    }

    /// Deletes a task that has come to its end, and what only it made. Whether it was one.
    pub async fn delete_task(&self, tenant: &Tenant, id: TaskId) -> Result<bool, DatabaseError> {
        // An update, for its lock: a task that is being answered from this one either sees it whole or not at all.
        let guard = sql!(
            "update tasks set version = version + 1
             where id = $1 and tenant = $2 and status in ('completed', 'failed', 'cancelled') returning id",
            id,
            &tenant.0
        );
        Ok(!self
            .database
            .write(guard, super::garbage::delete_task_rows(id))
            .await?
            .is_empty())
    }

    /// The pending tasks of a class that are due, the most urgent first, with their scores.
    pub async fn ready_tasks(&self, class: Class, limit: i64) -> Result<Vec<(TaskId, i64)>, DatabaseError> {
        let statement = sql!(
            "select id, score from tasks where status = 'pending' and class = $1 and due_at <= vidc_now()
             order by score, id limit $2",
            class.name(),
            limit
        );
        let read = |row: Row| {
            let mut fields = row.fields();
            Ok((fields.parsed()?, fields.int()?))
        };
        self.database
            .read(statement)
            .await?
            .into_iter()
            .map(read)
            .collect()
    }

    /// Where a pending task stands in the queue; none if it is not pending or not due.
    pub async fn queue_entry(&self, id: TaskId) -> Result<Option<(Class, i64)>, DatabaseError> {
        let statement = sql!(
            "select class, score from tasks where id = $1 and status = 'pending' and due_at <= vidc_now()",
            id
        );
        let Some(row) = self.database.read(statement).await?.pop() else {
            return Ok(None);
        };
        let mut fields = row.fields();
        Ok(Some((fields.parsed()?, fields.int()?)))
    }
}

fn insert(task: &NewTask) -> Statement {
    sql!(
        "insert into tasks (id, tenant, status, priority, class, score, due_at, name, syntax, recipe, job, plan_key,
            webhook, attempt, attempts_allowed, percent, created_at, version)
         values ($1, $2, 'pending', $3, $4, vidc_now() + cast($5 as bigint), vidc_now(), $6, $7, $8, $9, $10, $11, 0,
            $12, 0, vidc_now(), 1)",
        task.id,
        &task.tenant.0,
        i64::from(task.priority),
        task.priority.class().name(),
        i64::from(task.priority) * PRIORITY_STEP.as_millis() as i64,
        &task.name,
        &task.syntax,
        &task.recipe,
        serde_json::to_string(&task.job).unwrap_or_default(),
        &task.plan_key,
        task.webhook.as_ref(),
        MAX_ATTEMPTS
    )
}

/// Completes a new task with what an earlier one made, if that is still there by then.
fn complete_from(id: TaskId, earlier: TaskId, retention: Duration) -> Vec<Statement> {
    vec![
        // An update, for its lock: see `delete`.
        sql!("update tasks set version = version where id = $1 returning id", earlier),
        sql!(
            "insert into outputs (task, position, name, media_type, bytes, hash, blob)
             select cast($1 as text), position, name, media_type, bytes, hash, blob from outputs where task = $2",
            id,
            earlier
        ),
        sql!(
            "update tasks set status = 'completed', percent = 100, finished_at = vidc_now(), cached_from = $2,
                expires_at = vidc_now() + cast($3 as bigint), version = version + 1
             where id = $1 and exists (select 1 from outputs where task = $1)",
            id,
            earlier,
            retention
        ),
        sql!(
            "insert into transitions (task, version, at, status, attempt, reason)
             select id, version, vidc_now(), status, attempt, 'the same was made before' from tasks
             where id = $1 and status = 'completed'",
            id
        ),
        super::deliveries::enqueue_webhook(id, Status::Completed),
    ]
}
