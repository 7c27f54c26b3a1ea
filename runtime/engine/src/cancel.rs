//! Cancellation of running work.

use std::sync::Arc;

use tokio::sync::watch;

/// Cancels the work that holds the matching [`Cancel`]s. Dropping it cancels nothing.
#[derive(Clone, Debug)]
pub struct Canceller(Arc<watch::Sender<bool>>);

/// A cancellation token.
#[derive(Clone, Debug)]
pub struct Cancel(watch::Receiver<bool>);

impl Canceller {
    /// Cancels the work.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

impl Cancel {
    /// Creates a canceller and its token.
    pub fn new() -> (Canceller, Cancel) {
        let (sender, receiver) = watch::channel(false);
        (Canceller(Arc::new(sender)), Cancel(receiver))
    }

    /// A token that is never cancelled.
    pub fn never() -> Cancel {
        Cancel::new().1
    }

    /// Whether the work has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the work is cancelled; never returns if all cancellers are gone.
    pub async fn cancelled(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
