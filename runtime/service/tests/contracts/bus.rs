use std::sync::Arc;
use std::time::Duration;

use vidc_service::bus::{EventBus, LocalBus, Notification, RedisBus};
use vidc_service::store::model::TaskId;

/// Returns two handles of each bus. Within a process they are the same.
async fn buses() -> Vec<(&'static str, Arc<dyn EventBus>, Arc<dyn EventBus>)> {
    let local: Arc<dyn EventBus> = Arc::new(LocalBus::default());
    let mut buses = vec![("local", Arc::clone(&local), local)];
    for (name, redis) in super::redis_backends() {
        let first = RedisBus::new(redis.clone()).await.unwrap();
        let second = RedisBus::new(redis).await.unwrap();
        buses.push((name, Arc::new(first), Arc::new(second)));
    }
    buses
}

#[tokio::test]
async fn notifications_reach_every_subscriber() {
    for (name, publisher, subscriber) in buses().await {
        let notifications = [
            Notification::TaskChanged(TaskId::generate()),
            Notification::CancelRequested(TaskId::generate()),
        ];
        let (mut first, mut second) = (subscriber.subscribe(), subscriber.subscribe());
        for notification in notifications {
            // A subscription may take effect a little later, and a notification may be lost, so it is published until it
            // is received.
            loop {
                publisher.publish(notification).await;
                let timeout = Duration::from_millis(50);
                let received = tokio::time::timeout(timeout, async {
                    while first.recv().await.unwrap() != notification {}
                    while second.recv().await.unwrap() != notification {}
                });
                if received.await.is_ok() {
                    break;
                }
            }
        }
        assert!(
            subscriber.subscribe().try_recv().is_err(),
            "{name}: received a notification from before the subscription"
        );
    }
}
