//! Helpers of the integration tests: running `vidc`, finding examples, measuring what was rendered.

#![allow(clippy::panic, reason = "a test fails by panicking")]

pub mod cluster;
pub mod compare;
pub mod elsewhere;
pub mod fixture;
pub mod history;
pub mod markdown;
pub mod media;
pub mod modules;
pub mod openapi_conformance;
pub mod picture;
pub mod s3_server;
pub mod server;
pub mod sound;
pub mod workspace;

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a run of a command left behind.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Run {
    /// Asserts how it ended, showing what it said if it ended otherwise.
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

/// A `vidc` to be run in a folder, with nothing on standard input, no color by accident,
/// and a cache that is not the user's.
pub fn vidc(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_remove("NO_COLOR")
        .env("VIDC_CACHE_DIR", std::env::temp_dir().join("vidc-tests-cache"))
        // What is tested is how things are made, not that they were made before.
        .env("VIDC_CACHE_LIMIT", "0");
    command
}

/// Runs a command to its end.
#[track_caller]
pub fn run(command: &mut Command) -> Run {
    match command.output() {
        Ok(output) => output.into(),
        Err(error) => panic!("{command:?} did not start: {error}"),
    }
}

/// Runs a command to its end with a text on its standard input.
#[track_caller]
pub fn run_with_input(command: &mut Command, input: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input to the end closes it; what it says then is for the test to judge.
        let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
    }
    match child.wait_with_output() {
        Ok(output) => output.into(),
        Err(error) => panic!("{command:?} was lost: {error}"),
    }
}
