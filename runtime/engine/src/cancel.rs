//! Asking running work to stop.

use std::sync::Arc;

use tokio::sync::watch;

/// Stops the work that holds the [`Cancel`]s made with it. Dropping it stops nothing.
#[derive(Clone, Debug)]
pub struct Canceller(Arc<watch::Sender<bool>>);

/// Tells work whether it is to stop.
#[derive(Clone, Debug)]
pub struct Cancel(watch::Receiver<bool>);

impl Canceller {
    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

impl Cancel {
    /// A switch and what it switches.
    pub fn new() -> (Canceller, Cancel) {
        let (sender, receiver) = watch::channel(false);
        (Canceller(Arc::new(sender)), Cancel(receiver))
    }

    /// One that is never switched.
    pub fn never() -> Cancel {
        Cancel::new().1
    }

    /// Whether the work is to stop.
    pub fn is_cancelled(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the work is to stop; never, if nobody can ask for it any more.
    pub async fn cancelled(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
