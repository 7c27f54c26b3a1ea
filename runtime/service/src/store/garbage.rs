//! Deletion, which may be interrupted at any point: blobs to delete are listed first and removed from the list last.
//!
//! A blob is listed *before* it is stored, to be deleted a day later, and removed from the list by the transaction that
//! first refers to it. So the blobs of a process that died, or of a worker that lost its lease, are deleted like any
//! others.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Statement, sql};
use super::model::TaskId;
use super::parts::delete_parts_if_finished;

/// Time after which a stored blob is deleted unless a row refers to it.
pub const UNREFERENCED_BLOB_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Time after which idempotency keys and the registrations of silent workers are deleted.
const ROW_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Schedules a blob for deletion at once.
pub(super) fn schedule_deletion(blob: &str) -> Statement {
    sql!(
        "insert into garbage (blob, due_at) values ($1, vidc_now())
         on conflict (blob) do update set due_at = excluded.due_at",
        blob
    )
}

/// Deletes a task and all that belongs to it alone.
pub(super) fn delete_task_rows(id: TaskId) -> Vec<Statement> {
    let mut statements = delete_parts_if_finished(id);
    statements.extend([
        // Another task may share the blobs.
        sql!(
            "insert into garbage (blob, due_at) select blob, vidc_now() from outputs o
             where o.task = $1 and not exists (select 1 from outputs p where p.blob = o.blob and p.task <> $1)
             on conflict (blob) do nothing",
            id
        ),
        sql!("delete from outputs where task = $1", id),
        sql!("delete from logs where task = $1", id),
        sql!("delete from transitions where task = $1", id),
        sql!("delete from results where task = $1", id),
        sql!("delete from deliveries where task = $1", id),
        sql!("delete from idempotency where task = $1", id),
        sql!("delete from tasks where id = $1", id),
    ]);
    statements
}

impl Store {
    /// Lists a blob that is about to be stored: unless a row refers to it by then, it is deleted after `lifetime`.
    pub async fn reserve_blob(&self, blob: &str, lifetime: Duration) -> Result<(), DatabaseError> {
        let insert = sql!(
            "insert into garbage (blob, due_at) values ($1, vidc_now() + cast($2 as bigint))
             on conflict (blob) do update set due_at = excluded.due_at returning blob",
            blob,
            lifetime
        );
        self.database.write(insert, Vec::new()).await.map(drop)
    }

    /// Schedules a blob that is not needed for deletion.
    pub async fn discard_blob(&self, blob: &str) -> Result<(), DatabaseError> {
        self.database
            .write(sql!("select 1"), vec![schedule_deletion(blob)])
            .await
            .map(drop)
    }

    /// Returns blobs whose deletion is due.
    pub async fn blobs_to_delete(&self, limit: i64) -> Result<Vec<String>, DatabaseError> {
        let due = sql!(
            "select blob from garbage where due_at <= vidc_now() order by due_at limit $1",
            limit
        );
        let rows = self.database.read(due).await?;
        rows.into_iter().map(|row| row.fields().text()).collect()
    }

    /// Records that a blob was deleted.
    pub async fn confirm_deleted(&self, blob: &str) -> Result<(), DatabaseError> {
        let delete = sql!("delete from garbage where blob = $1 returning blob", blob);
        self.database.write(delete, Vec::new()).await.map(drop)
    }

    /// Deletes at most `limit` expired tasks and as many expired assets, and returns their number. Idempotency keys and
    /// workers are deleted a day after their last use.
    pub async fn delete_expired(&self, limit: i64) -> Result<usize, DatabaseError> {
        let tasks = sql!(
            "select id from tasks where expires_at < vidc_now() order by expires_at limit $1",
            limit
        );
        let mut expired = 0;
        for row in self.database.read(tasks).await? {
            let id: TaskId = row.fields().parsed()?;
            // The update checks again: the task may have been retried meanwhile.
            let guard = sql!(
                "update tasks set version = version + 1 where id = $1 and expires_at < vidc_now() returning id",
                id
            );
            expired += self.database.write(guard, delete_task_rows(id)).await?.len();
        }
        let assets = sql!(
            "select id, blob from assets where expires_at < vidc_now() order by expires_at limit $1",
            limit
        );
        for row in self.database.read(assets).await? {
            let mut fields = row.fields();
            let (id, blob) = (fields.text()?, fields.text()?);
            let guard = sql!(
                "delete from assets where id = $1 and expires_at < vidc_now() returning id",
                id
            );
            expired += self
                .database
                .write(guard, vec![schedule_deletion(&blob)])
                .await?
                .len();
        }
        let keys = sql!(
            "delete from idempotency where created_at < vidc_now() - cast($1 as bigint) returning key",
            ROW_LIFETIME
        );
        self.database.write(keys, Vec::new()).await?;
        let workers = sql!(
            "delete from workers where seen_at < vidc_now() - cast($1 as bigint) returning name",
            ROW_LIFETIME
        );
        self.database.write(workers, Vec::new()).await?;
        Ok(expired)
    }
}
