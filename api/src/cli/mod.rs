//! The command line: what may be typed, and which command answers it.
//!
//! A command reads its arguments, calls one function of the crates below, and shows what it returned.

mod bindings;
mod cache;
mod check;
mod compile;
#[cfg(feature = "service")]
mod config;
mod convert;
mod doctor;
mod exit;
mod explain;
mod fmt;
#[cfg(feature = "service")]
mod key;
mod machine;
mod ops;
mod output;
mod preview;
mod probe;
mod progress;
mod recipe;
#[cfg(feature = "service")]
mod remote;
mod render;
#[cfg(feature = "service")]
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use exit::Failure;
use output::{Output, OutputOptions};

/// Compiles video recipes to FFmpeg work, and does it.
#[derive(Debug, Parser)]
#[command(name = "vidc", bin_name = "vidc", version, after_help = exit::HELP)]
struct Cli {
    #[command(flatten)]
    output: OutputOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the files that a recipe describes
    Render(render::Arguments),
    /// Show the work a recipe compiles to, without doing it
    Compile(compile::Arguments),
    /// Look for mistakes in recipes
    Check(check::Arguments),
    /// Show a recipe in the browser while it is written, or one frame of it
    Preview(preview::Arguments),
    /// Lay recipes out canonically
    Fmt(fmt::Arguments),
    /// Rewrite a recipe in the other syntax
    Convert(convert::Arguments),
    /// Show what is known of media files
    Probe(probe::Arguments),
    /// List the operations, or show one of them
    Ops(ops::Arguments),
    /// Explain a diagnostic by its code
    Explain(explain::Arguments),
    /// Show or clear what is kept between renders
    ProbeCache(cache::Arguments),
    /// Look for what vidc needs on this machine
    Doctor(doctor::Arguments),
    /// Take recipes over HTTP and render them
    #[cfg(feature = "service")]
    Serve(serve::Arguments),
    /// Make a key for a service's clients
    #[cfg(feature = "service")]
    Key(key::Arguments),
    /// Have a service make a recipe
    #[cfg(feature = "service")]
    Submit(remote::SubmitArguments),
    /// List a service's tasks, or show one
    #[cfg(feature = "service")]
    Tasks(remote::TasksArguments),
    /// Show what FFmpeg said while it made a task
    #[cfg(feature = "service")]
    Logs(remote::LogsArguments),
    /// End a task
    #[cfg(feature = "service")]
    Cancel(remote::TaskArguments),
    /// Have a failed or cancelled task tried again
    #[cfg(feature = "service")]
    Retry(remote::TaskArguments),
    /// Download what a task has made
    #[cfg(feature = "service")]
    Download(remote::DownloadArguments),
    /// Render what others have been asked for
    #[cfg(feature = "service")]
    Worker(serve::WorkerArguments),
}

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(&cli.output);
    let result = match cli.command {
        Command::Render(arguments) => render::run(arguments, &output),
        Command::Compile(arguments) => compile::run(arguments, &output),
        Command::Check(arguments) => check::run(arguments, &output),
        Command::Preview(arguments) => preview::run(arguments, &output),
        Command::Fmt(arguments) => fmt::run(arguments, &output),
        Command::Convert(arguments) => convert::run(arguments, &output),
        Command::Probe(arguments) => probe::run(arguments, &output),
        Command::Ops(arguments) => ops::run(arguments, &output),
        Command::Explain(arguments) => explain::run(arguments, &output),
        Command::ProbeCache(arguments) => cache::run(arguments, &output),
        Command::Doctor(arguments) => doctor::run(arguments, &output),
        #[cfg(feature = "service")]
        Command::Serve(arguments) => serve::run(arguments, &output),
        #[cfg(feature = "service")]
        Command::Key(arguments) => key::run(arguments, &output),
        #[cfg(feature = "service")]
        Command::Submit(arguments) => block_on(remote::run_submit(arguments, &output)),
        #[cfg(feature = "service")]
        Command::Tasks(arguments) => block_on(remote::run_tasks(arguments, &output)),
        #[cfg(feature = "service")]
        Command::Logs(arguments) => block_on(remote::run_logs(arguments, &output)),
        #[cfg(feature = "service")]
        Command::Cancel(arguments) => block_on(remote::run_cancel(arguments, &output)),
        #[cfg(feature = "service")]
        Command::Retry(arguments) => block_on(remote::run_retry(arguments, &output)),
        #[cfg(feature = "service")]
        Command::Download(arguments) => block_on(remote::run_download(arguments, &output)),
        #[cfg(feature = "service")]
        Command::Worker(arguments) => serve::run_worker(arguments, &output),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.failure(&failure),
    }
}

/// Runs a command that waits for processes. One thread is enough: the work is theirs.
fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Failure::environment(format!("the asynchronous runtime does not start: {error}")))?;
    let result = runtime.block_on(command);
    // Whatever still reads a file on another thread has nobody to answer to.
    runtime.shutdown_background();
    result
}

/// Comes back when the user or the system asks us to stop. What is under way is dropped then, which ends
/// FFmpeg.
async fn interrupted() {
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
