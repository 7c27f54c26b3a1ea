//! Errors outside the compiler, and their classification.

use std::io;
use std::path::PathBuf;

use crate::ffmpeg::failure::{Cause, Failure};

/// The class of an error. HTTP problems and exit codes are each one exhaustive match over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The recipe is invalid.
    InvalidRecipe,
    /// The recipe is valid but used wrongly, for example to overwrite its own input.
    Usage,
    /// Something in the environment is missing or broken: a program, a directory, a permission.
    Environment,
    /// FFmpeg failed, or its output is not as predicted.
    RenderFailed,
    /// A bug in vidc.
    Internal,
    /// It was cancelled.
    Interrupted,
}

/// An error of the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// FFmpeg or ffprobe is not installed.
    #[error(
        "cannot find `{tool}`: {looked}. vidc needs FFmpeg 5.1 or newer: install it \
         (Debian and Ubuntu: `apt install ffmpeg`; macOS: `brew install ffmpeg`), or set {variable} to its path"
    )]
    ToolMissing {
        /// `ffmpeg` or `ffprobe`
        tool: &'static str,
        /// The environment variable that names it.
        variable: &'static str,
        /// Where it was searched.
        looked: String,
    },
    /// FFmpeg or ffprobe exists but does not work.
    #[error("cannot use {}: {reason}", path.display())]
    ToolBroken {
        /// Which program.
        path: PathBuf,
        /// What happened when it ran.
        reason: String,
    },
    /// An I/O error.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The action, as in "cannot … PATH".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The recipe's file names keep depending on other files.
    #[error(
        "after {rounds} rounds of probing, the recipe still names new files ({}); \
         file names may depend on facts about other files, but not to this depth",
        names.join(", ")
    )]
    Unsettled {
        /// Number of rounds of probing.
        rounds: usize,
        /// The files still to be probed.
        names: Vec<String>,
    },
    /// An output's name is not allowed.
    #[error(
        "cannot write the output `{name}`: {reason}. Give a path inside the output directory, such as `out/show.mp4`"
    )]
    OutputName {
        /// The name in the recipe.
        name: String,
        /// The reason.
        reason: &'static str,
    },
    /// An output would overwrite an input.
    #[error(
        "the output `{name}` would overwrite the input {}. Give the output another name",
        input.display()
    )]
    OutputIsInput {
        /// The name in the recipe.
        name: String,
        /// The input's path.
        input: PathBuf,
    },
    /// An environment variable has an invalid value.
    #[error("`{name}` is `{value}`, but must be {wanted}")]
    Setting {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// The valid values.
        wanted: &'static str,
    },
    /// The plan is from another version of vidc.
    #[error("the plan has version {found}, but this vidc executes version {runs}. Compile the recipe again")]
    PlanVersion {
        /// The plan's.
        found: u32,
        /// Ours.
        runs: u32,
    },
    /// An input of the plan is missing or has changed.
    #[error("the plan reads `{key}`, which {reason}. Compile the recipe again")]
    InputUnusable {
        /// The media's key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// FFmpeg failed.
    #[error("{0}")]
    Render(Box<Failure>),
    /// FFmpeg reported success, but the file is not as the compiler predicted.
    #[error(
        "`{name}` was rendered but is not as the recipe specifies, so it was deleted:\n{}",
        list(mismatches)
    )]
    Mismatch {
        /// The output's name.
        name: String,
        /// Each difference, as a sentence.
        mismatches: Vec<String>,
    },
    /// The recipe was accepted but has errors on the worker, whose FFmpeg or fonts differ.
    #[error("the recipe was accepted, but has errors on the worker that renders it:\n{0}")]
    Refused(String),
    /// The store that holds the media does not answer.
    #[error(transparent)]
    MediaStore(Box<dyn std::error::Error + Send + Sync>),
    /// It was cancelled.
    #[error("interrupted; partial outputs were removed")]
    Interrupted,
    /// A bug in vidc.
    #[error("internal error, please report this: {0}")]
    Internal(String),
}

impl Error {
    /// The error's class.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Unsettled { .. } | Error::Refused(_) => ErrorKind::InvalidRecipe,
            Error::OutputName { .. }
            | Error::OutputIsInput { .. }
            | Error::Setting { .. }
            | Error::PlanVersion { .. } => ErrorKind::Usage,
            Error::ToolMissing { .. }
            | Error::ToolBroken { .. }
            | Error::Io { .. }
            | Error::MediaStore(_)
            | Error::InputUnusable { .. } => ErrorKind::Environment,
            Error::Render(_) | Error::Mismatch { .. } => ErrorKind::RenderFailed,
            Error::Internal(_) => ErrorKind::Internal,
            Error::Interrupted => ErrorKind::Interrupted,
        }
    }

    /// Whether joined packets may be the cause. A truncated input fails however it is read.
    pub(crate) fn may_be_caused_by_joins(&self) -> bool {
        match self {
            Error::Render(failure) => failure.cause != Cause::InputCutShort,
            Error::Mismatch { .. } => true,
            _ => false,
        }
    }

    /// Wraps an I/O error with the action and the path, for `map_err`.
    pub fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |source| Error::Io { action, path, source }
    }
}

fn list(items: &[String]) -> String {
    items
        .iter()
        .map(|item| format!("  - {item}"))
        .collect::<Vec<_>>()
        .join("\n")
}
