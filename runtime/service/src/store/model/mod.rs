//! The rows of the store: tasks, assets, keys and what belongs to them.

mod asset;
mod delivery;
mod ids;
mod key;
mod priority;
mod task;
mod tenant;

pub use asset::Asset;
pub use delivery::Delivery;
pub use ids::{AssetId, DeliveryId, KeyId, TaskId};
pub use key::Key;
pub use priority::{Class, Priority};
pub use task::{Job, Lease, LogChunk, NewTask, Output, Status, Task, TaskFailure, Transition};
pub use tenant::Tenant;
