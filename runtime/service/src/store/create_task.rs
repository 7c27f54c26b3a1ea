//! Creating tasks, at most once for each idempotency key.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Statement, sql};
use super::deliveries::enqueue_webhook;
use super::model::{NewTask, Status, Task, TaskId, Tenant};
use super::task_rows::{columns, task, transition};
use super::tasks::{MAX_ATTEMPTS, PRIORITY_STEP};

/// Makes a request safe to repeat.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// The client's `Idempotency-Key`.
    pub key: String,
    /// A hash of the request: using the key for another request is an error.
    pub fingerprint: String,
}

/// The outcome of creating a task.
#[derive(Clone, Debug, PartialEq)]
pub enum CreateOutcome {
    /// The task was created.
    Created(Box<Task>),
    /// The same request created the task before.
    Repeated(Box<Task>),
    /// The idempotency key was used for another request.
    KeyReused,
    /// The tenant has as many unfinished tasks as it may have.
    QueueFull,
}

impl Store {
    /// Creates a task, which is pending, or completed at once with the outputs of `cached`, an earlier task with the
    /// same plan.
    pub async fn create_task(
        &self,
        task: &NewTask,
        cached: Option<TaskId>,
        idempotency_key: Option<&IdempotencyKey>,
        max_unfinished_tasks: i64,
        retention: Duration,
    ) -> Result<CreateOutcome, DatabaseError> {
        let id = task.id;
        let reserve = idempotency_key.map(|key| {
            sql!(
                "insert into idempotency (tenant, key, fingerprint, task, created_at)
                 select cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as text), vidc_now()
                 where (select count(*) from tasks where tenant = $1 and status in ('pending', 'processing'))
                       < cast($5 as bigint)
                 on conflict (tenant, key) do nothing returning task",
                &task.tenant.0,
                &key.key,
                &key.fingerprint,
                id,
                max_unfinished_tasks
            )
        });
        let check_quota = sql!(
            "select 1 where (select count(*) from tasks where tenant = $1 and status in ('pending', 'processing'))
                            < cast($2 as bigint)",
            &task.tenant.0,
            max_unfinished_tasks
        );
        let guard = reserve.unwrap_or(check_quota);
        let mut then = vec![insert(task), transition(id, "accepted")];
        if let Some(earlier) = cached {
            then.extend(complete_from(id, earlier, retention));
        }
        if !self.database.write(guard, then).await?.is_empty() {
            return self.task_by_id(id).await.map(CreateOutcome::Created);
        }
        let Some(key) = idempotency_key else {
            return Ok(CreateOutcome::QueueFull);
        };
        let repeated = self.find_repeated(&task.tenant, key).await?;
        Ok(repeated.unwrap_or(CreateOutcome::QueueFull))
    }

    /// Returns the outcome of a request whose idempotency key was used before.
    pub async fn find_repeated(
        &self,
        tenant: &Tenant,
        key: &IdempotencyKey,
    ) -> Result<Option<CreateOutcome>, DatabaseError> {
        let statement = sql!(
            "select fingerprint, task from idempotency where tenant = $1 and key = $2",
            &tenant.0,
            &key.key
        );
        let Some(row) = self.database.read(statement).await?.pop() else {
            return Ok(None);
        };
        let mut fields = row.fields();
        if fields.text()? != key.fingerprint {
            return Ok(Some(CreateOutcome::KeyReused));
        }
        self.task_by_id(fields.parsed()?)
            .await
            .map(|task| Some(CreateOutcome::Repeated(task)))
    }

    async fn task_by_id(&self, id: TaskId) -> Result<Box<Task>, DatabaseError> {
        let statement = sql!(concat!("select ", columns!(), " from tasks where id = $1"), id);
        let row = self.database.read(statement).await?.pop();
        let row = row.ok_or_else(|| DatabaseError::Rejected(format!("task {id} was deleted meanwhile")))?;
        task(row).map(Box::new)
    }

    /// Returns the completed task that has the results of a plan.
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
        task.webhook_url.as_ref(),
        MAX_ATTEMPTS
    )
}

/// Completes a new task with the outputs of an earlier one, if that was not deleted meanwhile.
fn complete_from(id: TaskId, earlier: TaskId, retention: Duration) -> Vec<Statement> {
    vec![
        // An update rather than a query, for its row lock: see `delete_task`.
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
             select id, version, vidc_now(), status, attempt, 'reused the outputs of an earlier task' from tasks
             where id = $1 and status = 'completed'",
            id
        ),
        enqueue_webhook(id, Status::Completed),
    ]
}
