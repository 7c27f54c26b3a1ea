//! Deleting, so that it can be interrupted anywhere: what is to go is written down first, and crossed out last.
//!
//! A blob is written down *before* it is stored, due a day later, and crossed out by the transaction that begins to
//! use it. So bytes whose owner died, or lost its lease, are collected like any others.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, Statement, sql};
use super::model::TaskId;

/// Time after which a stored blob is deleted unless a row refers to it.
pub const UNREFERENCED_BLOB_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// A blob is to be deleted at once.
pub(super) fn schedule_deletion(blob: &str) -> Statement {
    sql!(
        "insert into garbage (blob, due_at) values ($1, vidc_now())
         on conflict (blob) do update set due_at = excluded.due_at",
        blob
    )
}

/// Everything that only a task has.
pub(super) fn delete_task_rows(id: TaskId) -> Vec<Statement> {
    let mut all = super::parts::delete_parts_if_finished(id);
    all.extend([
        // Another task may have been answered with the same bytes.
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
    all
}

impl Store {
    /// Writes down a blob that is about to be stored: unless somebody begins to use it, it is deleted after `unused`.
    pub async fn reserve_blob(&self, blob: &str, unused: Duration) -> Result<(), DatabaseError> {
        let insert = sql!(
            "insert into garbage (blob, due_at) values ($1, vidc_now() + cast($2 as bigint))
             on conflict (blob) do update set due_at = excluded.due_at returning blob",
            blob,
            unused
        );
        self.database.write(insert, Vec::new()).await.map(drop)
    }

    /// A blob is no longer wanted.
    pub async fn discard_blob(&self, blob: &str) -> Result<(), DatabaseError> {
        self.database
            .write(sql!("select 1"), vec![schedule_deletion(blob)])
            .await
            .map(drop)
    }

    /// Blobs that are to be deleted now.
    pub async fn blobs_to_delete(&self, limit: i64) -> Result<Vec<String>, DatabaseError> {
        let due = sql!(
            "select blob from garbage where due_at <= vidc_now() order by due_at limit $1",
            limit
        );
        let rows = self.database.read(due).await?;
        rows.into_iter().map(|row| row.fields().text()).collect()
    }

    /// A blob has been deleted.
    pub async fn confirm_deleted(&self, blob: &str) -> Result<(), DatabaseError> {
        let delete = sql!("delete from garbage where blob = $1 returning blob", blob);
        self.database.write(delete, Vec::new()).await.map(drop)
    }

    /// Deletes some of the tasks and assets whose time is up. How many.
    pub async fn delete_expired(&self, limit: i64) -> Result<usize, DatabaseError> {
        let tasks = sql!(
            "select id from tasks where expires_at < vidc_now() order by expires_at limit $1",
            limit
        );
        let mut expired = 0;
        for row in self.database.read(tasks).await? {
            let id: TaskId = row.fields().parsed()?;
            // Looked at again inside: it may have been retried just now.
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
            Duration::from_secs(24 * 3600)
        );
        self.database.write(keys, Vec::new()).await?;
        let gone = sql!(
            "delete from workers where seen_at < vidc_now() - cast($1 as bigint) returning name",
            Duration::from_secs(24 * 3600)
        );
        self.database.write(gone, Vec::new()).await?;
        Ok(expired)
    }
}
