//! Standard output and standard error: results go to the first, messages and diagnostics to the second.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;
use vidc_dsl::{Diagnostics, Sources, render};

use super::failure::Failure;

/// Options for the format of messages, shared by all commands.
#[derive(Debug, Args)]
pub(super) struct TerminalOptions {
    /// Format of diagnostics and errors
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// When to use color; `auto` honors NO_COLOR
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// Writes a command's results and messages.
#[derive(Debug)]
pub(super) struct Terminal {
    json: bool,
    color: bool,
}

impl Terminal {
    /// Resolves the options against the environment.
    pub(super) fn new(options: &TerminalOptions) -> Self {
        let allowed = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Terminal {
            json: options.format == Format::Json,
            color: match options.color {
                Color::Auto => allowed && io::stderr().is_terminal(),
                Color::Always => true,
                Color::Never => false,
            },
        }
    }

    /// Whether diagnostics are written as JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Writes a result to standard output.
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::BrokenPipe,
            _ => Failure::environment(format!("cannot write to standard output: {error}")),
        })
    }

    /// Writes a line to standard output.
    pub(super) fn print_line(&self, text: &str) -> Result<(), Failure> {
        self.print(&format!("{text}\n"))
    }

    /// Writes a value to standard output as indented JSON.
    pub(super) fn print_json<T: serde::Serialize>(&self, value: &T) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::internal(format!("cannot serialize the result: {error}")))?;
        self.print_line(&text)
    }

    /// Writes a line to standard error. A closed standard error is not a failure.
    pub(super) fn print_message(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Writes diagnostics to standard error.
    pub(super) fn print_diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if diagnostics.is_empty() {
            return;
        }
        if self.json {
            // Plain structs with string keys always serialize.
            self.print_message(
                &serde_json::to_string(&render::json(diagnostics, sources)).unwrap_or_default(),
            );
        } else {
            self.print_message(render::human(diagnostics, sources, self.color).trim_end());
        }
    }

    /// Writes a failure's message to standard error and returns the exit code.
    pub(super) fn print_failure(&self, failure: &Failure) -> ExitCode {
        if let Failure::Message(_, message) = failure {
            if self.json {
                self.print_message(&json!({ "error": message, "exit": failure.exit_code() }).to_string());
            } else if self.color {
                self.print_message(&format!("\x1b[1;31merror\x1b[0m: {message}"));
            } else {
                self.print_message(&format!("error: {message}"));
            }
        }
        ExitCode::from(failure.exit_code())
    }
}
