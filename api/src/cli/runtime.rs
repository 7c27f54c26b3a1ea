//! The asynchronous runtime that commands run on, and the signals that end them.

use tokio::signal::unix::{SignalKind, signal};

use super::failure::Failure;

/// Runs a command on one thread, which is enough to wait for child processes.
pub(super) fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    run(tokio::runtime::Builder::new_current_thread(), command)
}

/// Runs a server on as many threads as there are cores.
#[cfg(feature = "service")]
pub(super) fn block_on_threads(server: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    run(tokio::runtime::Builder::new_multi_thread(), server)
}

fn run(
    mut builder: tokio::runtime::Builder,
    command: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let runtime = builder.enable_all().build();
    let runtime = runtime
        .map_err(|error| Failure::environment(format!("cannot start the asynchronous runtime: {error}")))?;
    let result = runtime.block_on(command);
    // Threads that still read or hash files are not waited for: nobody needs their results.
    runtime.shutdown_background();
    result
}

/// Waits for SIGINT or SIGTERM. The caller then drops its work, which ends FFmpeg.
pub(super) async fn interrupted() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
