//! `vidc serve` and `vidc worker`: take recipes over HTTP, and render them.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use vidc_engine::Cancel;
use vidc_service::{Error, egress, sweeper, worker};

use super::config::{Config, ServiceArguments};
use super::exit::Failure;
use super::key;
use super::output::Output;
use crate::http;

/// Arguments of `vidc serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The address to answer at; port 0 takes any free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "VIDC_LISTEN")]
    listen: Option<SocketAddr>,
    /// Tasks rendered side by side [default: 1]
    #[arg(long, value_name = "N", env = "VIDC_WORKERS")]
    workers: Option<usize>,
    #[command(flatten)]
    service: ServiceArguments,
}

/// Arguments of `vidc worker`.
#[derive(Debug, Args)]
pub(super) struct WorkerArguments {
    /// An address at which to tell how it is: /livez, /readyz and /metrics
    #[arg(long, value_name = "ADDRESS", env = "VIDC_LISTEN")]
    listen: Option<SocketAddr>,
    /// Tasks rendered side by side [default: 1]
    #[arg(long, value_name = "N", env = "VIDC_WORKERS")]
    workers: Option<usize>,
    #[command(flatten)]
    service: ServiceArguments,
}

/// Answers and works, until it is interrupted.
pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let config = Config::of(arguments.service)?;
    let workers = arguments.workers.or(config.workers).unwrap_or(1);
    let listen = arguments.listen.or(config.listen);
    let listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    block_on(async {
        let service = Arc::new(config.open().await?);
        let (canceller, stop) = Cancel::new();
        let server =
            http::Server::open(listen, Arc::clone(&service), config.server.clone(), stop.clone()).await?;
        output.say(&format!("listening on {}", server.address()));
        if !config.is_shared() {
            output.say(&format!("key: {}", key::printed_at_start(&service.store).await?));
        }
        let answering = tokio::spawn(server.answer());
        let sweeping = tokio::spawn(sweeper::sweep(Arc::clone(&service), stop.clone()));
        let delivering = tokio::spawn(egress::deliver(Arc::clone(&service), stop.clone()));
        let working = tokio::spawn(worker::work(service, workers, stop));
        super::interrupted().await;
        tracing::info!("shutting down");
        canceller.cancel();
        let (answered, ..) = tokio::join!(answering, working, sweeping, delivering);
        answered.map_err(|error| vidc_engine::Error::Internal(format!("answering requests: {error}")))?
    })
}

/// Works, until it is interrupted.
pub(super) fn run_worker(arguments: WorkerArguments, output: &Output) -> Result<(), Failure> {
    let config = Config::of(arguments.service)?;
    let workers = arguments.workers.or(config.workers).unwrap_or(1);
    if !config.is_shared() {
        return Err(Failure::usage(
            "a worker needs tasks that it shares with a server: give `--postgres` and `--redis`; \
             on one machine `vidc serve` does the work itself"
                .to_owned(),
        ));
    }
    block_on(async {
        let service = Arc::new(config.open().await?);
        let (canceller, stop) = Cancel::new();
        if let Some(listen) = arguments.listen {
            let server =
                http::Server::open(listen, Arc::clone(&service), config.server.clone(), stop.clone()).await?;
            output.say(&format!("listening on {}", server.address()));
            tokio::spawn(server.tell());
        }
        let sweeping = tokio::spawn(sweeper::sweep(Arc::clone(&service), stop.clone()));
        let delivering = tokio::spawn(egress::deliver(Arc::clone(&service), stop.clone()));
        let working = tokio::spawn(worker::work(service, workers, stop));
        output.say("working");
        super::interrupted().await;
        tracing::info!("shutting down");
        canceller.cancel();
        let _ = tokio::join!(working, sweeping, delivering);
        Ok(())
    })
}

fn block_on(service: impl Future<Output = Result<(), Error>>) -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stdout)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("VIDC_LOG").unwrap_or_else(|_| "info".into()),
        )
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Failure::environment(format!("the asynchronous runtime does not start: {error}")))?;
    let served = runtime.block_on(service);
    // What still reads or hashes a file has nobody to answer to.
    runtime.shutdown_background();
    Ok(served?)
}
