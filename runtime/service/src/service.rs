//! The parts of the service, put together: what an API process and a worker process have in common.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::Mutex;
use vidc_compiler::{Bindings, Compiled, Options};
use vidc_dsl::{Sources, Syntax};

use crate::assets::Assets;
use crate::blobs::{BlobStore, Bucket, Directory, S3Settings};
use crate::bus::{EventBus, Hint, LocalBus, RedisBus};
use crate::egress::{Buckets, Egress, EgressPolicy};
use crate::error::Error;
use crate::metrics::Metrics;
use crate::queue::{LocalQueue, Ready, ReadyQueue, RedisQueue};
use crate::rate_limit::{LocalLimiter, Rate, RateLimiter, RedisLimiter};
use crate::redis::Redis;
use crate::store::model::{AssetId, Job, NewTask, Priority, TaskId, Tenant};
use crate::store::{Creation, Idempotency, Postgres, Sqlite, Store};
use vidc_engine::compilation::{Compilation, compile_recipe};
use vidc_engine::disk_guard::DiskGuard;
use vidc_engine::ffmpeg::Tools;
use vidc_engine::probe::{Identity, Prober};
use vidc_engine::probe_cache::ProbeCache;
use vidc_engine::stage_cache::StageCache;

/// How patient and how generous the service is.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// A worker that is not heard of for this long has lost its task.
    pub lease: Duration,
    /// How often the sweeper looks.
    pub sweep: Duration,
    /// How long results and uploads are kept.
    pub retention: Duration,
    /// Tasks that a tenant may have pending and processing.
    pub unfinished_allowed: i64,
    /// The largest file that is fetched from elsewhere, in bytes.
    pub fetched_bytes: u64,
    /// How fast one key, and one address, may ask.
    pub rate: Rate,
    /// Bytes that must be free on each disk before anything is begun.
    pub free_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            lease: Duration::from_secs(30),
            sweep: Duration::from_secs(5),
            retention: Duration::from_secs(7 * 24 * 3600),
            unfinished_allowed: 10_000,
            fetched_bytes: 16 << 30,
            rate: Rate::default(),
            free_bytes: 256 << 20,
        }
    }
}

/// The parts.
#[derive(Clone, Debug)]
pub struct Service {
    /// The rows.
    pub store: Store,
    /// The index of what is ready.
    pub queue: Arc<dyn ReadyQueue>,
    /// Hints between processes.
    pub bus: Arc<dyn EventBus>,
    /// The bytes.
    pub blobs: Arc<dyn BlobStore>,
    /// FFmpeg.
    pub tools: Tools,
    /// Facts of media that were looked at before.
    pub cache: ProbeCache,
    /// Stages that were run before.
    pub stage_cache: StageCache,
    /// How patient and how generous it is.
    pub settings: Settings,
    /// Asks servers that clients name.
    pub egress: Egress,
    /// What tenants may read of the S3 store.
    pub buckets: Option<Buckets>,
    /// Counts requests.
    pub limiter: Arc<dyn RateLimiter>,
    /// Whether the disks have room for more.
    pub room: DiskGuard,
    /// What this process has done.
    pub metrics: Arc<Metrics>,
}

/// What the processes of a cluster share.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The database, by libpq's URL.
    pub postgres: String,
    /// The server, or several nodes of a cluster.
    pub redis: Vec<String>,
    /// Before every key in Redis.
    pub redis_prefix: String,
}

/// Where uploads and results are kept.
#[derive(Clone, Debug)]
pub enum BlobConfig {
    /// A folder; every machine sees it.
    Folder(PathBuf),
    /// A bucket of an S3-compatible store.
    Bucket {
        /// Which.
        settings: Box<S3Settings>,
        /// What tenants may name there as inputs: `bucket/folder`, where `{tenant}` stands for the tenant.
        readable: Vec<String>,
    },
}

/// The parts that differ between one process and many.
struct Base {
    store: Store,
    queue: Arc<dyn ReadyQueue>,
    bus: Arc<dyn EventBus>,
    limiter: Arc<dyn RateLimiter>,
}

/// Connections that a process keeps to its database.
const CONNECTIONS: usize = 16;

/// A recipe that somebody wants made.
#[derive(Clone, Debug)]
pub struct SubmitRequest {
    /// Whose it is.
    pub tenant: Tenant,
    /// What the recipe is called in messages.
    pub name: String,
    /// Its syntax.
    pub syntax: Syntax,
    /// Its text.
    pub recipe: String,
    /// What is bound to it.
    pub job: Job,
    /// How soon it is wanted.
    pub priority: Priority,
    /// Who is told when it ends.
    pub webhook: Option<String>,
    /// What makes repeating it harmless.
    pub idempotency: Option<Idempotency>,
}

/// A recipe that was compiled on behalf of a tenant.
#[derive(Debug)]
pub struct TenantCompilation {
    /// The text that its diagnostics speak of.
    pub sources: Sources,
    /// What was made of it.
    pub compilation: Compilation,
    /// What was fetched for it, by the URLs that name it.
    pub fetched: BTreeMap<String, AssetId>,
    /// Its media, while they are read.
    _folder: TempDir,
}

impl TenantCompilation {
    /// The work, if the recipe has no mistakes.
    pub fn accepted(&self) -> Option<&Compiled> {
        let compiled = self.compilation.compiled.as_ref();
        compiled.filter(|_| !self.compilation.diagnostics.has_errors())
    }
}

/// What came of an order.
#[derive(Debug)]
pub enum Submitted {
    /// The recipe has mistakes; nothing was queued.
    Refused(Box<TenantCompilation>),
    /// What the store made of it.
    Taken(Creation),
}

impl Service {
    /// One process, with its tasks in one folder.
    pub async fn embedded(
        folder: &Path,
        keep: &BlobConfig,
        settings: Settings,
        allowed: EgressPolicy,
    ) -> Result<Service, Error> {
        std::fs::create_dir_all(folder).map_err(vidc_engine::Error::io("make the directory", folder))?;
        let sqlite = Sqlite::open(&folder.join("vidc.db"))?;
        let base = Base {
            store: Store::open(Arc::new(sqlite)).await?,
            queue: Arc::new(LocalQueue::default()),
            bus: Arc::new(LocalBus::default()),
            limiter: Arc::new(LocalLimiter::new(settings.rate)),
        };
        Service::upon(base, keep, settings, allowed).await
    }

    /// One of many processes, around the same PostgreSQL, Redis and bytes.
    pub async fn clustered(
        around: &ClusterConfig,
        keep: &BlobConfig,
        settings: Settings,
        allowed: EgressPolicy,
    ) -> Result<Service, Error> {
        let postgres = Postgres::new(&around.postgres, CONNECTIONS)?;
        let redis = Redis::new(&around.redis, &around.redis_prefix)?;
        let limiter = RedisLimiter::new(redis.clone(), settings.rate).await?;
        let base = Base {
            store: Store::open(Arc::new(postgres)).await?,
            queue: Arc::new(RedisQueue::new(redis.clone()).await?),
            bus: Arc::new(RedisBus::new(redis).await?),
            limiter: Arc::new(limiter),
        };
        Service::upon(base, keep, settings, allowed).await
    }

    async fn upon(
        base: Base,
        keep: &BlobConfig,
        settings: Settings,
        allowed: EgressPolicy,
    ) -> Result<Service, Error> {
        let (blobs, buckets, folder): (Arc<dyn BlobStore>, _, _) = match keep {
            BlobConfig::Folder(folder) => {
                let directory =
                    Directory::open(folder).map_err(vidc_engine::Error::io("make the directory", folder))?;
                (Arc::new(directory), None, folder)
            }
            BlobConfig::Bucket { settings, readable } => (
                Arc::new(Bucket::open(settings).await?),
                Some(Buckets::new(settings, readable.clone())),
                &settings.near,
            ),
        };
        Ok(Service {
            store: base.store,
            queue: base.queue,
            bus: base.bus,
            limiter: base.limiter,
            blobs,
            buckets,
            room: DiskGuard::new(vec![std::env::temp_dir(), folder.clone()], settings.free_bytes),
            tools: Tools::find()?,
            cache: ProbeCache::for_user(),
            stage_cache: StageCache::for_user()?,
            settings,
            egress: Egress::new(allowed)?,
            metrics: Arc::default(),
        })
    }

    /// Compiles a recipe against a tenant's assets, for a machine that so many processors of others help.
    pub async fn compile_recipe(
        &self,
        tenant: &Tenant,
        name: &str,
        syntax: Syntax,
        recipe: &str,
        job: &Job,
        elsewhere: u32,
    ) -> Result<TenantCompilation, Error> {
        let folder =
            tempfile::Builder::new()
                .prefix("vidc-media-")
                .tempdir()
                .map_err(vidc_engine::Error::io(
                    "make a directory in",
                    std::env::temp_dir(),
                ))?;
        let library = Assets {
            service: self,
            tenant,
            assets: &job.assets,
            folder: folder.path(),
            fetched: Mutex::default(),
        };
        let mut sources = Sources::default();
        let id = sources.add(name, recipe, syntax);
        let source = sources
            .get(id)
            .ok_or_else(|| vidc_engine::Error::Internal("a recipe that was added is not there".to_owned()))?;
        let bindings = Bindings {
            params: job.params.clone(),
            inputs: job.inputs.clone(),
        };
        let options = Options {
            without_passes: job.without_passes.iter().copied().collect(),
            view: None,
        };
        let prober = Prober {
            tools: self.tools.clone(),
            cache: self.cache.clone(),
            identity: Identity::Content,
        };
        let compilation = compile_recipe(&prober, source, bindings, options, &library, elsewhere).await?;
        Ok(TenantCompilation {
            sources,
            compilation,
            fetched: library.fetched.into_inner(),
            _folder: folder,
        })
    }

    /// Takes an order: checks it, and makes a task of it unless it has mistakes.
    pub async fn submit(&self, order: SubmitRequest) -> Result<Submitted, Error> {
        if let Some(idempotency) = &order.idempotency
            && let Some(known) = self.store.repeated(&order.tenant, idempotency).await?
        {
            return Ok(Submitted::Taken(known));
        }
        let SubmitRequest {
            tenant,
            name,
            syntax,
            recipe,
            job,
            ..
        } = &order;
        let drafted = self.compile_recipe(tenant, name, *syntax, recipe, job, 0).await?;
        let results = drafted.accepted().and_then(|_| drafted.compilation.results());
        let Some(plan_key) = results else {
            return Ok(Submitted::Refused(Box::new(drafted)));
        };
        let mut job = job.clone();
        // What was fetched is what is rendered, whatever the URL leads to later.
        job.assets.extend(drafted.fetched.clone());
        for asset in job.assets.values() {
            self.store
                .keep_asset(tenant, *asset, self.settings.retention)
                .await?;
        }
        let cached = self.store.result(tenant, &plan_key).await?;
        let task = NewTask {
            id: TaskId::fresh(),
            tenant: order.tenant,
            priority: order.priority,
            name: order.name,
            syntax: match order.syntax {
                Syntax::Text => "vidc".to_owned(),
                Syntax::Yaml => "yaml".to_owned(),
            },
            recipe: order.recipe,
            job,
            plan_key,
            webhook: order.webhook,
        };
        let Settings {
            unfinished_allowed,
            retention,
            ..
        } = self.settings;
        let creation = self
            .store
            .create(
                &task,
                cached,
                order.idempotency.as_ref(),
                unfinished_allowed,
                retention,
            )
            .await?;
        if let Creation::Created(task) = &creation {
            let result = if task.cached_from.is_some() { "kept" } else { "new" };
            self.metrics.submitted.get_or_create(&[("result", result)]).inc();
            tracing::info!(task = %task.id, tenant = %task.tenant, status = task.status.name(), "task accepted");
            self.announce(task.id).await;
        }
        Ok(Submitted::Taken(creation))
    }

    /// Puts a pending task into the index and tells everybody of it. If that fails the sweeper does it.
    pub async fn announce(&self, id: TaskId) {
        match self.store.place(id).await {
            Ok(Some((class, score))) => {
                let ready = Ready {
                    task: id,
                    class,
                    score,
                };
                if let Err(error) = self.queue.announce(&[ready]).await {
                    tracing::warn!(task = %id, %error, "a task waits for the sweeper");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(task = %id, %error, "a task waits for the sweeper"),
        }
        self.bus.publish(Hint::Changed(id)).await;
    }
}
