//! How a command fails, and the exit code that says so.

use std::fmt::Display;
use std::path::Path;

use vidc_engine::ErrorKind;

/// The exit codes, as `vidc --help` shows them.
pub(super) const HELP: &str = "Exit codes:
  0  done
  1  the recipe is invalid
  2  the command line is wrong
  3  something is missing here: a file, ffmpeg, a font
  4  rendering failed
  70  a fault in vidc itself
  130  interrupted";

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// The user has been told already, by diagnostics or a list.
    Told(ErrorKind),
    /// What to tell the user.
    Said(ErrorKind, String),
    /// Whoever read our output has left; there is nobody to tell.
    Closed,
}

impl Failure {
    /// The command line asks for something that cannot be.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Failure::Said(ErrorKind::Usage, message.into())
    }

    /// Something outside the recipe is missing or does not work.
    pub(super) fn environment(message: impl Into<String>) -> Self {
        Failure::Said(ErrorKind::Environment, message.into())
    }

    /// A file could not be read or written.
    pub(super) fn file(path: &Path, error: impl Display) -> Self {
        Failure::environment(format!("{}: {error}", path.display()))
    }

    /// The process's exit code.
    pub(super) fn code(&self) -> u8 {
        match self {
            Failure::Told(kind) | Failure::Said(kind, _) => code(*kind),
            Failure::Closed => 0,
        }
    }
}

#[cfg(feature = "service")]
impl From<vidc_service::Error> for Failure {
    fn from(error: vidc_service::Error) -> Self {
        Failure::Said(error.kind(), error.to_string())
    }
}

impl From<vidc_engine::Error> for Failure {
    fn from(error: vidc_engine::Error) -> Self {
        Failure::Said(error.kind(), error.to_string())
    }
}

/// The exit code of each kind of error.
fn code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::InvalidRecipe => 1,
        ErrorKind::Usage => 2,
        ErrorKind::Environment => 3,
        ErrorKind::RenderFailed => 4,
        ErrorKind::Internal => 70,
        ErrorKind::Interrupted => 130,
    }
}
