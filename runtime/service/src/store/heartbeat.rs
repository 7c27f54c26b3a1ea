//! Registered workers, each of which renews its registration with a heartbeat.

use std::time::Duration;

use super::Store;
use super::database::{DatabaseError, sql};
use super::model::Lease;

impl Store {
    /// Registers a worker with a number of processors, or renews its registration. Workers with the same compatibility
    /// key can run each other's parts.
    pub async fn register_worker(
        &self,
        worker: &str,
        compat_key: &str,
        cores: u32,
    ) -> Result<(), DatabaseError> {
        let upsert = sql!(
            "insert into workers (name, kin, cores, seen_at) values ($1, $2, $3, vidc_now())
             on conflict (name) do update set kin = excluded.kin, seen_at = excluded.seen_at returning name",
            worker,
            compat_key,
            i64::from(cores)
        );
        self.database.write(upsert, Vec::new()).await.map(drop)
    }

    /// Deletes a worker's registration.
    pub async fn deregister_worker(&self, worker: &str) -> Result<(), DatabaseError> {
        let delete = sql!("delete from workers where name = $1 returning name", worker);
        self.database.write(delete, Vec::new()).await.map(drop)
    }

    /// Returns the number of processors of other workers for which parts of a task are planned: those of compatible
    /// workers that were registered within `max_age` and idle at the first call. Later attempts get the same number, so
    /// that their plan has the parts whose results exist.
    pub async fn remote_cores(
        &self,
        lease: Lease,
        worker: &str,
        compat_key: &str,
        max_age: Duration,
    ) -> Result<u32, DatabaseError> {
        let guard = sql!(
            "update tasks set cores_elsewhere = coalesce(cores_elsewhere, (
                 select cast(coalesce(sum(w.cores), 0) as bigint) from workers w
                 where w.kin = $1 and w.name <> $2 and w.seen_at > vidc_now() - cast($3 as bigint) and not exists (
                     select 1 from tasks t where t.worker = w.name and t.status = 'processing')))
             where id = $4 and attempt = $5 and status = 'processing' returning cores_elsewhere",
            compat_key,
            worker,
            max_age,
            lease.task,
            lease.attempt
        );
        let row = self.database.write(guard, Vec::new()).await?.pop();
        let cores = row.map_or(Ok(0), |row| row.fields().int())?;
        Ok(u32::try_from(cores).unwrap_or(u32::MAX))
    }
}
