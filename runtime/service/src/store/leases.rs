//! Tasks as workers see them: claiming, renewing, and the four ways in which a lease ends.
//!
//! A lease is `(task, attempt)`. Whatever a worker writes names both, so a worker that was stopped, cut off or
//! declared dead and comes back finds that nothing it says counts.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Statement, sql};
use super::model::{Output, Status, Task, TaskFailure, TaskId};
use super::tasks::{columns, task, transition};

/// Names a claim of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The task.
    pub task: TaskId,
    /// The claim.
    pub attempt: i64,
}

/// What a worker learns when it renews its lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Go on.
    Held,
    /// Somebody wants the task to stop.
    CancelRequested,
    /// The task is no longer this worker's: stop, and write nothing.
    Lost,
}

/// What became of a task whose attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOutcome {
    /// It is tried again.
    Requeued,
    /// It has failed for good.
    Final,
    /// It was not this attempt's to fail.
    Stale,
}

/// Before the next attempt: the first waits this long, each further one twice as long.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// Leases reaped in one sweep.
const REAPED_AT_ONCE: i64 = 100;

impl Store {
    /// Takes a task that is pending and due; none if somebody else was faster or it is no longer wanted.
    pub async fn claim(
        &self,
        id: TaskId,
        worker: &str,
        lease: Duration,
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
            lease
        );
        let then = vec![transition(id, format!("claimed by worker {worker}"))];
        self.database
            .write(guard, then)
            .await?
            .pop()
            .map(task)
            .transpose()
    }

    /// Keeps a lease, and says how far the work is.
    pub async fn renew(
        &self,
        lease: Lease,
        length: Duration,
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
            length,
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

    /// Writes down lines of the log. Late ones are kept too: they say what a lost attempt did.
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

    /// Publishes what a task made. False if the lease is lost: then nothing has changed.
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
            transition(id, "its outputs are stored"),
            sql!(
                "insert into results (tenant, plan_key, task) select tenant, plan_key, id from tasks where id = $1
                 on conflict (tenant, plan_key) do update set task = excluded.task",
                id
            ),
            super::deliveries::enqueue_webhook(id, Status::Completed),
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
        then.extend(super::parts::delete_parts_if_finished(id));
        Ok(!self.database.write(guard, then).await?.is_empty())
    }

    /// Ends an attempt that failed. If trying again may help and attempts are left, the task is pending once more.
    pub async fn fail(
        &self,
        lease: Lease,
        failure: &TaskFailure,
        may_help: bool,
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
            i64::from(may_help),
            retry_after(lease.attempt),
            serde_json::to_string(failure).unwrap_or_default(),
            retention
        );
        self.end(lease.task, guard, &failure.message).await
    }

    /// Gives a task back without its attempt being counted, because this worker is leaving.
    pub async fn release(&self, lease: Lease) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update tasks set status = 'pending', attempts_allowed = attempts_allowed + 1, lease_until = null,
                due_at = vidc_now(), stage = null, version = version + 1
             where id = $1 and attempt = $2 and status = 'processing' returning id",
            lease.task,
            lease.attempt
        );
        let then = vec![transition(lease.task, "its worker shut down and gave it back")];
        Ok(!self.database.write(guard, then).await?.is_empty())
    }

    /// Ends an attempt whose task somebody cancelled.
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
            transition(lease.task, "its worker stopped it"),
            super::deliveries::enqueue_webhook(lease.task, Status::Cancelled),
        ];
        then.extend(super::parts::delete_parts_if_finished(lease.task));
        Ok(!self.database.write(guard, then).await?.is_empty())
    }

    /// Ends attempts whose lease has run out, a few at a time; the tasks they were of, with what became of them.
    pub async fn reap_expired_leases(
        &self,
        retention: Duration,
    ) -> Result<Vec<(Lease, FailOutcome)>, DatabaseError> {
        let expired = sql!(
            "select id, attempt from tasks where status = 'processing' and lease_until < vidc_now()
             order by lease_until limit $1",
            REAPED_AT_ONCE
        );
        let mut reaped = Vec::new();
        for row in self.database.read(expired).await? {
            let mut fields = row.fields();
            let lease = Lease {
                task: fields.parsed()?,
                attempt: fields.int()?,
            };
            // Status and lease are looked at again inside the update: the worker may have come back just now.
            let failure = TaskFailure {
                kind: "worker-lost".to_owned(),
                message: "its worker fell silent for longer than its lease".to_owned(),
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
                retry_after(lease.attempt),
                serde_json::to_string(&failure).unwrap_or_default(),
                retention
            );
            match self.end(lease.task, guard, &failure.message).await? {
                FailOutcome::Stale => {}
                ended => reaped.push((lease, ended)),
            }
        }
        Ok(reaped)
    }

    async fn end(&self, id: TaskId, guard: Statement, reason: &str) -> Result<FailOutcome, DatabaseError> {
        let mut then = vec![
            transition(id, reason),
            super::deliveries::enqueue_webhook(id, Status::Failed),
            super::deliveries::enqueue_webhook(id, Status::Cancelled),
        ];
        then.extend(super::parts::delete_parts_if_finished(id));
        let Some(row) = self.database.write(guard, then).await?.pop() else {
            return Ok(FailOutcome::Stale);
        };
        Ok(match row.fields().parsed::<Status>()? {
            Status::Pending => FailOutcome::Requeued,
            _ => FailOutcome::Final,
        })
    }
}

fn retry_after(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(8);
    RETRY_AFTER * 2_u32.pow(doublings)
}
