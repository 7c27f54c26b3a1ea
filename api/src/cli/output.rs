//! What is written where: results to standard output, everything said about them to standard error.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;
use vidc_dsl::{Diagnostics, Sources, render};

use super::exit::Failure;

/// Options of every command about how it speaks.
#[derive(Debug, Args)]
pub(super) struct OutputOptions {
    /// How diagnostics and errors are written
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Whether to use color; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
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

/// The way out of a command.
#[derive(Debug)]
pub(super) struct Output {
    json: bool,
    color: bool,
}

impl Output {
    /// The way out that the options ask for.
    pub(super) fn new(options: &OutputOptions) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Output {
            json: options.format == Format::Json,
            color: match options.color {
                Color::Auto => wanted && io::stderr().is_terminal(),
                Color::Always => true,
                Color::Never => false,
            },
        }
    }

    /// Whether diagnostics are wanted as JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Writes a result to standard output.
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::environment(format!("standard output: {error}")),
        })
    }

    /// Writes a line to standard output.
    pub(super) fn line(&self, text: &str) -> Result<(), Failure> {
        self.print(&format!("{text}\n"))
    }

    /// Writes a value to standard output as indented JSON.
    pub(super) fn value<T: serde::Serialize>(&self, value: &T) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| {
            Failure::Said(
                vidc_engine::ErrorKind::Internal,
                format!("the result does not serialise: {error}"),
            )
        })?;
        self.line(&text)
    }

    /// Says something on standard error. Nobody there to hear it is no failure.
    pub(super) fn say(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Shows diagnostics on standard error.
    pub(super) fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if diagnostics.is_empty() {
            return;
        }
        if self.json {
            // Plain structs with string keys always serialise.
            self.say(&serde_json::to_string(&render::json(diagnostics, sources)).unwrap_or_default());
        } else {
            self.say(render::human(diagnostics, sources, self.color).trim_end());
        }
    }

    /// Shows why a command failed, and gives its exit code.
    pub(super) fn failure(&self, failure: &Failure) -> ExitCode {
        if let Failure::Said(_, message) = failure {
            if self.json {
                self.say(&json!({ "error": message, "exit": failure.code() }).to_string());
            } else if self.color {
                self.say(&format!("\x1b[1;31merror\x1b[0m: {message}"));
            } else {
                self.say(&format!("error: {message}"));
            }
        }
        ExitCode::from(failure.code())
    }
}
