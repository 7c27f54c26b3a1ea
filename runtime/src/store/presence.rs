//! Which workers there are, as far as they have been heard of lately.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, sql};

impl Store {
    /// A worker is there, with so many processors.
    pub async fn greet(&self, worker: &str, cores: u32) -> Result<(), DatabaseError> {
        let upsert = sql!(
            "insert into workers (name, cores, seen_at) values ($1, $2, vidc_now())
             on conflict (name) do update set seen_at = excluded.seen_at returning name",
            worker,
            i64::from(cores)
        );
        self.database.write(upsert, Vec::new()).await.map(drop)
    }

    /// A worker leaves.
    pub async fn part_with(&self, worker: &str) -> Result<(), DatabaseError> {
        let delete = sql!("delete from workers where name = $1 returning name", worker);
        self.database.write(delete, Vec::new()).await.map(drop)
    }

    /// Processors of all workers but one that were heard of within some time.
    pub async fn cores_beside(&self, worker: &str, within: Duration) -> Result<u32, DatabaseError> {
        let sum = sql!(
            "select cast(coalesce(sum(cores), 0) as bigint) from workers
             where name <> $1 and seen_at > vidc_now() - cast($2 as bigint)",
            worker,
            within
        );
        let row = self.database.read(sum).await?.pop();
        let cores = row.map_or(Ok(0), |row| row.fields().int())?;
        Ok(u32::try_from(cores).unwrap_or(u32::MAX))
    }
}
