//! Which workers there are, as far as they have been heard of lately.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, sql};
use super::leases::Lease;

impl Store {
    /// A worker is there, with so many processors; `kin` tells whose parts it can make.
    pub async fn register_worker(&self, worker: &str, kin: &str, cores: u32) -> Result<(), DatabaseError> {
        let upsert = sql!(
            "insert into workers (name, kin, cores, seen_at) values ($1, $2, $3, vidc_now())
             on conflict (name) do update set kin = excluded.kin, seen_at = excluded.seen_at returning name",
            worker,
            kin,
            i64::from(cores)
        );
        self.database.write(upsert, Vec::new()).await.map(drop)
    }

    /// A worker leaves.
    pub async fn deregister_worker(&self, worker: &str) -> Result<(), DatabaseError> {
        let delete = sql!("delete from workers where name = $1 returning name", worker);
        self.database.write(delete, Vec::new()).await.map(drop)
    }

    /// Processors that a task's parts are planned for beside its own worker's: those of workers of its kin that were heard
    /// of within some time and had nothing to do when this was first asked. Later attempts are told the same, so that they
    /// find what was made for the first.
    pub async fn remote_cores(
        &self,
        lease: Lease,
        worker: &str,
        kin: &str,
        within: Duration,
    ) -> Result<u32, DatabaseError> {
        let idle = sql!(
            "update tasks set cores_elsewhere = coalesce(cores_elsewhere, (
                 select cast(coalesce(sum(w.cores), 0) as bigint) from workers w
                 where w.kin = $1 and w.name <> $2 and w.seen_at > vidc_now() - cast($3 as bigint) and not exists (
                     select 1 from tasks t where t.worker = w.name and t.status = 'processing')))
             where id = $4 and attempt = $5 and status = 'processing' returning cores_elsewhere",
            kin,
            worker,
            within,
            lease.task,
            lease.attempt
        );
        let row = self.database.write(idle, Vec::new()).await?.pop();
        let cores = row.map_or(Ok(0), |row| row.fields().int())?;
        Ok(u32::try_from(cores).unwrap_or(u32::MAX))
    }
}
