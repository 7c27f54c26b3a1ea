//! How a service is set up: a file, the environment and flags, each of which goes before what stands to its left.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;
use vidc_service::blobs::S3Settings;
use vidc_service::egress::EgressPolicy;
use vidc_service::rate_limit::Rate;
use vidc_service::service::{BlobConfig, ClusterConfig, Service, Settings};

use super::exit::Failure;
use crate::http::ServerConfig;
use crate::http::auth::issuers::IssuerSettings;
use crate::http::limits::Limits;
use crate::http::tls::Certificate;

/// What `serve` and `worker` have in common.
#[derive(Debug, Args)]
pub(super) struct ServiceArguments {
    /// A YAML file with these settings, and more
    #[arg(long, value_name = "FILE", env = "VIDC_CONFIG")]
    config: Option<PathBuf>,
    /// The folder that holds uploads and results, and without PostgreSQL the tasks [default: vidc-data]
    #[arg(long, value_name = "DIR", env = "VIDC_DATA")]
    data: Option<PathBuf>,
    /// Keep tasks in PostgreSQL, so that many machines can share them; needs --redis
    #[arg(long, value_name = "URL", env = "VIDC_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
    /// Wake workers through Redis; several URLs are nodes of a cluster
    #[arg(
        long,
        value_name = "URL",
        env = "VIDC_REDIS",
        value_delimiter = ',',
        hide_env_values = true
    )]
    redis: Vec<String>,
    /// Keep uploads and results in this bucket of an S3-compatible store
    #[arg(long, value_name = "NAME", env = "VIDC_S3_BUCKET")]
    s3_bucket: Option<String>,
    /// The store, if it is not Amazon's
    #[arg(long, value_name = "URL", env = "VIDC_S3_ENDPOINT")]
    s3_endpoint: Option<String>,
}

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    data: Option<PathBuf>,
    workers: Option<usize>,
    postgres: Option<String>,
    redis: Urls,
    redis_prefix: Option<String>,
    lease_seconds: Option<u64>,
    sweep_seconds: Option<u64>,
    /// May be a fraction.
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
    s3: S3,
    issuers: Vec<IssuerSettings>,
    tls: Option<Tls>,
}

/// Of the file: how to speak HTTPS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls {
    certificate: PathBuf,
    key: PathBuf,
}

/// Of the file: the S3-compatible store.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct S3 {
    bucket: Option<String>,
    endpoint: Option<String>,
    public_endpoint: Option<String>,
    region: Option<String>,
    prefix: String,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    virtual_hosts: bool,
    near_bytes: Option<u64>,
}

/// Of local copies of what is in a bucket.
const NEAR_BYTES: u64 = 20 << 30;

impl S3 {
    /// Where uploads and results are kept.
    fn keep(self, data: &Path, readable: Vec<String>) -> Result<BlobConfig, Failure> {
        let Some(bucket) = self.bucket else {
            return Ok(BlobConfig::Folder(data.join("blobs")));
        };
        let from_environment = |given: Option<String>, variable: &str| {
            given.or_else(|| std::env::var(variable).ok().filter(|value| !value.is_empty()))
        };
        let credential = |given, variable: &str| {
            from_environment(given, variable).ok_or_else(|| {
                Failure::usage(format!(
                    "the bucket `{bucket}` is given without credentials: set `{variable}`, or `s3.{}` in the file",
                    variable.trim_start_matches("AWS_").to_lowercase()
                ))
            })
        };
        Ok(BlobConfig::Bucket {
            settings: Box::new(S3Settings {
                access_key_id: credential(self.access_key_id, "AWS_ACCESS_KEY_ID")?,
                secret_access_key: credential(self.secret_access_key, "AWS_SECRET_ACCESS_KEY")?,
                region: from_environment(self.region, "AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
                endpoint: self.endpoint,
                public_endpoint: self.public_endpoint,
                bucket,
                prefix: self.prefix,
                path_style: !self.virtual_hosts,
                near: data.join("near"),
                near_bytes: self.near_bytes.unwrap_or(NEAR_BYTES),
            }),
            readable,
        })
    }
}

/// One or several.
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

/// A service, set up.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) listen: Option<SocketAddr>,
    pub(super) workers: Option<usize>,
    pub(super) server: ServerConfig,
    home: Home,
    keep: BlobConfig,
    settings: Settings,
    allowed: EgressPolicy,
}

#[derive(Debug)]
enum Home {
    Folder(PathBuf),
    Cluster(ClusterConfig),
}

/// From the least lease on which a renewal every third of it leaves time for a slow database.
const SHORTEST_LEASE: u64 = 3;
/// A hundred years.
const LONGEST_RETENTION: Duration = Duration::from_secs(36_500 * 86_400);

impl Config {
    /// Puts the settings together.
    pub(super) fn of(arguments: ServiceArguments) -> Result<Config, Failure> {
        let file = match &arguments.config {
            Some(path) => read(path)?,
            None => File::default(),
        };
        let data = arguments.data.or(file.data);
        let data = data.unwrap_or_else(|| PathBuf::from("vidc-data"));
        let from_file = match file.redis {
            Urls::One(url) => vec![url],
            Urls::Many(urls) => urls,
        };
        let redis = match arguments.redis.is_empty() {
            true => from_file,
            false => arguments.redis,
        };
        let mut s3 = file.s3;
        s3.bucket = arguments.s3_bucket.or(s3.bucket);
        s3.endpoint = arguments.s3_endpoint.or(s3.endpoint);
        let keep = s3.keep(&data, file.fetch_from_buckets)?;
        let home = match (arguments.postgres.or(file.postgres), redis.is_empty()) {
            (None, true) => Home::Folder(data),
            (Some(postgres), false) => Home::Cluster(ClusterConfig {
                postgres,
                redis,
                redis_prefix: file.redis_prefix.unwrap_or_else(|| "vidc".to_owned()),
            }),
            (Some(_), true) => return Err(incomplete("PostgreSQL is given without Redis", "--redis")),
            (None, false) => return Err(incomplete("Redis is given without PostgreSQL", "--postgres")),
        };
        let default = Settings::default();
        let seconds = |given: Option<u64>, default| given.map_or(default, Duration::from_secs);
        let settings = Settings {
            lease: seconds(file.lease_seconds.map(|s| s.max(SHORTEST_LEASE)), default.lease),
            sweep: seconds(file.sweep_seconds.map(|s| s.max(1)), default.sweep),
            retention: match file.retention_days {
                None => default.retention,
                Some(days) => Duration::try_from_secs_f64(days * 86_400.0)
                    .ok()
                    .filter(|retention| *retention <= LONGEST_RETENTION)
                    .ok_or_else(|| Failure::usage("`retention_days` is from 0 to 36500"))?,
            },
            free_bytes: file.free_bytes.unwrap_or(default.free_bytes),
            fetched_bytes: file.fetch_bytes.unwrap_or(default.fetched_bytes),
            rate: Rate {
                per_second: file.requests_per_second.unwrap_or(default.rate.per_second),
                burst: file.request_burst.unwrap_or(default.rate.burst),
            },
            unfinished_allowed: file.unfinished_per_tenant.unwrap_or(default.unfinished_allowed),
        };
        let default = Limits::default();
        let limits = Limits {
            upload: file.upload_bytes.unwrap_or(default.upload),
            concurrent: file.concurrent_requests.unwrap_or(default.concurrent),
            trusted_proxies: file.trusted_proxies,
        };
        let allowed = EgressPolicy {
            networks: file.fetch_from_networks,
            http: file.fetch_over_http,
        };
        Ok(Config {
            allowed,
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
            home,
            keep,
            settings,
        })
    }

    /// Whether other processes work on the same tasks.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.home, Home::Cluster(_))
    }

    /// Opens what it names.
    pub(super) async fn open(&self) -> Result<Service, vidc_service::Error> {
        let (keep, allowed) = (&self.keep, self.allowed.clone());
        match &self.home {
            Home::Folder(folder) => Service::embedded(folder, keep, self.settings, allowed).await,
            Home::Cluster(around) => Service::clustered(around, keep, self.settings, allowed).await,
        }
    }
}

fn incomplete(what: &str, missing: &str) -> Failure {
    Failure::usage(format!(
        "{what}. Many machines need both: give `{missing}` too, or neither for one machine"
    ))
}

fn read(path: &Path) -> Result<File, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::environment(format!("cannot read {}: {error}", path.display())))?;
    serde_yaml::from_str(&text).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}
