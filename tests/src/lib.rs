//! Helpers for the integration tests: running `vidc`, finding examples, measuring renders.

#![allow(clippy::panic, reason = "a test fails by panicking")]

pub mod audio;
pub mod cluster;
pub mod compare;
pub mod fixture;
pub mod history;
pub mod http_server;
pub mod markdown;
pub mod media;
pub mod modules;
pub mod openapi_conformance;
pub mod s3_server;
pub mod server;
pub mod video;
pub mod workspace;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The result of running a command.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none if a signal ended the process.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Asserts the exit code and shows the output if it differs.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Run {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Prepares a `vidc` command in a folder, with empty standard input, no inherited color settings
/// and a cache separate from the user's.
pub fn vidc(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_remove("NO_COLOR")
        .env("VIDC_CACHE_DIR", std::env::temp_dir().join("vidc-tests-cache"))
        // Tests must render; a cached result proves nothing.
        .env("VIDC_CACHE_LIMIT", "0");
    command
}

/// Runs a command to completion.
#[track_caller]
pub fn run(command: &mut Command) -> Run {
    match command.output() {
        Ok(output) => output.into(),
        Err(error) => panic!("{command:?} did not start: {error}"),
    }
}

/// Runs a command to completion with a text on standard input.
#[track_caller]
pub fn run_with_input(command: &mut Command, input: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read all its input closes the pipe; the test judges its output.
        let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
    }
    match child.wait_with_output() {
        Ok(output) => output.into(),
        Err(error) => panic!("{command:?} was lost: {error}"),
    }
}
