//! Requests that clients make of the service: one function of [`Service`](crate::service::Service) for each.
//!
//! Front ends such as HTTP call these and nothing below them. Every function takes the tenant on whose behalf it acts
//! and neither shows nor changes what belongs to another.

mod assets;
mod compile;
mod deliveries;
mod error;
mod health;
mod keys;
mod outputs;
mod submit;
mod tasks;
mod uploads;
mod watch;

pub use assets::NewFile;
pub use compile::CompiledRecipe;
pub use error::{RequestError, Resource};
pub use keys::{CreateKey, KEY_PREFIX};
pub use submit::{Submission, SubmitRequest};
pub use tasks::{TaskPage, TaskWithOutputs};
pub use uploads::StartedUpload;
pub use watch::TaskWatcher;
