//! Parts of processing tasks: stages that idle workers may run for the task's own worker.
//!
//! Nothing depends on the worker that has claimed a part: if it dies, its lease expires, and the part is claimed by
//! another worker or by the task's own.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Statement, sql};
use super::model::{Job, Lease, TaskId, Tenant};

/// Number of remote claims after which a part is left to the task's own worker.
const MAX_REMOTE_TRIES: i64 = 2;
/// Marks a part that the task's own worker has claimed, under the task's lease.
const OWNER: &str = "owner";

/// A part to offer to other workers.
#[derive(Clone, Debug)]
pub struct OfferedPart {
    /// The stage's content key.
    pub key: String,
    /// The stage and its facts as JSON.
    pub job: String,
}

/// A part that was claimed for a remote worker.
#[derive(Clone, Debug)]
pub struct ClaimedPart {
    /// The task.
    pub task: TaskId,
    /// The stage's content key.
    pub key: String,
    /// The id of this claim, which is the fencing token.
    pub claim_id: String,
    /// The tenant that owns the task.
    pub tenant: Tenant,
    /// The task's bindings, which name its media.
    pub task_job: Job,
    /// The stage and its facts as JSON.
    pub job: String,
}

/// The outcome of claiming a part for the task's own worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartClaim {
    /// The task's own worker has it now.
    Local,
    /// A remote worker runs it.
    Remote,
    /// A remote worker has run it and stored the result in this blob.
    Done(String),
}

/// Deletes the parts of a task if it has ended, and schedules the deletion of their blobs.
pub(super) fn delete_parts_if_finished(id: TaskId) -> Vec<Statement> {
    vec![
        sql!(
            "update garbage set due_at = vidc_now() where blob in (
                 select p.blob from parts p join tasks t on t.id = p.task
                 where p.task = $1 and t.status in ('completed', 'failed', 'cancelled'))",
            id
        ),
        sql!(
            "delete from parts where task = $1 and exists (
                 select 1 from tasks where id = $1 and status in ('completed', 'failed', 'cancelled'))",
            id
        ),
    ]
}

impl Store {
    /// Offers parts of a task to workers with the same compatibility key, whose results equal this worker's, and
    /// withdraws earlier offers of other parts. Results for an earlier attempt are kept.
    pub async fn offer_parts(
        &self,
        lease: Lease,
        compat_key: &str,
        parts: &[OfferedPart],
    ) -> Result<(), DatabaseError> {
        // An update rather than a query, for its row lock: it must not undo the offer of a later attempt.
        let guard = sql!(
            "update tasks set version = version where id = $1 and attempt = $2 and status = 'processing' returning id",
            lease.task,
            lease.attempt
        );
        let insert = |part: &OfferedPart| {
            sql!(
                "insert into parts (task, key, attempt, kin, work, tries) values ($1, $2, $3, $4, $5, 0)
                 on conflict (task, key) do update set attempt = excluded.attempt, kin = excluded.kin,
                     blob = case when parts.kin = excluded.kin then parts.blob end,
                     worker = case when parts.lease_until is null then null else parts.worker end",
                lease.task,
                &part.key,
                lease.attempt,
                compat_key,
                &part.job
            )
        };
        let mut then: Vec<Statement> = parts.iter().map(insert).collect();
        let keys: Vec<&str> = parts.iter().map(|part| part.key.as_str()).collect();
        then.push(sql!(
            "delete from parts where task = $1 and blob is null and $2 not like '%' || key || '%'",
            lease.task,
            keys.join(" ")
        ));
        self.database.write(guard, then).await.map(drop)
    }

    /// Claims a part for the task's own worker, unless a remote worker has it.
    pub async fn claim_own_part(&self, lease: Lease, key: &str) -> Result<PartClaim, DatabaseError> {
        let guard = sql!(
            "update parts set worker = $4, lease_until = null
             where task = $1 and key = $2 and attempt = $3 and blob is null
               and (worker is null or lease_until < vidc_now()) returning key",
            lease.task,
            key,
            lease.attempt,
            OWNER
        );
        if !self.database.write(guard, Vec::new()).await?.is_empty() {
            return Ok(PartClaim::Local);
        }
        let statement = sql!(
            "select worker, blob from parts where task = $1 and key = $2",
            lease.task,
            key
        );
        let Some(row) = self.database.read(statement).await?.pop() else {
            return Ok(PartClaim::Local);
        };
        let mut fields = row.fields();
        let (worker, blob) = (fields.optional_text()?, fields.optional_text()?);
        Ok(match (worker.as_deref(), blob) {
            (_, Some(blob)) => PartClaim::Done(blob),
            (None | Some(OWNER), None) => PartClaim::Local,
            (Some(_), None) => PartClaim::Remote,
        })
    }

    /// Claims a free part of another worker's task. Returns `None` if there is none.
    pub async fn claim_remote_part(
        &self,
        worker: &str,
        compat_key: &str,
        lease_duration: Duration,
    ) -> Result<Option<ClaimedPart>, DatabaseError> {
        let claim_id = uuid::Uuid::new_v4().to_string();
        // The update checks again that the part is free: another worker may have been faster.
        let guard = sql!(
            "update parts set worker = $1, lease_until = vidc_now() + cast($2 as bigint), tries = tries + 1
             where (task, key) in (
                 select p.task, p.key from parts p join tasks t on t.id = p.task
                 where p.kin = $3 and p.blob is null and (p.worker is null or p.lease_until < vidc_now())
                   and p.tries < $4 and t.status = 'processing' and t.attempt = p.attempt and t.worker <> $5
                   and t.cancel_requested_at is null
                 order by t.score, random() limit 1)
               and blob is null and (worker is null or lease_until < vidc_now())
             returning task, key, work",
            &claim_id,
            lease_duration,
            compat_key,
            MAX_REMOTE_TRIES,
            worker
        );
        let Some(row) = self.database.write(guard, Vec::new()).await?.pop() else {
            return Ok(None);
        };
        let mut fields = row.fields();
        let (task, key, job) = (fields.parsed()?, fields.text()?, fields.text()?);
        let statement = sql!("select tenant, job from tasks where id = $1", task);
        let Some(row) = self.database.read(statement).await?.pop() else {
            return Ok(None);
        };
        let mut fields = row.fields();
        Ok(Some(ClaimedPart {
            task,
            key,
            claim_id,
            tenant: Tenant(fields.text()?),
            task_job: fields.json()?,
            job,
        }))
    }

    /// Renews a remote worker's lease of a part. Returns false if the lease was lost or the part is no longer needed.
    pub async fn renew_part(
        &self,
        part: &ClaimedPart,
        lease_duration: Duration,
    ) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update parts set lease_until = vidc_now() + cast($4 as bigint)
             where task = $1 and key = $2 and worker = $3 and blob is null and exists (
                 select 1 from tasks where id = $1 and status = 'processing' and cancel_requested_at is null)
             returning key",
            part.task,
            &part.key,
            &part.claim_id,
            lease_duration
        );
        Ok(!self.database.write(guard, Vec::new()).await?.is_empty())
    }

    /// Records the blob with the result of a part. Returns false if the result is no longer needed.
    pub async fn complete_part(&self, part: &ClaimedPart, blob: &str) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update parts set blob = $4, lease_until = null
             where task = $1 and key = $2 and worker = $3 and blob is null returning key",
            part.task,
            &part.key,
            &part.claim_id,
            blob
        );
        Ok(!self.database.write(guard, Vec::new()).await?.is_empty())
    }

    /// Makes a part free again. The claim counts as a try of it if `counts_as_try` is true.
    pub async fn release_part(&self, part: &ClaimedPart, counts_as_try: bool) -> Result<(), DatabaseError> {
        let guard = sql!(
            "update parts set worker = null, lease_until = null, tries = tries - cast($4 as bigint)
             where task = $1 and key = $2 and worker = $3 and blob is null returning key",
            part.task,
            &part.key,
            &part.claim_id,
            i64::from(!counts_as_try)
        );
        self.database.write(guard, Vec::new()).await.map(drop)
    }
}
