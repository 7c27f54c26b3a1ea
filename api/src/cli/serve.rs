//! `vidc serve`: takes recipes over HTTP and renders them.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::exit::Failure;
use super::output::Output;

/// Arguments of `vidc serve`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The address to answer at; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder that holds tasks, uploads and results
    #[arg(long, value_name = "DIR", env = "VIDC_DATA", default_value = "vidc-data")]
    data: PathBuf,
    /// Tasks rendered side by side
    #[arg(long, value_name = "N", default_value_t = 1)]
    workers: usize,
}

pub(super) fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
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
    let started = |started: crate::http::Started| {
        output.say(&format!("listening on http://{}", started.address));
        output.say(&format!("key: {}", started.key));
    };
    let Arguments {
        listen,
        data,
        workers,
    } = arguments;
    let served = runtime.block_on(crate::http::serve(
        listen,
        &data,
        workers,
        started,
        super::interrupted(),
    ));
    // What still reads or hashes a file has nobody to answer to.
    runtime.shutdown_background();
    Ok(served?)
}
