//! What the store promises of parts of tasks, and of who is there to help with them.

use std::time::Duration;

use vidc_service::store::model::TaskId;
use vidc_service::store::{Lease, OfferedPart, PartClaim};

use crate::store::{Bench, benches};

const LEASE: Duration = Duration::from_secs(30);
const OVER: Duration = Duration::ZERO;
const DAY: Duration = Duration::from_secs(86_400);

/// A task under way that offers parts; a kin that no other test has.
async fn offered(bench: &Bench, keys: &[&str]) -> (Lease, String) {
    let task = bench.add(&bench.new_task()).await;
    let lease = bench.claim(task.id).await.unwrap();
    let kin = TaskId::generate().to_string();
    bench.store.offer_parts(lease, &kin, &parts(keys)).await.unwrap();
    (lease, kin)
}

fn parts(keys: &[&str]) -> Vec<OfferedPart> {
    let part = |key: &&str| OfferedPart {
        key: (*key).to_owned(),
        work: format!("run {key}"),
    };
    keys.iter().map(part).collect()
}

#[tokio::test]
async fn a_part_is_one_helpers_until_it_is_made() {
    for bench in benches().await {
        let store = &bench.store;
        let (lease, kin) = offered(&bench, &["a"]).await;
        let asking = (0..8).map(|n| {
            let (kin, helper) = (&kin, format!("helper {n}"));
            async move { store.claim_remote_part(&helper, kin, LEASE).await.unwrap() }
        });
        let got: Vec<_> = futures_util::future::join_all(asking).await;
        let mut got = got.into_iter().flatten();
        let part = got.next().unwrap();
        assert!(got.next().is_none(), "{}: taken twice", bench.name);
        assert_eq!((part.key.as_str(), part.work.as_str()), ("a", "run a"));
        assert_eq!((part.task, &part.tenant), (lease.task, &bench.tenant));

        assert_eq!(store.claim_own_part(lease, "a").await.unwrap(), PartClaim::Remote);
        assert!(store.renew_part(&part, LEASE).await.unwrap());
        assert!(store.complete_part(&part, "parts/a").await.unwrap());
        assert_eq!(
            store.claim_own_part(lease, "a").await.unwrap(),
            PartClaim::Done("parts/a".to_owned())
        );
        assert!(
            !store.renew_part(&part, LEASE).await.unwrap(),
            "made parts have no lease"
        );
    }
}

#[tokio::test]
async fn a_part_is_taken_only_by_those_who_can_and_are_not_its_owner() {
    for bench in benches().await {
        let store = &bench.store;
        let (lease, kin) = offered(&bench, &["a", "b"]).await;
        assert!(
            store.claim_remote_part("w", &kin, LEASE).await.unwrap().is_none(),
            "its own worker"
        );
        assert!(
            store
                .claim_remote_part("h", "other", LEASE)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(store.claim_own_part(lease, "a").await.unwrap(), PartClaim::Local);
        let part = store.claim_remote_part("h", &kin, LEASE).await.unwrap().unwrap();
        assert_eq!(part.key, "b", "what the owner has is not taken from it");
        assert!(store.claim_remote_part("h", &kin, LEASE).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn what_a_helper_lets_fall_is_taken_up() {
    for bench in benches().await {
        let store = &bench.store;
        let (lease, kin) = offered(&bench, &["a"]).await;
        let silent = store.claim_remote_part("h", &kin, OVER).await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        let other = store.claim_remote_part("i", &kin, OVER).await.unwrap();
        assert!(other.is_some(), "{}: its lease is over", bench.name);
        assert!(!store.renew_part(&silent, LEASE).await.unwrap());
        assert!(!store.complete_part(&silent, "parts/late").await.unwrap());
        tokio::time::sleep(Duration::from_millis(5)).await;
        let next = store.claim_remote_part("j", &kin, LEASE).await.unwrap();
        assert!(next.is_none(), "two have tried: it is left to the owner");
        assert_eq!(store.claim_own_part(lease, "a").await.unwrap(), PartClaim::Local);
    }
}

#[tokio::test]
async fn the_next_attempt_finds_what_was_made_for_the_last() {
    for bench in benches().await {
        let store = &bench.store;
        let (lease, kin) = offered(&bench, &["a", "b", "c"]).await;
        let made = store.claim_remote_part("h", &kin, LEASE).await.unwrap().unwrap();
        assert!(store.complete_part(&made, "parts/made").await.unwrap());
        let going = store.claim_remote_part("h", &kin, LEASE).await.unwrap().unwrap();
        let left = ["a", "b", "c"].map(str::to_owned);
        let left = left
            .into_iter()
            .find(|key| *key != made.key && *key != going.key)
            .unwrap();
        assert_eq!(
            store.claim_own_part(lease, &left).await.unwrap(),
            PartClaim::Local
        );

        assert!(store.release(lease).await.unwrap());
        assert!(
            store.claim_remote_part("h", &kin, LEASE).await.unwrap().is_none(),
            "nobody works on it"
        );
        assert!(!store.renew_part(&going, LEASE).await.unwrap());
        let lease = bench.claim(lease.task).await.unwrap();
        store
            .offer_parts(lease, &kin, &parts(&["a", "b", "c"]))
            .await
            .unwrap();
        let taken = |key: String| async move { store.claim_own_part(lease, &key).await.unwrap() };
        assert_eq!(taken(made.key).await, PartClaim::Done("parts/made".to_owned()));
        assert_eq!(taken(going.key).await, PartClaim::Remote);
        assert_eq!(taken(left).await, PartClaim::Local, "its last owner is gone");
    }
}

#[tokio::test]
async fn an_ended_task_has_no_parts_and_their_bytes_go() {
    for bench in benches().await {
        let store = &bench.store;
        let (lease, kin) = offered(&bench, &["a", "b"]).await;
        let (made, going) = (
            store.claim_remote_part("h", &kin, LEASE).await.unwrap().unwrap(),
            store.claim_remote_part("h", &kin, LEASE).await.unwrap().unwrap(),
        );
        let blob = format!("parts/{}", lease.task);
        store.reserve_blob(&blob, DAY).await.unwrap();
        assert!(store.complete_part(&made, &blob).await.unwrap());
        assert!(!store.blobs_to_delete(1000).await.unwrap().contains(&blob));
        assert!(store.complete(lease, &[], DAY).await.unwrap());
        assert!(
            store.blobs_to_delete(1000).await.unwrap().contains(&blob),
            "{}",
            bench.name
        );
        assert!(!store.complete_part(&going, "parts/late").await.unwrap());
        store.confirm_deleted(&blob).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_offered_no_more_is_not_made() {
    for bench in benches().await {
        let store = &bench.store;
        let (lease, kin) = offered(&bench, &["a", "b"]).await;
        let made = store.claim_remote_part("h", &kin, LEASE).await.unwrap().unwrap();
        assert!(store.complete_part(&made, "parts/made").await.unwrap());
        let going = store.claim_remote_part("h", &kin, LEASE).await.unwrap().unwrap();
        store.offer_parts(lease, &kin, &parts(&["c"])).await.unwrap();
        assert!(!store.renew_part(&going, LEASE).await.unwrap());
        let next = store.claim_remote_part("h", &kin, LEASE).await.unwrap().unwrap();
        assert_eq!(next.key, "c");
        // What was made for others than this worker's like is of no use to it.
        store
            .offer_parts(lease, "other", &parts(&[&made.key]))
            .await
            .unwrap();
        assert_eq!(
            store.claim_own_part(lease, &made.key).await.unwrap(),
            PartClaim::Local
        );
    }
}

#[tokio::test]
async fn a_part_given_back_untried_may_be_tried_as_often_as_before() {
    for bench in benches().await {
        let store = &bench.store;
        let (_, kin) = offered(&bench, &["a"]).await;
        for (counts, more) in [(false, true), (false, true), (true, true), (true, false)] {
            let part = store.claim_remote_part("h", &kin, LEASE).await.unwrap().unwrap();
            store.release_part(&part, counts).await.unwrap();
            let again = store.claim_remote_part("h", &kin, LEASE).await.unwrap();
            assert_eq!(again.is_some(), more, "{}", bench.name);
            if let Some(part) = again {
                store.release_part(&part, false).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn idle_workers_are_counted_once_for_a_task() {
    for bench in benches().await {
        let store = &bench.store;
        let task = bench.add(&bench.new_task()).await;
        let lease = bench.claim(task.id).await.unwrap();
        let kin = TaskId::generate().to_string();
        let name = |name: &str| format!("{} {name}", bench.tenant);
        let busy = bench.add(&bench.new_task()).await;
        store.claim(busy.id, &name("busy"), LEASE).await.unwrap().unwrap();
        for (worker, kin) in [
            ("own", &kin),
            ("idle", &kin),
            ("idle", &kin),
            ("busy", &kin),
            ("alien", &bench.tenant.0),
        ] {
            store.register_worker(&name(worker), kin, 2).await.unwrap();
        }
        store.register_worker(&name("gone"), &kin, 2).await.unwrap();
        store.deregister_worker(&name("gone")).await.unwrap();
        let count = || async {
            store
                .remote_cores(lease, &name("own"), &kin, LEASE)
                .await
                .unwrap()
        };
        assert_eq!(count().await, 2, "{}", bench.name);
        store.deregister_worker(&name("idle")).await.unwrap();
        assert_eq!(count().await, 2, "the plan stays the same");
    }
}
