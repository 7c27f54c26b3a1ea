//! The tasks that belong in the ready queue.

use super::Store;
use super::database::{DatabaseError, Row, sql};
use super::model::{Class, TaskId};

impl Store {
    /// Returns the pending tasks of a class that are due, the most urgent first, with their scores.
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

    /// Returns the class and score of a task; `None` if it is not pending or not due.
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
