//! The service's backends and settings, which API processes and workers share.

use std::path::Path;
use std::sync::Arc;

use vidc_engine::disk_guard::DiskGuard;
use vidc_engine::ffmpeg::Tools;
use vidc_engine::probe_cache::ProbeCache;
use vidc_engine::stage_cache::StageCache;

use crate::blobs::{BlobStore, DirectoryStore, S3Store};
use crate::bus::{EventBus, LocalBus, Notification, RedisBus};
use crate::config::{BlobConfig, ClusterConfig, Settings};
use crate::egress::{Egress, EgressPolicy, S3Inputs};
use crate::error::Error;
use crate::metrics::Metrics;
use crate::queue::{LocalQueue, ReadyQueue, ReadyTask, RedisQueue};
use crate::rate_limit::{LocalRateLimiter, RateLimiter, RedisRateLimiter};
use crate::redis::Redis;
use crate::store::model::TaskId;
use crate::store::{Postgres, Sqlite, Store};

/// Connections to the database in each process.
const DATABASE_CONNECTIONS: usize = 16;

/// The service within one process.
#[derive(Clone, Debug)]
pub struct Service {
    /// The database.
    pub(crate) store: Store,
    /// The index of tasks that are ready to run.
    pub(crate) queue: Arc<dyn ReadyQueue>,
    /// Notifications between processes.
    pub(crate) bus: Arc<dyn EventBus>,
    /// Uploads and results.
    pub(crate) blobs: Arc<dyn BlobStore>,
    /// The FFmpeg programs.
    pub(crate) tools: Tools,
    /// Facts of media that were probed before.
    pub(crate) probe_cache: ProbeCache,
    /// Results of stages that were run before.
    pub(crate) stage_cache: StageCache,
    /// Durations and limits.
    pub(crate) settings: Settings,
    /// The HTTP client for URLs that clients name.
    pub(crate) egress: Egress,
    /// Objects of the S3 store that tenants may name as inputs.
    pub(crate) s3_inputs: Option<S3Inputs>,
    /// Rate limits of clients.
    pub(crate) rate_limiter: Arc<dyn RateLimiter>,
    /// Checks that the disks have free space.
    pub(crate) disk_guard: DiskGuard,
    /// Metrics of this process.
    pub(crate) metrics: Arc<Metrics>,
}

/// The backends that differ between a single process and a cluster.
struct Backends {
    store: Store,
    queue: Arc<dyn ReadyQueue>,
    bus: Arc<dyn EventBus>,
    rate_limiter: Arc<dyn RateLimiter>,
}

impl Service {
    /// Opens a service that runs in this process alone and keeps its tasks in a SQLite file in `dir`.
    pub async fn open_embedded(
        dir: &Path,
        blobs: &BlobConfig,
        settings: Settings,
        egress: EgressPolicy,
    ) -> Result<Service, Error> {
        std::fs::create_dir_all(dir).map_err(vidc_engine::Error::io("make the directory", dir))?;
        let sqlite = Sqlite::open(&dir.join("vidc.db"))?;
        let backends = Backends {
            store: Store::open(Arc::new(sqlite)).await?,
            queue: Arc::new(LocalQueue::default()),
            bus: Arc::new(LocalBus::default()),
            rate_limiter: Arc::new(LocalRateLimiter::new(settings.rate)),
        };
        Service::open(backends, blobs, settings, egress).await
    }

    /// Opens a service as one of the processes that share PostgreSQL, Redis and a blob store.
    pub async fn open_clustered(
        cluster: &ClusterConfig,
        blobs: &BlobConfig,
        settings: Settings,
        egress: EgressPolicy,
    ) -> Result<Service, Error> {
        let postgres = Postgres::new(&cluster.postgres_url, DATABASE_CONNECTIONS)?;
        let redis = Redis::new(&cluster.redis_urls, &cluster.redis_prefix)?;
        let rate_limiter = RedisRateLimiter::new(redis.clone(), settings.rate).await?;
        let backends = Backends {
            store: Store::open(Arc::new(postgres)).await?,
            queue: Arc::new(RedisQueue::new(redis.clone()).await?),
            bus: Arc::new(RedisBus::new(redis).await?),
            rate_limiter: Arc::new(rate_limiter),
        };
        Service::open(backends, blobs, settings, egress).await
    }

    async fn open(
        backends: Backends,
        blobs: &BlobConfig,
        settings: Settings,
        egress: EgressPolicy,
    ) -> Result<Service, Error> {
        let (blobs, s3_inputs, blob_dir): (Arc<dyn BlobStore>, _, _) = match blobs {
            BlobConfig::Directory(dir) => {
                let directory =
                    DirectoryStore::open(dir).map_err(vidc_engine::Error::io("make the directory", dir))?;
                (Arc::new(directory), None, dir)
            }
            BlobConfig::S3 {
                settings,
                readable_prefixes,
            } => (
                Arc::new(S3Store::open(settings).await?),
                Some(S3Inputs::new(settings, readable_prefixes.clone())),
                &settings.cache_dir,
            ),
        };
        Ok(Service {
            store: backends.store,
            queue: backends.queue,
            bus: backends.bus,
            rate_limiter: backends.rate_limiter,
            blobs,
            s3_inputs,
            disk_guard: DiskGuard::new(
                vec![std::env::temp_dir(), blob_dir.clone()],
                settings.min_free_bytes,
            ),
            tools: Tools::find()?,
            probe_cache: ProbeCache::for_user(),
            stage_cache: StageCache::for_user()?,
            settings,
            egress: Egress::new(egress)?,
            metrics: Arc::default(),
        })
    }

    /// Adds a pending task to the ready queue and notifies all processes. If that fails, the sweeper adds it later.
    pub(crate) async fn announce(&self, id: TaskId) {
        match self.store.queue_entry(id).await {
            Ok(Some((class, score))) => {
                let ready = ReadyTask {
                    task: id,
                    class,
                    score,
                };
                if let Err(error) = self.queue.announce(&[ready]).await {
                    tracing::warn!(task = %id, %error, "task not queued; the sweeper will queue it");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(task = %id, %error, "task not queued; the sweeper will queue it"),
        }
        self.bus.publish(Notification::TaskChanged(id)).await;
    }
}
