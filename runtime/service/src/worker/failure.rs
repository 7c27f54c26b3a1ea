//! Classifies the errors that end an attempt.

use vidc_engine::ErrorKind;
use vidc_engine::ffmpeg::failure::Cause;

use crate::error::Error;
use crate::store::model::TaskFailure;

/// Describes an error for the task's owner.
pub(super) fn task_failure(error: &Error) -> TaskFailure {
    let kind = match error.kind() {
        ErrorKind::InvalidRecipe => "invalid-recipe",
        ErrorKind::Usage => "usage",
        ErrorKind::Environment => "environment",
        ErrorKind::RenderFailed => "render-failed",
        ErrorKind::Internal => "internal",
        ErrorKind::Interrupted => "interrupted",
    };
    TaskFailure {
        kind: kind.to_owned(),
        message: error.to_string(),
    }
}

/// Whether another attempt may succeed. FFmpeg rejects again what it rejected once; only failures caused by the machine
/// may not occur on another one.
pub(super) fn is_retryable(error: &Error) -> bool {
    if let Error::Engine(vidc_engine::Error::Render(failure)) = error {
        return matches!(
            failure.cause,
            Cause::DiskFull | Cause::OutOfMemory | Cause::Unwritable | Cause::InputMissing | Cause::Killed(_)
        );
    }
    match error.kind() {
        ErrorKind::Environment | ErrorKind::Internal | ErrorKind::Interrupted => true,
        ErrorKind::InvalidRecipe | ErrorKind::Usage | ErrorKind::RenderFailed => false,
    }
}
