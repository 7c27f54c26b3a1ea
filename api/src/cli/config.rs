//! Configuration of the service. Command-line options override environment variables, which override the file.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;
use vidc_service::blobs::S3Settings;
use vidc_service::config::{BlobConfig, ClusterConfig, Settings};
use vidc_service::egress::EgressPolicy;
use vidc_service::rate_limit::RateLimit;
use vidc_service::service::Service;

use super::failure::Failure;
use crate::http::ServerConfig;
use crate::http::auth::issuers::IssuerSettings;
use crate::http::limits::Limits;
use crate::http::tls::Certificate;

/// Options shared by `serve`, `worker` and `key`.
#[derive(Debug, Args)]
pub(super) struct ServiceArguments {
    /// YAML configuration file; options and environment variables override it
    #[arg(long, value_name = "FILE", env = "VIDC_CONFIG")]
    config: Option<PathBuf>,
    /// Directory for uploads and outputs, and for the task database unless --postgres is given [default: vidc-data]
    #[arg(long, value_name = "DIR", env = "VIDC_DATA")]
    data: Option<PathBuf>,
    /// PostgreSQL database for tasks, shared by several machines; requires --redis
    #[arg(long, value_name = "URL", env = "VIDC_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
    /// Redis server for queues and events; several URLs are the nodes of a Redis Cluster
    #[arg(
        long,
        value_name = "URL",
        env = "VIDC_REDIS",
        value_delimiter = ',',
        hide_env_values = true
    )]
    redis: Vec<String>,
    /// S3 bucket for uploads and outputs
    #[arg(long, value_name = "NAME", env = "VIDC_S3_BUCKET")]
    s3_bucket: Option<String>,
    /// Endpoint of an S3-compatible store other than Amazon S3
    #[arg(long, value_name = "URL", env = "VIDC_S3_ENDPOINT")]
    s3_endpoint: Option<String>,
}

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ConfigFile {
    listen: Option<SocketAddr>,
    data: Option<PathBuf>,
    workers: Option<usize>,
    postgres: Option<String>,
    redis: Urls,
    redis_prefix: Option<String>,
    lease_seconds: Option<u64>,
    sweep_seconds: Option<u64>,
    /// Fractions are allowed.
    retention_days: Option<f64>,
    unfinished_per_tenant: Option<i64>,
    requests_per_second: Option<NonZeroU32>,
    request_burst: Option<NonZeroU32>,
    concurrent_requests: Option<usize>,
    upload_bytes: Option<u64>,
    trusted_proxies: Vec<IpNet>,
    fetch_from_networks: Vec<IpNet>,
    fetch_over_http: bool,
    fetch_bytes: Option<u64>,
    free_bytes: Option<u64>,
    fetch_from_buckets: Vec<String>,
    s3: S3Section,
    issuers: Vec<IssuerSettings>,
    tls: Option<TlsSection>,
}

/// The `tls` section: PEM files for HTTPS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsSection {
    certificate: PathBuf,
    key: PathBuf,
}

/// The `s3` section: an S3-compatible store.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct S3Section {
    bucket: Option<String>,
    endpoint: Option<String>,
    public_endpoint: Option<String>,
    region: Option<String>,
    prefix: String,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    virtual_hosts: bool,
    #[serde(alias = "near_bytes")]
    disk_cache_bytes: Option<u64>,
}

/// Default size of the disk cache for blobs of a bucket.
const DISK_CACHE_BYTES: u64 = 20 << 30;

impl S3Section {
    /// Configures the blob store: the bucket, or a directory if there is none.
    fn blob_config(self, data: &Path, readable_prefixes: Vec<String>) -> Result<BlobConfig, Failure> {
        let Some(bucket) = self.bucket else {
            return Ok(BlobConfig::Directory(data.join("blobs")));
        };
        let or_environment = |value: Option<String>, variable: &str| {
            value.or_else(|| std::env::var(variable).ok().filter(|value| !value.is_empty()))
        };
        let credential = |value, variable: &str| {
            or_environment(value, variable).ok_or_else(|| {
                Failure::usage(format!(
                    "no credentials for the bucket `{bucket}`: set `{variable}`, or `s3.{}` in the configuration file",
                    variable.trim_start_matches("AWS_").to_lowercase()
                ))
            })
        };
        Ok(BlobConfig::S3 {
            settings: Box::new(S3Settings {
                access_key_id: credential(self.access_key_id, "AWS_ACCESS_KEY_ID")?,
                secret_access_key: credential(self.secret_access_key, "AWS_SECRET_ACCESS_KEY")?,
                region: or_environment(self.region, "AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
                endpoint: self.endpoint,
                public_endpoint: self.public_endpoint,
                bucket,
                prefix: self.prefix,
                path_style: !self.virtual_hosts,
                cache_dir: data.join("disk-cache"),
                cache_bytes: self.disk_cache_bytes.unwrap_or(DISK_CACHE_BYTES),
            }),
            readable_prefixes,
        })
    }
}

/// One URL or a list of URLs.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Urls {
    One(String),
    Many(Vec<String>),
}

impl Default for Urls {
    fn default() -> Self {
        Urls::Many(Vec::new())
    }
}

/// The merged configuration of a service process.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) listen: Option<SocketAddr>,
    pub(super) workers: Option<usize>,
    pub(super) server: ServerConfig,
    database: DatabaseConfig,
    blobs: BlobConfig,
    settings: Settings,
    egress: EgressPolicy,
}

/// Where tasks are stored.
#[derive(Debug)]
enum DatabaseConfig {
    /// SQLite in a directory, used by one process.
    Embedded(PathBuf),
    /// PostgreSQL and Redis, shared by several processes.
    Cluster(ClusterConfig),
}

/// Shortest lease, in seconds. It is renewed every third of its length, which must leave time for a slow database.
const MIN_LEASE_SECONDS: u64 = 3;
/// A hundred years.
const MAX_RETENTION: Duration = Duration::from_secs(36_500 * 86_400);

impl Config {
    /// Reads the configuration file and applies the options.
    pub(super) fn read(arguments: ServiceArguments) -> Result<Config, Failure> {
        let file = match &arguments.config {
            Some(path) => read_file(path)?,
            None => ConfigFile::default(),
        };
        let data = arguments.data.or(file.data);
        let data = data.unwrap_or_else(|| PathBuf::from("vidc-data"));
        let redis_in_file = match file.redis {
            Urls::One(url) => vec![url],
            Urls::Many(urls) => urls,
        };
        let redis = match arguments.redis.is_empty() {
            true => redis_in_file,
            false => arguments.redis,
        };
        let mut s3 = file.s3;
        s3.bucket = arguments.s3_bucket.or(s3.bucket);
        s3.endpoint = arguments.s3_endpoint.or(s3.endpoint);
        let blobs = s3.blob_config(&data, file.fetch_from_buckets)?;
        let database = match (arguments.postgres.or(file.postgres), redis.is_empty()) {
            (None, true) => DatabaseConfig::Embedded(data),
            (Some(postgres), false) => DatabaseConfig::Cluster(ClusterConfig {
                postgres_url: postgres,
                redis_urls: redis,
                redis_prefix: file.redis_prefix.unwrap_or_else(|| "vidc".to_owned()),
            }),
            (Some(_), true) => return Err(incomplete_cluster("PostgreSQL", "Redis", "--redis")),
            (None, false) => return Err(incomplete_cluster("Redis", "PostgreSQL", "--postgres")),
        };
        let default = Settings::default();
        let seconds = |value: Option<u64>, default| value.map_or(default, Duration::from_secs);
        let settings = Settings {
            lease_duration: seconds(
                file.lease_seconds.map(|s| s.max(MIN_LEASE_SECONDS)),
                default.lease_duration,
            ),
            sweep_interval: seconds(file.sweep_seconds.map(|s| s.max(1)), default.sweep_interval),
            retention: match file.retention_days {
                None => default.retention,
                Some(days) => Duration::try_from_secs_f64(days * 86_400.0)
                    .ok()
                    .filter(|retention| *retention <= MAX_RETENTION)
                    .ok_or_else(|| Failure::usage("`retention_days` must be between 0 and 36500"))?,
            },
            min_free_bytes: file.free_bytes.unwrap_or(default.min_free_bytes),
            max_fetch_bytes: file.fetch_bytes.unwrap_or(default.max_fetch_bytes),
            rate: RateLimit {
                per_second: file.requests_per_second.unwrap_or(default.rate.per_second),
                burst: file.request_burst.unwrap_or(default.rate.burst),
            },
            max_unfinished_tasks: file.unfinished_per_tenant.unwrap_or(default.max_unfinished_tasks),
        };
        let default = Limits::default();
        let limits = Limits {
            upload_bytes: file.upload_bytes.unwrap_or(default.upload_bytes),
            concurrent_requests: file.concurrent_requests.unwrap_or(default.concurrent_requests),
            trusted_proxies: file.trusted_proxies,
        };
        let egress = EgressPolicy {
            allowed_networks: file.fetch_from_networks,
            allow_http: file.fetch_over_http,
        };
        Ok(Config {
            egress,
            server: ServerConfig {
                limits,
                issuers: file.issuers,
                certificate: file.tls.map(|tls| Certificate {
                    chain: tls.certificate,
                    key: tls.key,
                }),
            },
            listen: file.listen,
            workers: file.workers,
            database,
            blobs,
            settings,
        })
    }

    /// Whether several processes share the tasks.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.database, DatabaseConfig::Cluster(_))
    }

    /// Connects to the databases and stores.
    pub(super) async fn open(&self) -> Result<Service, vidc_service::Error> {
        let (blobs, egress) = (&self.blobs, self.egress.clone());
        match &self.database {
            DatabaseConfig::Embedded(directory) => {
                Service::open_embedded(directory, blobs, self.settings, egress).await
            }
            DatabaseConfig::Cluster(cluster) => {
                Service::open_clustered(cluster, blobs, self.settings, egress).await
            }
        }
    }
}

fn incomplete_cluster(given: &str, missing: &str, option: &str) -> Failure {
    Failure::usage(format!(
        "{given} is configured without {missing}. A service on several machines needs both: add `{option}`, \
         or configure neither to run on one machine"
    ))
}

fn read_file(path: &Path) -> Result<ConfigFile, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::environment(format!("cannot read {}: {error}", path.display())))?;
    serde_yaml::from_str(&text).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}
