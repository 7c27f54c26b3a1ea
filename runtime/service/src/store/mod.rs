//! The rows that are the truth: which tasks there are, who holds them, what they made.
//!
//! Every change of a task is one transaction that begins with a guarded update: it names the status, and where a
//! worker asks also the attempt, that it expects. The attempt number is the lease's fencing token, since it grows with
//! every claim and never falls: an update by an attempt that is no longer the task's changes nothing.

pub mod assets;
pub mod database;
mod deliveries;
mod garbage;
mod heartbeat;
pub mod keys;
mod leases;
pub mod model;
mod parts;
mod postgres;
mod schema;
pub mod secrets;
mod sqlite;
mod statistics;
mod tasks;

use std::sync::Arc;

pub use database::{Database, DatabaseError};
pub use garbage::UNREFERENCED_BLOB_LIFETIME;
pub use leases::{FailOutcome, Lease, Renewal};
pub use parts::{ClaimedPart, OfferedPart, PartClaim};
pub use postgres::Postgres;
pub use sqlite::Sqlite;
pub use statistics::{Backlog, Statistics};
pub use tasks::{CreateOutcome, IdempotencyKey, TaskFilter};

/// The store, over one database or another.
#[derive(Clone, Debug)]
pub struct Store {
    database: Arc<dyn Database>,
}

impl Store {
    /// Over a database, whose tables are brought up to date.
    pub async fn open(database: Arc<dyn Database>) -> Result<Store, DatabaseError> {
        database.migrate(schema::MIGRATIONS).await?;
        Ok(Store { database })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        self.database.read(database::sql!("select 1")).await.map(drop)
    }
}
