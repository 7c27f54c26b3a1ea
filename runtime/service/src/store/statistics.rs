//! Statistics of tasks, for metrics.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, sql};
use super::model::{Class, Status};

/// The backlog of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// The class.
    pub class: Class,
    /// Number of pending tasks.
    pub depth: i64,
    /// Waiting time of the oldest pending task.
    pub oldest: Duration,
}

/// Numbers of tasks, and the backlog.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    /// Number of tasks by status.
    pub tasks: Vec<(Status, i64)>,
    /// Backlogs of the classes that have pending tasks.
    pub backlog: Vec<Backlog>,
}

impl Store {
    /// Counts tasks by status and by class.
    pub async fn statistics(&self) -> Result<Statistics, DatabaseError> {
        let mut statistics = Statistics::default();
        let tasks = sql!("select status, count(*) from tasks group by status");
        for row in self.database.read(tasks).await? {
            let mut fields = row.fields();
            statistics.tasks.push((fields.parsed()?, fields.int()?));
        }
        let backlog = sql!(
            "select class, count(*), vidc_now() - min(due_at) from tasks where status = 'pending' group by class"
        );
        for row in self.database.read(backlog).await? {
            let mut fields = row.fields();
            statistics.backlog.push(Backlog {
                class: fields.parsed()?,
                depth: fields.int()?,
                oldest: Duration::from_millis(u64::try_from(fields.int()?).unwrap_or(0)),
            });
        }
        Ok(statistics)
    }
}
