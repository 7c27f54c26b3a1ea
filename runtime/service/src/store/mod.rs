//! The database, which is the source of truth: tasks, the leases on them, and their results.
//!
//! Every change of a task is one transaction that begins with a guarded update, which names the status that it expects
//! and, for a worker's request, the attempt. The attempt number is the lease's fencing token, since it increases with
//! every claim and never decreases: an update by an earlier attempt changes nothing.

pub mod assets;
mod create_task;
pub mod database;
mod deliveries;
mod garbage;
mod heartbeat;
pub mod keys;
mod leases;
pub mod model;
mod parts;
mod postgres;
mod ready_tasks;
mod schema;
pub mod secrets;
mod sqlite;
mod statistics;
mod task_history;
mod task_rows;
mod tasks;

use std::sync::Arc;

pub use create_task::{CreateOutcome, IdempotencyKey};
pub use database::{Database, DatabaseError};
pub use garbage::UNREFERENCED_BLOB_LIFETIME;
pub use leases::{FailOutcome, Renewal};
pub use parts::{ClaimedPart, OfferedPart, PartClaim};
pub use postgres::Postgres;
pub use sqlite::Sqlite;
pub use statistics::{Backlog, Statistics};
pub use tasks::TaskFilter;

/// The store, in any of the databases.
#[derive(Clone, Debug)]
pub struct Store {
    database: Arc<dyn Database>,
}

impl Store {
    /// Opens the store and brings the database's tables up to date.
    pub async fn open(database: Arc<dyn Database>) -> Result<Store, DatabaseError> {
        database.migrate(schema::MIGRATIONS).await?;
        Ok(Store { database })
    }

    /// Checks that the database responds.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        self.database.read(database::sql!("select 1")).await.map(drop)
    }
}
