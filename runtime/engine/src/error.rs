//! What can go wrong outside the compiler, and its only classification.

use std::io;
use std::path::PathBuf;

use crate::ffmpeg::diagnose::{Cause, Failure};

/// What kind of mishap an error is: HTTP problems and exit codes are each one exhaustive match over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The recipe is wrong, and only changing it helps.
    InvalidRecipe,
    /// The recipe is right and was used wrongly, such as to write over its own input.
    Usage,
    /// Something around it is missing or broken: a program, a directory, a permission.
    Environment,
    /// FFmpeg failed, or made something other than what was predicted.
    RenderFailed,
    /// A mistake in vidc.
    Internal,
    /// Somebody stopped it.
    Interrupted,
}

/// Why the runtime could not do what was asked of it.
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
        /// Where it was looked for.
        looked: String,
    },
    /// FFmpeg or ffprobe is there and does not work.
    #[error("cannot use {}: {reason}", path.display())]
    ToolBroken {
        /// Which program.
        path: PathBuf,
        /// What happened when it was asked.
        reason: String,
    },
    /// The operating system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as in "cannot … PATH".
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The recipe's inputs depend on each other without end.
    #[error(
        "after {rounds} rounds of probing, the recipe still names new files ({}); \
         a file's name may depend on what another file holds, but not that many times over",
        names.join(", ")
    )]
    Unsettled {
        /// How often files were probed.
        rounds: usize,
        /// What it wanted next.
        names: Vec<String>,
    },
    /// An output's name is not one vidc writes to.
    #[error(
        "cannot write the output `{name}`: {reason}. Give a path inside the output directory, such as `out/show.mp4`"
    )]
    OutputName {
        /// The name in the recipe.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An output would replace an input.
    #[error(
        "the output `{name}` is the same file as the input {}, and writing it would destroy the input. \
         Give the output another name",
        input.display()
    )]
    OutputIsInput {
        /// The name in the recipe.
        name: String,
        /// Where the input is.
        input: PathBuf,
    },
    /// An environment variable holds what cannot be made out.
    #[error("`{name}` is `{value}`, and should be {wanted}")]
    Setting {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        wanted: &'static str,
    },
    /// A plan of another version of vidc.
    #[error("the plan is of version {found} and this vidc runs version {runs}. Compile the recipe again")]
    PlanVersion {
        /// The plan's.
        found: u32,
        /// Ours.
        runs: u32,
    },
    /// A plan needs media that is not there.
    #[error("the plan reads `{key}`, which {reason}. Compile the recipe again")]
    InputUnusable {
        /// The media's key.
        key: String,
        /// What is the matter with it.
        reason: String,
    },
    /// FFmpeg failed.
    #[error("{0}")]
    Render(Box<Failure>),
    /// FFmpeg reported success and the file is not what the compiler predicted.
    #[error(
        "`{name}` was rendered and is not what the recipe asks for, so it was not kept:\n{}",
        list(mismatches)
    )]
    Mismatch {
        /// The output's name.
        name: String,
        /// Each difference, as a sentence.
        mismatches: Vec<String>,
    },
    /// The recipe has mistakes where it was accepted before: the worker's FFmpeg or fonts differ from the checker's.
    #[error("the recipe was accepted, and is refused where it is rendered:\n{0}")]
    Refused(String),
    /// The store that holds the media does not answer.
    #[error(transparent)]
    MediaStore(Box<dyn std::error::Error + Send + Sync>),
    /// It was cancelled.
    #[error("stopped before it was done; nothing half-made was left behind")]
    Interrupted,
    /// A mistake in vidc.
    #[error("this is a mistake in vidc, please report it: {0}")]
    Internal(String),
}

impl Error {
    /// What kind of mishap it is.
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

    /// Whether joints may be to blame. What an input lacks is lacking however it is read.
    pub(crate) fn is_of_joints(&self) -> bool {
        match self {
            Error::Render(failure) => failure.cause != Cause::InputCutShort,
            Error::Mismatch { .. } => true,
            _ => false,
        }
    }

    /// Says what was tried with which file, for `map_err`.
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
