//! Failures of commands and their exit codes.

use std::fmt::Display;
use std::path::Path;

use vidc_engine::ErrorKind;

/// The exit codes, as `vidc --help` lists them.
pub(super) const EXIT_CODES_HELP: &str = "Exit codes:
  0    success
  1    invalid recipe
  2    invalid command line, setting or request
  3    missing file, program or font, or unreachable server
  4    rendering failed
  70   internal error in vidc
  130  interrupted";

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Diagnostics or messages that were already printed explain the failure.
    Reported(ErrorKind),
    /// A message to print.
    Message(ErrorKind, String),
    /// The reader of standard output closed the pipe: not an error, and nobody would read a message.
    BrokenPipe,
}

impl Failure {
    /// An invalid command line or setting.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Failure::Message(ErrorKind::Usage, message.into())
    }

    /// Something outside the recipe is missing or broken.
    pub(super) fn environment(message: impl Into<String>) -> Self {
        Failure::Message(ErrorKind::Environment, message.into())
    }

    /// A file that cannot be read or written.
    pub(super) fn file(path: &Path, error: impl Display) -> Self {
        Failure::environment(format!("{}: {error}", path.display()))
    }

    /// A bug in vidc.
    pub(super) fn internal(message: impl Display) -> Self {
        Failure::Message(
            ErrorKind::Internal,
            format!("{message}. This is a bug in vidc; please report it"),
        )
    }

    /// The process's exit code.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Failure::Reported(kind) | Failure::Message(kind, _) => exit_code(*kind),
            Failure::BrokenPipe => 0,
        }
    }
}

#[cfg(feature = "service")]
impl From<vidc_service::Error> for Failure {
    fn from(error: vidc_service::Error) -> Self {
        Failure::Message(error.kind(), error.to_string())
    }
}

#[cfg(feature = "service")]
impl From<vidc_service::requests::RequestError> for Failure {
    fn from(error: vidc_service::requests::RequestError) -> Self {
        use vidc_service::requests::RequestError;

        match error {
            RequestError::Service(error) => error.into(),
            refusal => Failure::usage(refusal.to_string()),
        }
    }
}

impl From<vidc_engine::Error> for Failure {
    fn from(error: vidc_engine::Error) -> Self {
        Failure::Message(error.kind(), error.to_string())
    }
}

/// The exit code of each kind of error.
fn exit_code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::InvalidRecipe => 1,
        ErrorKind::Usage => 2,
        ErrorKind::Environment => 3,
        ErrorKind::RenderFailed => 4,
        ErrorKind::Internal => 70,
        ErrorKind::Interrupted => 130,
    }
}
