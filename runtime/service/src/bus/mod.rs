//! Notifications between processes. They make waits short, and nothing depends on their arrival.

mod event_bus;
mod local;
mod notification;
mod redis;

pub use event_bus::EventBus;
pub use local::LocalBus;
pub use notification::Notification;
pub use redis::RedisBus;
