//! One contract for the store, over every database: SQLite always, PostgreSQL where `VIDC_TEST_POSTGRES` names one.

use std::sync::Arc;
use std::time::Duration;

use vidc_service::store::model::{
    Class, Job, NewTask, Output, Priority, Status, Task, TaskFailure, TaskId, Tenant,
};
use vidc_service::store::{
    CreateOutcome, FailOutcome, IdempotencyKey, Lease, Postgres, Renewal, Sqlite, Store, TaskFilter,
};

const LEASE: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(86_400);
const MANY: i64 = 1_000;

/// A store, and a tenant that no other test has.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) tenant: Tenant,
    pub(crate) name: &'static str,
    _folder: Option<tempfile::TempDir>,
}

pub(crate) async fn benches() -> Vec<Bench> {
    let bench = |store, name, folder| Bench {
        store,
        tenant: Tenant(TaskId::generate().to_string()),
        name,
        _folder: folder,
    };
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(&folder.path().join("vidc.db")).unwrap();
    let sqlite = Store::open(Arc::new(sqlite)).await.unwrap();
    let mut benches = vec![bench(sqlite, "SQLite", Some(folder))];
    if let Ok(url) = std::env::var("VIDC_TEST_POSTGRES") {
        let postgres = Postgres::new(&url, 8).unwrap();
        benches.push(bench(
            Store::open(Arc::new(postgres)).await.unwrap(),
            "PostgreSQL",
            None,
        ));
    }
    benches
}

impl Bench {
    pub(crate) fn new_task(&self) -> NewTask {
        NewTask {
            id: TaskId::generate(),
            tenant: self.tenant.clone(),
            priority: Priority::NORMAL,
            name: "show.vidc".to_owned(),
            syntax: "vidc".to_owned(),
            recipe: "output \"a.mp4\" = color(\"red\", duration: 1s)".to_owned(),
            job: Job::default(),
            plan_key: TaskId::generate().to_string(),
            webhook: None,
        }
    }

    pub(crate) async fn add(&self, new: &NewTask) -> Task {
        match self.store.create_task(new, None, None, MANY, DAY).await.unwrap() {
            CreateOutcome::Created(task) => *task,
            other => panic!("{}: {other:?}", self.name),
        }
    }

    pub(crate) async fn claim(&self, id: TaskId) -> Option<Lease> {
        let claimed = self.store.claim(id, "w", LEASE).await.unwrap()?;
        assert_eq!(claimed.status, Status::Processing);
        Some(Lease {
            task: id,
            attempt: claimed.attempt,
        })
    }

    async fn status(&self, id: TaskId) -> Status {
        self.store.task(&self.tenant, id).await.unwrap().unwrap().status
    }
}

fn output(task: TaskId) -> Output {
    Output {
        name: "a.mp4".to_owned(),
        media_type: "video/mp4".to_owned(),
        bytes: 7,
        hash: "00".to_owned(),
        blob: format!("results/{task}/1/0"),
    }
}

fn failure() -> TaskFailure {
    TaskFailure {
        kind: "render-failed".to_owned(),
        message: "it broke".to_owned(),
    }
}

#[tokio::test]
async fn one_of_many_claims_wins() {
    for bench in benches().await {
        let task = bench.add(&bench.new_task()).await;
        let claims = (0..16).map(|_| bench.claim(task.id));
        let won = futures_util::future::join_all(claims).await;
        assert_eq!(won.into_iter().flatten().count(), 1, "{}", bench.name);
    }
}

#[tokio::test]
async fn a_completed_task_has_its_outputs_and_its_history() {
    for bench in benches().await {
        let task = bench.add(&bench.new_task()).await;
        let lease = bench.claim(task.id).await.unwrap();
        assert_eq!(
            bench.store.renew(lease, LEASE, 40, "render").await.unwrap(),
            Renewal::Held
        );
        assert_eq!(
            bench.store.renew(lease, LEASE, 30, "render").await.unwrap(),
            Renewal::Held
        );
        let now = bench.store.task(&bench.tenant, task.id).await.unwrap().unwrap();
        assert_eq!(
            (now.percent, now.stage.as_deref()),
            (40, Some("render")),
            "progress never falls"
        );
        assert!(
            bench
                .store
                .complete(lease, &[output(task.id)], DAY)
                .await
                .unwrap()
        );
        assert!(
            !bench
                .store
                .complete(lease, &[output(task.id)], DAY)
                .await
                .unwrap(),
            "published twice"
        );
        let done = bench.store.task(&bench.tenant, task.id).await.unwrap().unwrap();
        assert_eq!((done.status, done.percent), (Status::Completed, 100));
        assert_eq!(bench.store.outputs(task.id).await.unwrap(), [output(task.id)]);
        let history = bench.store.transitions(task.id, 0).await.unwrap();
        let history: Vec<Status> = history.iter().map(|transition| transition.status).collect();
        assert_eq!(history, [Status::Pending, Status::Processing, Status::Completed]);
    }
}

#[tokio::test]
async fn a_stale_attempt_changes_nothing() {
    for bench in benches().await {
        let task = bench.add(&bench.new_task()).await;
        let stale = bench
            .store
            .claim(task.id, "w", Duration::ZERO)
            .await
            .unwrap()
            .unwrap();
        let stale = Lease {
            task: task.id,
            attempt: stale.attempt,
        };
        while bench
            .store
            .reap_expired_leases(DAY)
            .await
            .unwrap()
            .iter()
            .all(|(lease, _)| *lease != stale)
        {
            // Another test's sweep over the same database may have been first.
            if bench.status(task.id).await == Status::Pending {
                break;
            }
        }
        assert_eq!(bench.status(task.id).await, Status::Pending);
        let late = bench
            .store
            .complete(stale, &[output(task.id)], DAY)
            .await
            .unwrap();
        assert!(!late, "{}: a stale commit was taken", bench.name);
        assert_eq!(
            bench.store.renew(stale, LEASE, 1, "x").await.unwrap(),
            Renewal::Lost
        );
        assert_eq!(
            bench.store.fail(stale, &failure(), true, DAY).await.unwrap(),
            FailOutcome::Stale
        );
        assert!(bench.store.outputs(task.id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn attempts_are_counted_when_claimed() {
    for bench in benches().await {
        let task = bench.add(&bench.new_task()).await;
        let mut ends = Vec::new();
        while bench.status(task.id).await == Status::Pending {
            // A task that failed is due again only after a while.
            let Some(lease) = bench.claim(task.id).await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            ends.push(bench.store.fail(lease, &failure(), true, DAY).await.unwrap());
        }
        assert_eq!(
            ends,
            [FailOutcome::Requeued, FailOutcome::Requeued, FailOutcome::Final],
            "{}",
            bench.name
        );
        assert!(bench.store.retry_task(&bench.tenant, task.id).await.unwrap());
        let lease = bench.claim(task.id).await.unwrap();
        assert_eq!(lease.attempt, 4, "the fencing token never falls");
        assert_eq!(
            bench.store.fail(lease, &failure(), false, DAY).await.unwrap(),
            FailOutcome::Final
        );
    }
}

#[tokio::test]
async fn a_released_task_keeps_its_attempts() {
    for bench in benches().await {
        let task = bench.add(&bench.new_task()).await;
        for _ in 0..5 {
            let lease = bench.claim(task.id).await.unwrap();
            assert!(bench.store.release(lease).await.unwrap(), "{}", bench.name);
        }
        assert_eq!(bench.status(task.id).await, Status::Pending);
    }
}

#[tokio::test]
async fn cancelling() {
    for bench in benches().await {
        let waiting = bench.add(&bench.new_task()).await;
        let cancel = |id| bench.store.cancel_task(&bench.tenant, id, DAY);
        assert_eq!(cancel(waiting.id).await.unwrap(), Some(Status::Cancelled));
        assert_eq!(cancel(waiting.id).await.unwrap(), None);
        let running = bench.add(&bench.new_task()).await;
        let lease = bench.claim(running.id).await.unwrap();
        assert_eq!(cancel(running.id).await.unwrap(), Some(Status::Processing));
        assert_eq!(
            bench.store.renew(lease, LEASE, 1, "x").await.unwrap(),
            Renewal::CancelRequested
        );
        assert!(bench.store.commit_cancelled(lease, DAY).await.unwrap());
        assert_eq!(
            bench.status(running.id).await,
            Status::Cancelled,
            "{}",
            bench.name
        );
    }
}

#[tokio::test]
async fn tenants_see_only_their_own() {
    for bench in benches().await {
        let other = Tenant("somebody-else".to_owned());
        let task = bench.add(&bench.new_task()).await;
        assert_eq!(bench.store.task(&other, task.id).await.unwrap(), None);
        assert_eq!(bench.store.cancel_task(&other, task.id, DAY).await.unwrap(), None);
        assert!(!bench.store.delete_task(&other, task.id).await.unwrap());
        let listed = bench
            .store
            .tasks(&other, &TaskFilter::default(), MANY)
            .await
            .unwrap();
        assert!(listed.iter().all(|listed| listed.id != task.id));
    }
}

#[tokio::test]
async fn cursors_hold_while_tasks_come_in() {
    for bench in benches().await {
        let mut made = Vec::new();
        for _ in 0..7 {
            made.push(bench.add(&bench.new_task()).await.id);
        }
        let mut filter = TaskFilter::default();
        let mut seen = Vec::new();
        loop {
            let page = bench.store.tasks(&bench.tenant, &filter, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.before = Some(last.id);
            seen.extend(page.iter().map(|task| task.id));
            bench.add(&bench.new_task()).await;
        }
        made.reverse();
        assert_eq!(seen, made, "{}", bench.name);
    }
}

#[tokio::test]
async fn an_idempotency_key_makes_one_task() {
    for bench in benches().await {
        let same = IdempotencyKey {
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
        };
        let tasks: Vec<NewTask> = (0..8).map(|_| bench.new_task()).collect();
        let creations = tasks
            .iter()
            .map(|task| bench.store.create_task(task, None, Some(&same), MANY, DAY));
        let creations = futures_util::future::join_all(creations).await;
        let mut ids = std::collections::BTreeSet::new();
        for creation in creations {
            match creation.unwrap() {
                CreateOutcome::Created(task) | CreateOutcome::Repeated(task) => ids.insert(task.id),
                other => panic!("{other:?}"),
            };
        }
        assert_eq!(ids.len(), 1, "{}", bench.name);
        let other = IdempotencyKey {
            fingerprint: "g".to_owned(),
            ..same
        };
        let refused = bench
            .store
            .create_task(&bench.new_task(), None, Some(&other), MANY, DAY)
            .await;
        assert_eq!(refused.unwrap(), CreateOutcome::KeyReused);
    }
}

#[tokio::test]
async fn a_tenant_has_only_so_many_unfinished_tasks() {
    for bench in benches().await {
        for _ in 0..3 {
            bench.add(&bench.new_task()).await;
        }
        let refused = bench
            .store
            .create_task(&bench.new_task(), None, None, 3, DAY)
            .await
            .unwrap();
        assert_eq!(refused, CreateOutcome::QueueFull, "{}", bench.name);
    }
}

#[tokio::test]
async fn the_same_plan_is_answered_with_what_was_made() {
    for bench in benches().await {
        let first = bench.new_task();
        bench.add(&first).await;
        let lease = bench.claim(first.id).await.unwrap();
        bench
            .store
            .complete(lease, &[output(first.id)], DAY)
            .await
            .unwrap();
        let hit = bench
            .store
            .completed_task_for(&bench.tenant, &first.plan_key)
            .await
            .unwrap();
        assert_eq!(hit, Some(first.id));
        let second = NewTask {
            plan_key: first.plan_key.clone(),
            ..bench.new_task()
        };
        let created = bench
            .store
            .create_task(&second, hit, None, MANY, DAY)
            .await
            .unwrap();
        let CreateOutcome::Created(task) = created else {
            panic!("{created:?}")
        };
        assert_eq!(
            (task.status, task.cached_from),
            (Status::Completed, Some(first.id))
        );
        // The bytes stay as long as either task has them.
        assert!(bench.store.delete_task(&bench.tenant, first.id).await.unwrap());
        let blob = output(first.id).blob;
        assert!(
            !bench.store.blobs_to_delete(MANY).await.unwrap().contains(&blob),
            "{}",
            bench.name
        );
        assert!(bench.store.delete_task(&bench.tenant, second.id).await.unwrap());
        assert!(
            bench.store.blobs_to_delete(MANY).await.unwrap().contains(&blob),
            "{}",
            bench.name
        );
    }
}

#[tokio::test]
async fn what_is_ready_comes_by_priority() {
    for bench in benches().await {
        let late = NewTask {
            priority: Priority::try_from(3).unwrap(),
            ..bench.new_task()
        };
        let soon = NewTask {
            priority: Priority::try_from(1).unwrap(),
            ..bench.new_task()
        };
        bench.add(&late).await;
        bench.add(&soon).await;
        let ready = bench.store.ready_tasks(Class::High, MANY).await.unwrap();
        let place = |id| ready.iter().position(|(ready, _)| *ready == id).unwrap();
        assert!(place(soon.id) < place(late.id), "{}", bench.name);
    }
}

#[tokio::test]
async fn a_webhook_is_due_once_the_task_ends() {
    for bench in benches().await {
        let webhook = Some("https://example.com/hook".to_owned());
        let task = bench
            .add(&NewTask {
                webhook,
                ..bench.new_task()
            })
            .await;
        assert!(bench.store.deliveries(task.id).await.unwrap().is_empty());
        let lease = bench.claim(task.id).await.unwrap();
        bench.store.fail(lease, &failure(), false, DAY).await.unwrap();
        let due = bench.store.deliveries(task.id).await.unwrap();
        assert_eq!(due.len(), 1, "{}", bench.name);
        let body: serde_json::Value = serde_json::from_str(&due[0].body).unwrap();
        assert_eq!(body["type"], "task.failed");
        assert_eq!(body["data"]["id"], task.id.to_string());
    }
}
