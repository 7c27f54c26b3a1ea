//! Leases: claiming a task, renewing the claim, and the ways in which it ends.
//!
//! A lease is `(task, attempt)`. Every write of a worker names both, so the writes of a worker that was suspended, cut
//! off or declared dead have no effect once its lease has expired and was reaped.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Statement, sql};
use super::deliveries::enqueue_webhook;
use super::model::{Lease, Output, Status, Task, TaskFailure, TaskId};
use super::parts::delete_parts_if_finished;
use super::task_rows::{columns, task, transition};

/// The outcome of renewing a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// The lease is renewed.
    Held,
    /// The lease is renewed, and a client has requested that the task be cancelled.
    CancelRequested,
    /// The lease was lost: the worker must stop and write nothing more.
    Lost,
}

/// The outcome of ending a failed attempt: the new state of its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOutcome {
    /// It is pending again.
    Requeued,
    /// It has ended.
    Final,
    /// Nothing, because the attempt had lost its lease.
    Stale,
}

/// Pause before the second attempt, which doubles with every further one.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// Maximum number of leases that one sweep reaps.
const REAP_LIMIT: i64 = 100;

impl Store {
    /// Claims a task that is pending and due. Returns `None` if another worker was faster or the task is no longer
    /// pending.
    pub async fn claim(
        &self,
        id: TaskId,
        worker: &str,
        lease_duration: Duration,
    ) -> Result<Option<Task>, DatabaseError> {
        let guard = sql!(
            concat!(
                "update tasks set status = 'processing', attempt = attempt + 1, worker = $2, started_at = vidc_now(),
                    lease_until = vidc_now() + cast($3 as bigint), percent = 0, stage = null, version = version + 1
                 where id = $1 and status = 'pending' and due_at <= vidc_now() and attempt < attempts_allowed returning ",
                columns!()
            ),
            id,
            worker,
            lease_duration
        );
        let then = vec![transition(id, format!("claimed by worker {worker}"))];
        self.database
            .write(guard, then)
            .await?
            .pop()
            .map(task)
            .transpose()
    }

    /// Renews a lease and stores the progress.
    pub async fn renew(
        &self,
        lease: Lease,
        lease_duration: Duration,
        percent: i64,
        stage: &str,
    ) -> Result<Renewal, DatabaseError> {
        let guard = sql!(
            "update tasks set lease_until = vidc_now() + cast($3 as bigint), stage = $5,
                version = version + case when $4 > percent or stage is null or stage <> $5 then 1 else 0 end,
                percent = case when $4 > percent then $4 else percent end
             where id = $1 and attempt = $2 and status = 'processing'
             returning cancel_requested_at",
            lease.task,
            lease.attempt,
            lease_duration,
            percent,
            stage
        );
        Ok(match self.database.write(guard, Vec::new()).await?.pop() {
            None => Renewal::Lost,
            Some(row) => match row.fields().optional_int()? {
                Some(_) => Renewal::CancelRequested,
                None => Renewal::Held,
            },
        })
    }

    /// Appends lines to the log. Lines of an attempt that has lost its lease are stored too: they show what it did.
    pub async fn append_log(&self, lease: Lease, seq: i64, lines: &str) -> Result<(), DatabaseError> {
        let insert = sql!(
            "insert into logs (task, attempt, seq, at, lines)
             select id, cast($2 as bigint), cast($3 as bigint), vidc_now(), cast($4 as text) from tasks where id = $1
             on conflict (task, attempt, seq) do nothing returning seq",
            lease.task,
            lease.attempt,
            seq,
            lines
        );
        self.database.write(insert, Vec::new()).await.map(drop)
    }

    /// Completes a task with its outputs. Returns false, and changes nothing, if the lease was lost.
    pub async fn complete(
        &self,
        lease: Lease,
        outputs: &[Output],
        retention: Duration,
    ) -> Result<bool, DatabaseError> {
        let id = lease.task;
        let guard = sql!(
            "update tasks set status = 'completed', percent = 100, stage = null, failure = null, lease_until = null,
                finished_at = vidc_now(), expires_at = vidc_now() + cast($3 as bigint), version = version + 1
             where id = $1 and attempt = $2 and status = 'processing' returning id",
            id,
            lease.attempt,
            retention
        );
        let mut then = vec![
            transition(id, "outputs stored"),
            sql!(
                "insert into results (tenant, plan_key, task) select tenant, plan_key, id from tasks where id = $1
                 on conflict (tenant, plan_key) do update set task = excluded.task",
                id
            ),
            enqueue_webhook(id, Status::Completed),
        ];
        for (position, output) in outputs.iter().enumerate() {
            then.push(sql!(
                "insert into outputs (task, position, name, media_type, bytes, hash, blob)
                 values ($1, $2, $3, $4, $5, $6, $7)",
                id,
                position as i64,
                &output.name,
                &output.media_type,
                output.bytes,
                &output.hash,
                &output.blob
            ));
            then.push(sql!("delete from garbage where blob = $1", &output.blob));
        }
        then.extend(delete_parts_if_finished(id));
        Ok(!self.database.write(guard, then).await?.is_empty())
    }

    /// Ends a failed attempt. The task is pending again if the failure is retryable and attempts are left.
    pub async fn fail(
        &self,
        lease: Lease,
        failure: &TaskFailure,
        is_retryable: bool,
        retention: Duration,
    ) -> Result<FailOutcome, DatabaseError> {
        let guard = sql!(
            "update tasks set
                status = case when cast($3 as bigint) = 1 and attempt < attempts_allowed then 'pending' else 'failed' end,
                due_at = vidc_now() + cast($4 as bigint), failure = $5, lease_until = null, stage = null,
                finished_at = case when cast($3 as bigint) = 1 and attempt < attempts_allowed then null else vidc_now() end,
                expires_at = case when cast($3 as bigint) = 1 and attempt < attempts_allowed then null
                                  else vidc_now() + cast($6 as bigint) end,
                version = version + 1
             where id = $1 and attempt = $2 and status = 'processing' returning status",
            lease.task,
            lease.attempt,
            i64::from(is_retryable),
            retry_pause(lease.attempt),
            serde_json::to_string(failure).unwrap_or_default(),
            retention
        );
        self.end_attempt(lease.task, guard, &failure.message).await
    }

    /// Makes a task pending again without counting the attempt, because its worker shuts down. Returns false if the
    /// lease was lost.
    pub async fn release(&self, lease: Lease) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update tasks set status = 'pending', attempts_allowed = attempts_allowed + 1, lease_until = null,
                due_at = vidc_now(), stage = null, version = version + 1
             where id = $1 and attempt = $2 and status = 'processing' returning id",
            lease.task,
            lease.attempt
        );
        let then = vec![transition(lease.task, "released by its worker, which shut down")];
        Ok(!self.database.write(guard, then).await?.is_empty())
    }

    /// Ends the attempt of a task whose cancellation was requested. Returns false if the lease was lost.
    pub async fn commit_cancelled(&self, lease: Lease, retention: Duration) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update tasks set status = 'cancelled', lease_until = null, stage = null, finished_at = vidc_now(),
                expires_at = vidc_now() + cast($3 as bigint), version = version + 1
             where id = $1 and attempt = $2 and status = 'processing' and cancel_requested_at is not null returning id",
            lease.task,
            lease.attempt,
            retention
        );
        let mut then = vec![
            transition(lease.task, "stopped by its worker"),
            enqueue_webhook(lease.task, Status::Cancelled),
        ];
        then.extend(delete_parts_if_finished(lease.task));
        Ok(!self.database.write(guard, then).await?.is_empty())
    }

    /// Ends attempts whose lease has expired, up to a limit. Returns the leases and what happens to the tasks.
    pub async fn reap_expired_leases(
        &self,
        retention: Duration,
    ) -> Result<Vec<(Lease, FailOutcome)>, DatabaseError> {
        let expired = sql!(
            "select id, attempt from tasks where status = 'processing' and lease_until < vidc_now()
             order by lease_until limit $1",
            REAP_LIMIT
        );
        let mut reaped = Vec::new();
        for row in self.database.read(expired).await? {
            let mut fields = row.fields();
            let lease = Lease {
                task: fields.parsed()?,
                attempt: fields.int()?,
            };
            // The update checks status and lease again: the worker may have renewed it meanwhile.
            let failure = TaskFailure {
                kind: "worker-lost".to_owned(),
                message: "the worker was silent for longer than its lease".to_owned(),
            };
            let guard = sql!(
                "update tasks set
                    status = case when cancel_requested_at is not null then 'cancelled'
                                  when attempt < attempts_allowed then 'pending' else 'failed' end,
                    due_at = vidc_now() + cast($3 as bigint), failure = $4, lease_until = null, stage = null,
                    finished_at = case when cancel_requested_at is null and attempt < attempts_allowed then null
                                       else vidc_now() end,
                    expires_at = case when cancel_requested_at is null and attempt < attempts_allowed then null
                                      else vidc_now() + cast($5 as bigint) end,
                    version = version + 1
                 where id = $1 and attempt = $2 and status = 'processing' and lease_until < vidc_now()
                 returning status",
                lease.task,
                lease.attempt,
                retry_pause(lease.attempt),
                serde_json::to_string(&failure).unwrap_or_default(),
                retention
            );
            match self.end_attempt(lease.task, guard, &failure.message).await? {
                FailOutcome::Stale => {}
                outcome => reaped.push((lease, outcome)),
            }
        }
        Ok(reaped)
    }

    async fn end_attempt(
        &self,
        id: TaskId,
        guard: Statement,
        reason: &str,
    ) -> Result<FailOutcome, DatabaseError> {
        let mut then = vec![
            transition(id, reason),
            enqueue_webhook(id, Status::Failed),
            enqueue_webhook(id, Status::Cancelled),
        ];
        then.extend(delete_parts_if_finished(id));
        let Some(row) = self.database.write(guard, then).await?.pop() else {
            return Ok(FailOutcome::Stale);
        };
        Ok(match row.fields().parsed::<Status>()? {
            Status::Pending => FailOutcome::Requeued,
            _ => FailOutcome::Final,
        })
    }
}

fn retry_pause(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(8);
    RETRY_PAUSE * 2_u32.pow(doublings)
}
