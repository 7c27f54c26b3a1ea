//! The parts of the service, put together: what an API process and a worker process have in common.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::Mutex;
use vidc_compiler::{Bindings, Compiled, Options};
use vidc_dsl::{Sources, Syntax};

use crate::assets::AssetResolver;
use crate::blobs::{BlobStore, DirectoryStore, S3Settings, S3Store};
use crate::bus::{EventBus, LocalBus, Notification, RedisBus};
use crate::egress::{Egress, EgressPolicy, S3Inputs};
use crate::error::Error;
use crate::metrics::Metrics;
use crate::queue::{LocalQueue, ReadyQueue, ReadyTask, RedisQueue};
use crate::rate_limit::{LocalRateLimiter, RateLimit, RateLimiter, RedisRateLimiter};
use crate::redis::Redis;
use crate::store::model::{AssetId, Job, NewTask, Priority, TaskId, Tenant};
use crate::store::{CreateOutcome, IdempotencyKey, Postgres, Sqlite, Store};
use vidc_engine::compilation::{Compilation, compile_recipe};
use vidc_engine::disk_guard::DiskGuard;
use vidc_engine::ffmpeg::Tools;
use vidc_engine::probe::{Fingerprint, Prober};
use vidc_engine::probe_cache::ProbeCache;
use vidc_engine::stage_cache::StageCache;

/// How patient and how generous the service is.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// A worker that is not heard of for this long has lost its task.
    pub lease_duration: Duration,
    /// How often the sweeper looks.
    pub sweep_interval: Duration,
    /// How long results and uploads are kept.
    pub retention: Duration,
    /// Tasks that a tenant may have pending and processing.
    pub max_unfinished_tasks: i64,
    /// The largest file that is fetched from elsewhere, in bytes.
    pub max_fetch_bytes: u64,
    /// How fast one key, and one address, may ask.
    pub rate: RateLimit,
    /// Bytes that must be free on each disk before anything is begun.
    pub min_free_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            lease_duration: Duration::from_secs(30),
            sweep_interval: Duration::from_secs(5),
            retention: Duration::from_secs(7 * 24 * 3600),
            max_unfinished_tasks: 10_000,
            max_fetch_bytes: 16 << 30,
            rate: RateLimit::default(),
            min_free_bytes: 256 << 20,
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
    pub probe_cache: ProbeCache,
    /// Stages that were run before.
    pub stage_cache: StageCache,
    /// How patient and how generous it is.
    pub settings: Settings,
    /// Asks servers that clients name.
    pub egress: Egress,
    /// What tenants may read of the S3 store.
    pub s3_inputs: Option<S3Inputs>,
    /// Counts requests.
    pub rate_limiter: Arc<dyn RateLimiter>,
    /// Whether the disks have room for more.
    pub disk_guard: DiskGuard,
    /// What this process has done.
    pub metrics: Arc<Metrics>,
}

/// What the processes of a cluster share.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The database, by libpq's URL.
    pub postgres_url: String,
    /// The server, or several nodes of a cluster.
    pub redis_urls: Vec<String>,
    /// Before every key in Redis.
    pub redis_prefix: String,
}

/// Where uploads and results are kept.
#[derive(Clone, Debug)]
pub enum BlobConfig {
    /// A folder; every machine sees it.
    Directory(PathBuf),
    /// A bucket of an S3-compatible store.
    S3 {
        /// Which.
        settings: Box<S3Settings>,
        /// What tenants may name there as inputs: `bucket/folder`, where `{tenant}` stands for the tenant.
        readable_prefixes: Vec<String>,
    },
}

/// The parts that differ between one process and many.
struct Backends {
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
    pub webhook_url: Option<String>,
    /// What makes repeating it harmless.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// A recipe that was compiled on behalf of a tenant.
#[derive(Debug)]
pub struct CompiledRecipe {
    /// The text that its diagnostics speak of.
    pub sources: Sources,
    /// What was made of it.
    pub compilation: Compilation,
    /// What was fetched for it, by the URLs that name it.
    pub fetched_assets: BTreeMap<String, AssetId>,
    /// Its media, while they are read.
    _folder: TempDir,
}

impl CompiledRecipe {
    /// The work, if the recipe has no mistakes.
    pub fn without_errors(&self) -> Option<&Compiled> {
        let compiled = self.compilation.compiled.as_ref();
        compiled.filter(|_| !self.compilation.diagnostics.has_errors())
    }
}

/// What came of an order.
#[derive(Debug)]
pub enum Submission {
    /// The recipe has mistakes; nothing was queued.
    Invalid(Box<CompiledRecipe>),
    /// What the store made of it.
    Stored(CreateOutcome),
}

impl Service {
    /// One process, with its tasks in one folder.
    pub async fn open_embedded(
        folder: &Path,
        keep: &BlobConfig,
        settings: Settings,
        allowed: EgressPolicy,
    ) -> Result<Service, Error> {
        std::fs::create_dir_all(folder).map_err(vidc_engine::Error::io("make the directory", folder))?;
        let sqlite = Sqlite::open(&folder.join("vidc.db"))?;
        let base = Backends {
            store: Store::open(Arc::new(sqlite)).await?,
            queue: Arc::new(LocalQueue::default()),
            bus: Arc::new(LocalBus::default()),
            limiter: Arc::new(LocalRateLimiter::new(settings.rate)),
        };
        Service::open(base, keep, settings, allowed).await
    }

    /// One of many processes, around the same PostgreSQL, Redis and bytes.
    pub async fn open_clustered(
        around: &ClusterConfig,
        keep: &BlobConfig,
        settings: Settings,
        allowed: EgressPolicy,
    ) -> Result<Service, Error> {
        let postgres = Postgres::new(&around.postgres_url, CONNECTIONS)?;
        let redis = Redis::new(&around.redis_urls, &around.redis_prefix)?;
        let limiter = RedisRateLimiter::new(redis.clone(), settings.rate).await?;
        let base = Backends {
            store: Store::open(Arc::new(postgres)).await?,
            queue: Arc::new(RedisQueue::new(redis.clone()).await?),
            bus: Arc::new(RedisBus::new(redis).await?),
            limiter: Arc::new(limiter),
        };
        Service::open(base, keep, settings, allowed).await
    }

    async fn open(
        base: Backends,
        keep: &BlobConfig,
        settings: Settings,
        allowed: EgressPolicy,
    ) -> Result<Service, Error> {
        let (blobs, buckets, folder): (Arc<dyn BlobStore>, _, _) = match keep {
            BlobConfig::Directory(folder) => {
                let directory = DirectoryStore::open(folder)
                    .map_err(vidc_engine::Error::io("make the directory", folder))?;
                (Arc::new(directory), None, folder)
            }
            BlobConfig::S3 {
                settings,
                readable_prefixes: readable,
            } => (
                Arc::new(S3Store::open(settings).await?),
                Some(S3Inputs::new(settings, readable.clone())),
                &settings.cache_dir,
            ),
        };
        Ok(Service {
            store: base.store,
            queue: base.queue,
            bus: base.bus,
            rate_limiter: base.limiter,
            blobs,
            s3_inputs: buckets,
            disk_guard: DiskGuard::new(
                vec![std::env::temp_dir(), folder.clone()],
                settings.min_free_bytes,
            ),
            tools: Tools::find()?,
            probe_cache: ProbeCache::for_user(),
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
    ) -> Result<CompiledRecipe, Error> {
        let folder =
            tempfile::Builder::new()
                .prefix("vidc-media-")
                .tempdir()
                .map_err(vidc_engine::Error::io(
                    "make a directory in",
                    std::env::temp_dir(),
                ))?;
        let library = AssetResolver {
            service: self,
            tenant,
            assets: &job.assets,
            dir: folder.path(),
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
            cache: self.probe_cache.clone(),
            fingerprint: Fingerprint::Content,
        };
        let compilation = compile_recipe(&prober, source, bindings, options, &library, elsewhere).await?;
        Ok(CompiledRecipe {
            sources,
            compilation,
            fetched_assets: library.fetched.into_inner(),
            _folder: folder,
        })
    }

    /// Takes an order: checks it, and makes a task of it unless it has mistakes.
    pub async fn submit(&self, order: SubmitRequest) -> Result<Submission, Error> {
        if let Some(idempotency) = &order.idempotency_key
            && let Some(known) = self.store.find_repeated(&order.tenant, idempotency).await?
        {
            return Ok(Submission::Stored(known));
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
        let results = drafted
            .without_errors()
            .and_then(|_| drafted.compilation.results_key());
        let Some(plan_key) = results else {
            return Ok(Submission::Invalid(Box::new(drafted)));
        };
        let mut job = job.clone();
        // What was fetched is what is rendered, whatever the URL leads to later.
        job.assets.extend(drafted.fetched_assets.clone());
        for asset in job.assets.values() {
            self.store
                .extend_asset(tenant, *asset, self.settings.retention)
                .await?;
        }
        let cached = self.store.completed_task_for(tenant, &plan_key).await?;
        let task = NewTask {
            id: TaskId::generate(),
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
            webhook: order.webhook_url,
        };
        let Settings {
            max_unfinished_tasks: unfinished_allowed,
            retention,
            ..
        } = self.settings;
        let creation = self
            .store
            .create_task(
                &task,
                cached,
                order.idempotency_key.as_ref(),
                unfinished_allowed,
                retention,
            )
            .await?;
        if let CreateOutcome::Created(task) = &creation {
            let result = if task.cached_from.is_some() { "kept" } else { "new" };
            self.metrics.submitted.get_or_create(&[("result", result)]).inc();
            tracing::info!(task = %task.id, tenant = %task.tenant, status = task.status.name(), "task accepted");
            self.announce(task.id).await;
        }
        Ok(Submission::Stored(creation))
    }

    /// Puts a pending task into the index and tells everybody of it. If that fails the sweeper does it.
    pub async fn announce(&self, id: TaskId) {
        match self.store.queue_entry(id).await {
            Ok(Some((class, score))) => {
                let ready = ReadyTask {
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
        self.bus.publish(Notification::TaskChanged(id)).await;
    }
}
