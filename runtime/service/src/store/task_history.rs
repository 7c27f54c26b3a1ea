//! A task's history: changes of its status, outputs and log.

use super::Store;
use super::database::{DatabaseError, Row, sql};
use super::model::{LogChunk, Output, TaskId, Transition};

impl Store {
    /// Returns the changes of a task's status after a version, oldest first.
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

    /// Returns a task's outputs in the recipe's order.
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

    /// Returns up to 1000 chunks of a task's log, oldest first, that follow the chunk `(attempt, seq)`. `(0, -1)` comes
    /// before the first chunk.
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
}
