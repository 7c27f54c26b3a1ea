//! Reasons for which a request is refused, and failures of the service while it handles one.

use crate::blobs::BlobError;
use crate::error::Error;
use crate::store::DatabaseError;
use crate::store::model::Status;

/// The kind of thing that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A task.
    Task,
    /// A file that a task rendered.
    Output,
    /// An uploaded or fetched file.
    Asset,
    /// An unfinished upload.
    Upload,
    /// An API key.
    Key,
    /// A webhook delivery.
    Delivery,
}

impl Resource {
    /// The name of the kind in messages.
    pub fn name(self) -> &'static str {
        match self {
            Resource::Task => "task",
            Resource::Output => "output",
            Resource::Asset => "asset",
            Resource::Upload => "upload",
            Resource::Key => "key",
            Resource::Delivery => "delivery",
        }
    }
}

/// An error of a request.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The tenant has nothing of that kind with that name.
    #[error("there is no such {}, or it belongs to another tenant", .0.name())]
    NotFound(Resource),
    /// Only pending and processing tasks can be cancelled.
    #[error("the task is already {}", .0.name())]
    NotCancellable(Status),
    /// Only failed and cancelled tasks can be retried.
    #[error("the task is {}; only failed and cancelled tasks can be retried", .0.name())]
    NotRetryable(Status),
    /// Only finished tasks can be deleted.
    #[error("the task is {}; cancel it first", .0.name())]
    NotDeletable(Status),
    /// An uploaded or fetched file has no content.
    #[error("the file `{0}` is empty")]
    EmptyFile(String),
    /// The blob store cannot issue presigned URLs.
    #[error("this service stores files itself and has no presigned uploads")]
    PresignedUploadsUnsupported,
    /// The service failed.
    #[error(transparent)]
    Service(#[from] Error),
}

impl From<DatabaseError> for RequestError {
    fn from(error: DatabaseError) -> Self {
        RequestError::Service(error.into())
    }
}

impl From<BlobError> for RequestError {
    fn from(error: BlobError) -> Self {
        RequestError::Service(error.into())
    }
}
