//! Parts of tasks that are under way: stages that any worker with nothing else to do may run for them.
//!
//! A part helps the task's worker and nothing depends on it. Whoever has one may die: then its lease runs out, and it
//! is taken again, by another helper or by the task's own worker.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Statement, sql};
use super::leases::Lease;
use super::model::{Job, TaskId, Tenant};

/// Helpers that may try a part before it is left to the task's own worker.
const TRIES: i64 = 2;
/// Who has a part that the task's own worker has taken; its lease is the task's.
const OWNER: &str = "owner";

/// A part to be offered.
#[derive(Clone, Debug)]
pub struct OfferedPart {
    /// The stage's content key.
    pub key: String,
    /// What is to be run, as JSON.
    pub work: String,
}

/// A part that a helper has taken.
#[derive(Clone, Debug)]
pub struct ClaimedPart {
    /// The task that it is a part of.
    pub task: TaskId,
    /// The stage's content key.
    pub key: String,
    /// Who has taken it: a name of this one time.
    pub helper: String,
    /// Whose media it reads.
    pub tenant: Tenant,
    /// What those are called.
    pub job: Job,
    /// What is to be run, as JSON.
    pub work: String,
}

/// What has become of a part that the task's own worker wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartClaim {
    /// It is the worker's to run.
    Local,
    /// A helper is at it.
    Remote,
    /// It has been made; its bytes are in this blob.
    Done(String),
}

/// A task that has come to its end needs its parts no more. Their bytes are collected with what else was never used.
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
    /// Lets others take parts of a task, and no parts that were offered before and are not among these: those can make
    /// them that make just what this worker would, which `kin` tells. What was made for an earlier attempt is kept.
    pub async fn offer_parts(
        &self,
        lease: Lease,
        kin: &str,
        parts: &[OfferedPart],
    ) -> Result<(), DatabaseError> {
        // An update, for its lock: a later attempt's offer is not undone.
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
                kin,
                &part.work
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

    /// Takes a part for the task's own worker, unless a helper has it.
    pub async fn claim_own_part(&self, lease: Lease, key: &str) -> Result<PartClaim, DatabaseError> {
        let taken = sql!(
            "update parts set worker = $4, lease_until = null
             where task = $1 and key = $2 and attempt = $3 and blob is null
               and (worker is null or lease_until < vidc_now()) returning key",
            lease.task,
            key,
            lease.attempt,
            OWNER
        );
        if !self.database.write(taken, Vec::new()).await?.is_empty() {
            return Ok(PartClaim::Local);
        }
        let found = sql!(
            "select worker, blob from parts where task = $1 and key = $2",
            lease.task,
            key
        );
        let Some(row) = self.database.read(found).await?.pop() else {
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

    /// Takes a part of another worker's task that nobody is at; none if there is none.
    pub async fn claim_remote_part(
        &self,
        worker: &str,
        kin: &str,
        length: Duration,
    ) -> Result<Option<ClaimedPart>, DatabaseError> {
        let helper = uuid::Uuid::new_v4().to_string();
        // What was free a moment ago is looked at again in the update itself: another may have been faster.
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
            &helper,
            length,
            kin,
            TRIES,
            worker
        );
        let Some(row) = self.database.write(guard, Vec::new()).await?.pop() else {
            return Ok(None);
        };
        let mut fields = row.fields();
        let (task, key, work) = (fields.parsed()?, fields.text()?, fields.text()?);
        let of_task = sql!("select tenant, job from tasks where id = $1", task);
        let Some(row) = self.database.read(of_task).await?.pop() else {
            return Ok(None);
        };
        let mut fields = row.fields();
        Ok(Some(ClaimedPart {
            task,
            key,
            helper,
            tenant: Tenant(fields.text()?),
            job: fields.json()?,
            work,
        }))
    }

    /// Keeps a helper's lease of a part. False if it is lost, or the part is no longer wanted.
    pub async fn renew_part(&self, part: &ClaimedPart, length: Duration) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update parts set lease_until = vidc_now() + cast($4 as bigint)
             where task = $1 and key = $2 and worker = $3 and blob is null and exists (
                 select 1 from tasks where id = $1 and status = 'processing' and cancel_requested_at is null)
             returning key",
            part.task,
            &part.key,
            &part.helper,
            length
        );
        Ok(!self.database.write(guard, Vec::new()).await?.is_empty())
    }

    /// Says where the bytes of a part are. False if it is no longer wanted.
    pub async fn complete_part(&self, part: &ClaimedPart, blob: &str) -> Result<bool, DatabaseError> {
        let guard = sql!(
            "update parts set blob = $4, lease_until = null
             where task = $1 and key = $2 and worker = $3 and blob is null returning key",
            part.task,
            &part.key,
            &part.helper,
            blob
        );
        Ok(!self.database.write(guard, Vec::new()).await?.is_empty())
    }

    /// Gives a part back; that it was tried counts, or does not.
    pub async fn release_part(&self, part: &ClaimedPart, counts: bool) -> Result<(), DatabaseError> {
        let guard = sql!(
            "update parts set worker = null, lease_until = null, tries = tries - cast($4 as bigint)
             where task = $1 and key = $2 and worker = $3 and blob is null returning key",
            part.task,
            &part.key,
            &part.helper,
            i64::from(!counts)
        );
        self.database.write(guard, Vec::new()).await.map(drop)
    }
}
