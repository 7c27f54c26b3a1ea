//! The command line. Each command parses its arguments, calls the engine or the service, and prints the result.

mod bindings;
mod cache;
mod check;
mod compile;
#[cfg(feature = "service")]
mod config;
mod convert;
mod doctor;
mod explain;
mod failure;
mod fmt;
#[cfg(feature = "service")]
mod key;
mod ops;
mod preview;
mod probe;
mod progress;
mod recipe;
#[cfg(feature = "service")]
mod remote;
mod render;
mod runtime;
#[cfg(feature = "service")]
mod serve;
mod terminal;
mod toolchain;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::EXIT_CODES_HELP;
#[cfg(feature = "service")]
use runtime::block_on;
use terminal::{Terminal, TerminalOptions};

/// Compile declarative video recipes to FFmpeg plans, and render them
#[derive(Debug, Parser)]
#[command(name = "vidc", bin_name = "vidc", version, after_help = EXIT_CODES_HELP)]
struct Cli {
    #[command(flatten)]
    terminal: TerminalOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Render the outputs of a recipe
    Render(render::Arguments),
    /// Show the plan of a recipe without rendering it
    Compile(compile::Arguments),
    /// Check recipes for errors
    Check(check::Arguments),
    /// Preview a recipe in the browser with live reload, or render one frame
    Preview(preview::Arguments),
    /// Format recipes
    Fmt(fmt::Arguments),
    /// Convert a recipe to the other syntax
    Convert(convert::Arguments),
    /// Show the streams of media files
    Probe(probe::Arguments),
    /// List operations, or document one
    Ops(ops::Arguments),
    /// Explain a diagnostic code
    Explain(explain::Arguments),
    /// Show or clear the render cache
    Cache(cache::Arguments),
    /// Check this machine for FFmpeg, encoders, filters and fonts
    Doctor(doctor::Arguments),
    /// Serve the HTTP API and render tasks
    #[cfg(feature = "service")]
    Serve(serve::Arguments),
    /// Create an API key
    #[cfg(feature = "service")]
    Key(key::Arguments),
    /// Submit a recipe to a server
    #[cfg(feature = "service")]
    Submit(remote::SubmitArguments),
    /// List the tasks of a server, or show one
    #[cfg(feature = "service")]
    Tasks(remote::TasksArguments),
    /// Print the FFmpeg log of a task
    #[cfg(feature = "service")]
    Logs(remote::LogsArguments),
    /// Cancel a task
    #[cfg(feature = "service")]
    Cancel(remote::TaskArguments),
    /// Retry a failed or cancelled task
    #[cfg(feature = "service")]
    Retry(remote::TaskArguments),
    /// Download the outputs of a task
    #[cfg(feature = "service")]
    Download(remote::DownloadArguments),
    /// Render tasks submitted to the servers of a cluster
    #[cfg(feature = "service")]
    Worker(serve::WorkerArguments),
}

/// Parses the command line and runs the command.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return print_usage_error(&error),
    };
    let terminal = Terminal::new(&cli.terminal);
    let result = match cli.command {
        Command::Render(arguments) => render::run(arguments, &terminal),
        Command::Compile(arguments) => compile::run(arguments, &terminal),
        Command::Check(arguments) => check::run(arguments, &terminal),
        Command::Preview(arguments) => preview::run(arguments, &terminal),
        Command::Fmt(arguments) => fmt::run(arguments, &terminal),
        Command::Convert(arguments) => convert::run(arguments, &terminal),
        Command::Probe(arguments) => probe::run(arguments, &terminal),
        Command::Ops(arguments) => ops::run(arguments, &terminal),
        Command::Explain(arguments) => explain::run(arguments, &terminal),
        Command::Cache(arguments) => cache::run(arguments, &terminal),
        Command::Doctor(arguments) => doctor::run(arguments, &terminal),
        #[cfg(feature = "service")]
        Command::Serve(arguments) => serve::run(arguments, &terminal),
        #[cfg(feature = "service")]
        Command::Key(arguments) => key::run(arguments, &terminal),
        #[cfg(feature = "service")]
        Command::Submit(arguments) => block_on(remote::run_submit(arguments, &terminal)),
        #[cfg(feature = "service")]
        Command::Tasks(arguments) => block_on(remote::run_tasks(arguments, &terminal)),
        #[cfg(feature = "service")]
        Command::Logs(arguments) => block_on(remote::run_logs(arguments, &terminal)),
        #[cfg(feature = "service")]
        Command::Cancel(arguments) => block_on(remote::run_cancel(arguments, &terminal)),
        #[cfg(feature = "service")]
        Command::Retry(arguments) => block_on(remote::run_retry(arguments, &terminal)),
        #[cfg(feature = "service")]
        Command::Download(arguments) => block_on(remote::run_download(arguments, &terminal)),
        #[cfg(feature = "service")]
        Command::Worker(arguments) => serve::run_worker(arguments, &terminal),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => terminal.print_failure(&failure),
    }
}

/// Prints an error of the parser, or the help or version it was asked for, and returns the exit code.
fn print_usage_error(error: &clap::Error) -> ExitCode {
    #[cfg(not(feature = "service"))]
    if let Some(command) = service_command(error) {
        eprintln!(
            "error: `vidc {command}` is not available: this build of vidc has no service; build it with the \
             `service` feature (`make build`)"
        );
        return ExitCode::from(2);
    }
    error.exit()
}

/// The name of a command that exists only with the `service` feature, if that is what the parser did not recognize.
#[cfg(not(feature = "service"))]
fn service_command(error: &clap::Error) -> Option<&str> {
    use clap::error::{ContextKind, ContextValue};

    const SERVICE_COMMANDS: [&str; 9] = [
        "serve", "key", "submit", "tasks", "logs", "cancel", "retry", "download", "worker",
    ];
    match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(name)) if SERVICE_COMMANDS.contains(&name.as_str()) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[cfg(not(feature = "service"))]
    #[test]
    fn commands_of_the_service_are_recognized_without_it() {
        use clap::Parser as _;

        let error = Cli::try_parse_from(["vidc", "serve", "--data", "x"]).unwrap_err();
        assert_eq!(super::service_command(&error), Some("serve"));
        let error = Cli::try_parse_from(["vidc", "frobnicate"]).unwrap_err();
        assert_eq!(super::service_command(&error), None);
    }
}
