//! How a service is set up: a file, the environment and flags, each of which goes before what stands to its left.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;
use vidc_runtime::limit::Rate;
use vidc_runtime::outside::Allowed;
use vidc_runtime::service::{Around, Service, Settings};

use super::exit::Failure;
use crate::http::limits::Limits;

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
    retention_days: Option<u64>,
    unfinished_per_tenant: Option<i64>,
    requests_per_second: Option<NonZeroU32>,
    request_burst: Option<NonZeroU32>,
    concurrent_requests: Option<usize>,
    upload_bytes: Option<u64>,
    trusted_proxies: Vec<IpNet>,
    fetch_from_networks: Vec<IpNet>,
    fetch_over_http: bool,
    fetch_bytes: Option<u64>,
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
    pub(super) limits: Limits,
    home: Home,
    settings: Settings,
    allowed: Allowed,
}

#[derive(Debug)]
enum Home {
    Folder(PathBuf),
    Cluster(Around),
}

/// From the least lease on which a renewal every third of it leaves time for a slow database.
const SHORTEST_LEASE: u64 = 3;

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
        let home = match (arguments.postgres.or(file.postgres), redis.is_empty()) {
            (None, true) => Home::Folder(data),
            (Some(postgres), false) => Home::Cluster(Around {
                postgres,
                redis,
                redis_prefix: file.redis_prefix.unwrap_or_else(|| "vidc".to_owned()),
                blobs: data.join("blobs"),
            }),
            (Some(_), true) => return Err(incomplete("PostgreSQL is given without Redis", "--redis")),
            (None, false) => return Err(incomplete("Redis is given without PostgreSQL", "--postgres")),
        };
        let default = Settings::default();
        let seconds = |given: Option<u64>, default| given.map_or(default, Duration::from_secs);
        let settings = Settings {
            lease: seconds(file.lease_seconds.map(|s| s.max(SHORTEST_LEASE)), default.lease),
            sweep: seconds(file.sweep_seconds.map(|s| s.max(1)), default.sweep),
            retention: seconds(
                file.retention_days.map(|days| days.saturating_mul(86_400)),
                default.retention,
            ),
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
        let allowed = Allowed {
            networks: file.fetch_from_networks,
            http: file.fetch_over_http,
        };
        Ok(Config {
            allowed,
            limits,
            listen: file.listen,
            workers: file.workers,
            home,
            settings,
        })
    }

    /// Whether other processes work on the same tasks.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.home, Home::Cluster(_))
    }

    /// Opens what it names.
    pub(super) async fn open(&self) -> Result<Service, vidc_runtime::Error> {
        match &self.home {
            Home::Folder(folder) => Service::embedded(folder, self.settings, self.allowed.clone()).await,
            Home::Cluster(around) => Service::clustered(around, self.settings, self.allowed.clone()).await,
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
