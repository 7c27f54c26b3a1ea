use std::sync::Arc;
use std::time::Duration;

use vidc_service::bus::{EventBus, LocalBus, Notification, RedisBus};
use vidc_service::store::model::TaskId;

/// Two ends each, which are the same one within a process.
async fn buses() -> Vec<(&'static str, Arc<dyn EventBus>, Arc<dyn EventBus>)> {
    let local: Arc<dyn EventBus> = Arc::new(LocalBus::default());
    let mut buses = vec![("local", Arc::clone(&local), local)];
    for (name, redis) in super::redises() {
        let one = RedisBus::new(redis.clone()).await.unwrap();
        let other = RedisBus::new(redis).await.unwrap();
        buses.push((name, Arc::new(one), Arc::new(other)));
    }
    buses
}

#[tokio::test]
async fn hints_reach_everybody() {
    for (name, here, there) in buses().await {
        let hints = [
            Notification::TaskChanged(TaskId::generate()),
            Notification::CancelRequested(TaskId::generate()),
        ];
        let (mut first, mut second) = (there.subscribe(), there.subscribe());
        for hint in hints {
            // A subscription may take effect a little later, and a hint may be lost: it is told until it is heard.
            loop {
                here.publish(hint).await;
                let soon = Duration::from_millis(50);
                let heard = tokio::time::timeout(soon, async {
                    while first.recv().await.unwrap() != hint {}
                    while second.recv().await.unwrap() != hint {}
                });
                if heard.await.is_ok() {
                    break;
                }
            }
        }
        assert!(
            there.subscribe().try_recv().is_err(),
            "{name}: only what comes later is heard"
        );
    }
}
