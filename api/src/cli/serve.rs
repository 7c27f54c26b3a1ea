//! `vidc serve` and `vidc worker`: the long-running processes of the service.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use vidc_engine::Cancel;
use vidc_service::{sweeper, webhooks, worker};

use super::config::{Config, ServiceArguments};
use super::failure::Failure;
use super::key::create_startup_key;
use super::runtime::{block_on_threads, interrupted};
use super::terminal::Terminal;
use crate::http::Server;

/// Arguments of `vidc serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Address to listen on; port 0 selects a free port [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "VIDC_LISTEN")]
    listen: Option<SocketAddr>,
    /// Number of tasks to render concurrently; 0 only serves the API [default: 1]
    #[arg(long, value_name = "N", env = "VIDC_WORKERS")]
    workers: Option<usize>,
    #[command(flatten)]
    service: ServiceArguments,
}

/// Arguments of `vidc worker`.
#[derive(Debug, Args)]
pub(super) struct WorkerArguments {
    /// Address to serve /livez, /readyz and /metrics on
    #[arg(long, value_name = "ADDRESS", env = "VIDC_LISTEN")]
    listen: Option<SocketAddr>,
    /// Number of tasks to render concurrently [default: 1]
    #[arg(long, value_name = "N", env = "VIDC_WORKERS")]
    workers: Option<usize>,
    #[command(flatten)]
    service: ServiceArguments,
}

/// Serves the API and renders tasks until interrupted.
pub(super) fn run(arguments: Arguments, terminal: &Terminal) -> Result<(), Failure> {
    let config = Config::read(arguments.service)?;
    let workers = arguments.workers.or(config.workers).unwrap_or(1);
    let listen = arguments.listen.or(config.listen);
    let listen = listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    init_logging();
    block_on_threads(async {
        let service = Arc::new(config.open().await?);
        let (canceller, shutdown) = Cancel::new();
        let server = Server::bind(
            listen,
            Arc::clone(&service),
            config.server.clone(),
            shutdown.clone(),
        )
        .await?;
        terminal.print_message(&format!("listening on {}", server.url()));
        if !config.is_shared() {
            terminal.print_message(&format!("key: {}", create_startup_key(&service).await?));
        }
        let serving = tokio::spawn(server.serve());
        let sweeping = tokio::spawn(sweeper::run_sweeper(Arc::clone(&service), shutdown.clone()));
        let delivering = tokio::spawn(webhooks::run_dispatcher(Arc::clone(&service), shutdown.clone()));
        let working = tokio::spawn(worker::run_worker(service, workers, shutdown));
        interrupted().await;
        tracing::info!("shutting down");
        canceller.cancel();
        let (served, ..) = tokio::join!(serving, working, sweeping, delivering);
        served.map_err(|error| Failure::internal(format!("the HTTP server panicked: {error}")))??;
        Ok(())
    })
}

/// Renders tasks until interrupted.
pub(super) fn run_worker(arguments: WorkerArguments, terminal: &Terminal) -> Result<(), Failure> {
    let config = Config::read(arguments.service)?;
    let workers = arguments.workers.or(config.workers).unwrap_or(1);
    if !config.is_shared() {
        return Err(Failure::usage(
            "a worker needs a database that it shares with a server: add `--postgres` and `--redis`. \
             On one machine, `vidc serve` also renders tasks",
        ));
    }
    init_logging();
    block_on_threads(async {
        let service = Arc::new(config.open().await?);
        let (canceller, shutdown) = Cancel::new();
        if let Some(listen) = arguments.listen {
            let server = Server::bind(
                listen,
                Arc::clone(&service),
                config.server.clone(),
                shutdown.clone(),
            )
            .await?;
            terminal.print_message(&format!("listening on {}", server.url()));
            tokio::spawn(server.serve_health());
        }
        let sweeping = tokio::spawn(sweeper::run_sweeper(Arc::clone(&service), shutdown.clone()));
        let delivering = tokio::spawn(webhooks::run_dispatcher(Arc::clone(&service), shutdown.clone()));
        let working = tokio::spawn(worker::run_worker(service, workers, shutdown));
        terminal.print_message("working");
        interrupted().await;
        tracing::info!("shutting down");
        canceller.cancel();
        let _ = tokio::join!(working, sweeping, delivering);
        Ok(())
    })
}

/// Logs as JSON lines on standard output, filtered by `VIDC_LOG`.
fn init_logging() {
    tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stdout)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("VIDC_LOG").unwrap_or_else(|_| "info".into()),
        )
        .init();
}
