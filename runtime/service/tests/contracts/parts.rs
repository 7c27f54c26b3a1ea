//! The contract of the store for parts of tasks and registered workers.

use std::time::Duration;

use vidc_service::store::model::{Lease, TaskId};
use vidc_service::store::{OfferedPart, PartClaim};

use crate::store::{Backend, backends};

const LEASE: Duration = Duration::from_secs(30);
const EXPIRED: Duration = Duration::ZERO;
const DAY: Duration = Duration::from_secs(86_400);

/// Claims a new task and offers parts of it, under a compatibility key that no other test uses.
async fn offered(backend: &Backend, keys: &[&str]) -> (Lease, String) {
    let task = backend.add(&backend.new_task()).await;
    let lease = backend.claim(task.id).await.unwrap();
    let compat_key = TaskId::generate().to_string();
    backend
        .store
        .offer_parts(lease, &compat_key, &parts(keys))
        .await
        .unwrap();
    (lease, compat_key)
}

fn parts(keys: &[&str]) -> Vec<OfferedPart> {
    let part = |key: &&str| OfferedPart {
        key: (*key).to_owned(),
        job: format!("run {key}"),
    };
    keys.iter().map(part).collect()
}

#[tokio::test]
async fn one_of_concurrent_remote_claims_wins() {
    for backend in backends().await {
        let store = &backend.store;
        let (lease, compat_key) = offered(&backend, &["a"]).await;
        let claims = (0..8).map(|n| {
            let (compat_key, worker) = (&compat_key, format!("worker {n}"));
            async move { store.claim_remote_part(&worker, compat_key, LEASE).await.unwrap() }
        });
        let claimed: Vec<_> = futures_util::future::join_all(claims).await;
        let mut claimed = claimed.into_iter().flatten();
        let part = claimed.next().unwrap();
        assert!(claimed.next().is_none(), "{}: claimed twice", backend.name);
        assert_eq!((part.key.as_str(), part.job.as_str()), ("a", "run a"));
        assert_eq!((part.task, &part.tenant), (lease.task, &backend.tenant));

        assert_eq!(store.claim_own_part(lease, "a").await.unwrap(), PartClaim::Remote);
        assert!(store.renew_part(&part, LEASE).await.unwrap());
        assert!(store.complete_part(&part, "parts/a").await.unwrap());
        assert_eq!(
            store.claim_own_part(lease, "a").await.unwrap(),
            PartClaim::Done("parts/a".to_owned())
        );
        assert!(
            !store.renew_part(&part, LEASE).await.unwrap(),
            "a completed part has no lease"
        );
    }
}

#[tokio::test]
async fn parts_are_claimed_only_by_other_compatible_workers() {
    for backend in backends().await {
        let store = &backend.store;
        let (lease, compat_key) = offered(&backend, &["a", "b"]).await;
        assert!(
            store
                .claim_remote_part("w", &compat_key, LEASE)
                .await
                .unwrap()
                .is_none(),
            "claimed by the task's own worker"
        );
        assert!(
            store
                .claim_remote_part("h", "other", LEASE)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(store.claim_own_part(lease, "a").await.unwrap(), PartClaim::Local);
        let part = store
            .claim_remote_part("h", &compat_key, LEASE)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(part.key, "b", "a part of the own worker was claimed");
        assert!(
            store
                .claim_remote_part("h", &compat_key, LEASE)
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn a_part_with_an_expired_lease_is_claimed_again() {
    for backend in backends().await {
        let store = &backend.store;
        let (lease, compat_key) = offered(&backend, &["a"]).await;
        let expired = store
            .claim_remote_part("h", &compat_key, EXPIRED)
            .await
            .unwrap()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        let other = store.claim_remote_part("i", &compat_key, EXPIRED).await.unwrap();
        assert!(
            other.is_some(),
            "{}: not claimed though its lease has expired",
            backend.name
        );
        assert!(!store.renew_part(&expired, LEASE).await.unwrap());
        assert!(!store.complete_part(&expired, "parts/late").await.unwrap());
        tokio::time::sleep(Duration::from_millis(5)).await;
        let next = store.claim_remote_part("j", &compat_key, LEASE).await.unwrap();
        assert!(next.is_none(), "after two tries it is left to the own worker");
        assert_eq!(store.claim_own_part(lease, "a").await.unwrap(), PartClaim::Local);
    }
}

#[tokio::test]
async fn the_next_attempt_finds_results_for_the_last_one() {
    for backend in backends().await {
        let store = &backend.store;
        let (lease, compat_key) = offered(&backend, &["a", "b", "c"]).await;
        let done = store
            .claim_remote_part("h", &compat_key, LEASE)
            .await
            .unwrap()
            .unwrap();
        assert!(store.complete_part(&done, "parts/done").await.unwrap());
        let running = store
            .claim_remote_part("h", &compat_key, LEASE)
            .await
            .unwrap()
            .unwrap();
        let free = ["a", "b", "c"].map(str::to_owned);
        let free = free
            .into_iter()
            .find(|key| *key != done.key && *key != running.key)
            .unwrap();
        assert_eq!(
            store.claim_own_part(lease, &free).await.unwrap(),
            PartClaim::Local
        );

        assert!(store.release(lease).await.unwrap());
        assert!(
            store
                .claim_remote_part("h", &compat_key, LEASE)
                .await
                .unwrap()
                .is_none(),
            "claimed a part of a task that is not processing"
        );
        assert!(!store.renew_part(&running, LEASE).await.unwrap());
        let lease = backend.claim(lease.task).await.unwrap();
        store
            .offer_parts(lease, &compat_key, &parts(&["a", "b", "c"]))
            .await
            .unwrap();
        let claim = |key: String| async move { store.claim_own_part(lease, &key).await.unwrap() };
        assert_eq!(claim(done.key).await, PartClaim::Done("parts/done".to_owned()));
        assert_eq!(claim(running.key).await, PartClaim::Remote);
        assert_eq!(
            claim(free).await,
            PartClaim::Local,
            "its last owner has released the task"
        );
    }
}

#[tokio::test]
async fn the_parts_of_an_ended_task_are_deleted() {
    for backend in backends().await {
        let store = &backend.store;
        let (lease, compat_key) = offered(&backend, &["a", "b"]).await;
        let (done, running) = (
            store
                .claim_remote_part("h", &compat_key, LEASE)
                .await
                .unwrap()
                .unwrap(),
            store
                .claim_remote_part("h", &compat_key, LEASE)
                .await
                .unwrap()
                .unwrap(),
        );
        let blob = format!("parts/{}", lease.task);
        store.reserve_blob(&blob, DAY).await.unwrap();
        assert!(store.complete_part(&done, &blob).await.unwrap());
        assert!(!store.blobs_to_delete(1000).await.unwrap().contains(&blob));
        assert!(store.complete(lease, &[], DAY).await.unwrap());
        assert!(
            store.blobs_to_delete(1000).await.unwrap().contains(&blob),
            "{}",
            backend.name
        );
        assert!(!store.complete_part(&running, "parts/late").await.unwrap());
        store.confirm_deleted(&blob).await.unwrap();
    }
}

#[tokio::test]
async fn withdrawn_parts_are_not_claimed() {
    for backend in backends().await {
        let store = &backend.store;
        let (lease, compat_key) = offered(&backend, &["a", "b"]).await;
        let done = store
            .claim_remote_part("h", &compat_key, LEASE)
            .await
            .unwrap()
            .unwrap();
        assert!(store.complete_part(&done, "parts/done").await.unwrap());
        let running = store
            .claim_remote_part("h", &compat_key, LEASE)
            .await
            .unwrap()
            .unwrap();
        store
            .offer_parts(lease, &compat_key, &parts(&["c"]))
            .await
            .unwrap();
        assert!(!store.renew_part(&running, LEASE).await.unwrap());
        let next = store
            .claim_remote_part("h", &compat_key, LEASE)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(next.key, "c");
        // A result for another compatibility key cannot be used.
        store
            .offer_parts(lease, "other", &parts(&[&done.key]))
            .await
            .unwrap();
        assert_eq!(
            store.claim_own_part(lease, &done.key).await.unwrap(),
            PartClaim::Local
        );
    }
}

#[tokio::test]
async fn a_part_released_without_a_try_can_be_tried_as_often_as_before() {
    for backend in backends().await {
        let store = &backend.store;
        let (_, compat_key) = offered(&backend, &["a"]).await;
        for (is_try, can_be_claimed) in [(false, true), (false, true), (true, true), (true, false)] {
            let part = store
                .claim_remote_part("h", &compat_key, LEASE)
                .await
                .unwrap()
                .unwrap();
            store.release_part(&part, is_try).await.unwrap();
            let again = store.claim_remote_part("h", &compat_key, LEASE).await.unwrap();
            assert_eq!(again.is_some(), can_be_claimed, "{}", backend.name);
            if let Some(part) = again {
                store.release_part(&part, false).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn the_number_of_remote_cores_is_fixed_for_a_task() {
    for backend in backends().await {
        let store = &backend.store;
        let task = backend.add(&backend.new_task()).await;
        let lease = backend.claim(task.id).await.unwrap();
        let compat_key = TaskId::generate().to_string();
        let name = |name: &str| format!("{} {name}", backend.tenant);
        let busy = backend.add(&backend.new_task()).await;
        store.claim(busy.id, &name("busy"), LEASE).await.unwrap().unwrap();
        for (worker, compat_key) in [
            ("own", &compat_key),
            ("idle", &compat_key),
            ("idle", &compat_key),
            ("busy", &compat_key),
            ("incompatible", &backend.tenant.0),
        ] {
            store.register_worker(&name(worker), compat_key, 2).await.unwrap();
        }
        store
            .register_worker(&name("deregistered"), &compat_key, 2)
            .await
            .unwrap();
        store.deregister_worker(&name("deregistered")).await.unwrap();
        let count = || async {
            store
                .remote_cores(lease, &name("own"), &compat_key, LEASE)
                .await
                .unwrap()
        };
        assert_eq!(count().await, 2, "{}", backend.name);
        store.deregister_worker(&name("idle")).await.unwrap();
        assert_eq!(count().await, 2, "the number has changed");
    }
}
