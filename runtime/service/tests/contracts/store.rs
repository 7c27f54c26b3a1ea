//! The contract of the store in every database: always in SQLite, and in PostgreSQL if `VIDC_TEST_POSTGRES` names one.

use std::sync::Arc;
use std::time::Duration;

use vidc_service::store::model::{
    Class, Job, Lease, NewTask, Output, Priority, Status, Task, TaskFailure, TaskId, Tenant,
};
use vidc_service::store::{
    CreateOutcome, FailOutcome, IdempotencyKey, Postgres, Renewal, Sqlite, Store, TaskFilter,
};

const LEASE: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(86_400);
const NO_LIMIT: i64 = 1_000;

/// A store in one of the databases, with a tenant that no other test uses.
pub(crate) struct Backend {
    pub(crate) store: Store,
    pub(crate) tenant: Tenant,
    pub(crate) name: &'static str,
    _dir: Option<tempfile::TempDir>,
}

pub(crate) async fn backends() -> Vec<Backend> {
    let backend = |store, name, dir| Backend {
        store,
        tenant: Tenant(TaskId::generate().to_string()),
        name,
        _dir: dir,
    };
    let dir = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(&dir.path().join("vidc.db")).unwrap();
    let sqlite = Store::open(Arc::new(sqlite)).await.unwrap();
    let mut backends = vec![backend(sqlite, "SQLite", Some(dir))];
    if let Ok(url) = std::env::var("VIDC_TEST_POSTGRES") {
        let postgres = Postgres::new(&url, 8).unwrap();
        backends.push(backend(
            Store::open(Arc::new(postgres)).await.unwrap(),
            "PostgreSQL",
            None,
        ));
    }
    backends
}

impl Backend {
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
            webhook_url: None,
        }
    }

    pub(crate) async fn add(&self, new: &NewTask) -> Task {
        match self
            .store
            .create_task(new, None, None, NO_LIMIT, DAY)
            .await
            .unwrap()
        {
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
async fn one_of_concurrent_claims_wins() {
    for backend in backends().await {
        let task = backend.add(&backend.new_task()).await;
        let claims = (0..16).map(|_| backend.claim(task.id));
        let won = futures_util::future::join_all(claims).await;
        assert_eq!(won.into_iter().flatten().count(), 1, "{}", backend.name);
    }
}

#[tokio::test]
async fn a_completed_task_has_its_outputs_and_history() {
    for backend in backends().await {
        let task = backend.add(&backend.new_task()).await;
        let lease = backend.claim(task.id).await.unwrap();
        assert_eq!(
            backend.store.renew(lease, LEASE, 40, "render").await.unwrap(),
            Renewal::Held
        );
        assert_eq!(
            backend.store.renew(lease, LEASE, 30, "render").await.unwrap(),
            Renewal::Held
        );
        let now = backend
            .store
            .task(&backend.tenant, task.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (now.percent, now.stage.as_deref()),
            (40, Some("render")),
            "progress never decreases"
        );
        assert!(
            backend
                .store
                .complete(lease, &[output(task.id)], DAY)
                .await
                .unwrap()
        );
        assert!(
            !backend
                .store
                .complete(lease, &[output(task.id)], DAY)
                .await
                .unwrap(),
            "completed twice"
        );
        let done = backend
            .store
            .task(&backend.tenant, task.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((done.status, done.percent), (Status::Completed, 100));
        assert_eq!(backend.store.outputs(task.id).await.unwrap(), [output(task.id)]);
        let history = backend.store.transitions(task.id, 0).await.unwrap();
        let history: Vec<Status> = history.iter().map(|transition| transition.status).collect();
        assert_eq!(history, [Status::Pending, Status::Processing, Status::Completed]);
    }
}

#[tokio::test]
async fn a_stale_attempt_changes_nothing() {
    for backend in backends().await {
        let task = backend.add(&backend.new_task()).await;
        let stale = backend
            .store
            .claim(task.id, "w", Duration::ZERO)
            .await
            .unwrap()
            .unwrap();
        let stale = Lease {
            task: task.id,
            attempt: stale.attempt,
        };
        while backend
            .store
            .reap_expired_leases(DAY)
            .await
            .unwrap()
            .iter()
            .all(|(lease, _)| *lease != stale)
        {
            // A sweep of another test in the same database may have been first.
            if backend.status(task.id).await == Status::Pending {
                break;
            }
        }
        assert_eq!(backend.status(task.id).await, Status::Pending);
        let late = backend
            .store
            .complete(stale, &[output(task.id)], DAY)
            .await
            .unwrap();
        assert!(!late, "{}: a stale commit was accepted", backend.name);
        assert_eq!(
            backend.store.renew(stale, LEASE, 1, "x").await.unwrap(),
            Renewal::Lost
        );
        assert_eq!(
            backend.store.fail(stale, &failure(), true, DAY).await.unwrap(),
            FailOutcome::Stale
        );
        assert!(backend.store.outputs(task.id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn claims_count_as_attempts() {
    for backend in backends().await {
        let task = backend.add(&backend.new_task()).await;
        let mut outcomes = Vec::new();
        while backend.status(task.id).await == Status::Pending {
            // A failed task is due again only after a pause.
            let Some(lease) = backend.claim(task.id).await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            outcomes.push(backend.store.fail(lease, &failure(), true, DAY).await.unwrap());
        }
        assert_eq!(
            outcomes,
            [FailOutcome::Requeued, FailOutcome::Requeued, FailOutcome::Final],
            "{}",
            backend.name
        );
        assert!(backend.store.retry_task(&backend.tenant, task.id).await.unwrap());
        let lease = backend.claim(task.id).await.unwrap();
        assert_eq!(lease.attempt, 4, "the fencing token never decreases");
        assert_eq!(
            backend.store.fail(lease, &failure(), false, DAY).await.unwrap(),
            FailOutcome::Final
        );
    }
}

#[tokio::test]
async fn a_released_task_keeps_its_attempts() {
    for backend in backends().await {
        let task = backend.add(&backend.new_task()).await;
        for _ in 0..5 {
            let lease = backend.claim(task.id).await.unwrap();
            assert!(backend.store.release(lease).await.unwrap(), "{}", backend.name);
        }
        assert_eq!(backend.status(task.id).await, Status::Pending);
    }
}

#[tokio::test]
async fn pending_tasks_are_cancelled_at_once_and_processing_ones_by_their_worker() {
    for backend in backends().await {
        let waiting = backend.add(&backend.new_task()).await;
        let cancel = |id| backend.store.cancel_task(&backend.tenant, id, DAY);
        assert_eq!(cancel(waiting.id).await.unwrap(), Some(Status::Cancelled));
        assert_eq!(cancel(waiting.id).await.unwrap(), None);
        let running = backend.add(&backend.new_task()).await;
        let lease = backend.claim(running.id).await.unwrap();
        assert_eq!(cancel(running.id).await.unwrap(), Some(Status::Processing));
        assert_eq!(
            backend.store.renew(lease, LEASE, 1, "x").await.unwrap(),
            Renewal::CancelRequested
        );
        assert!(backend.store.commit_cancelled(lease, DAY).await.unwrap());
        assert_eq!(
            backend.status(running.id).await,
            Status::Cancelled,
            "{}",
            backend.name
        );
    }
}

#[tokio::test]
async fn tenants_see_only_their_own_tasks() {
    for backend in backends().await {
        let other = Tenant("somebody-else".to_owned());
        let task = backend.add(&backend.new_task()).await;
        assert_eq!(backend.store.task(&other, task.id).await.unwrap(), None);
        assert_eq!(
            backend.store.cancel_task(&other, task.id, DAY).await.unwrap(),
            None
        );
        assert!(!backend.store.delete_task(&other, task.id).await.unwrap());
        let listed = backend
            .store
            .tasks(&other, &TaskFilter::default(), NO_LIMIT)
            .await
            .unwrap();
        assert!(listed.iter().all(|listed| listed.id != task.id));
    }
}

#[tokio::test]
async fn cursors_are_stable_while_tasks_are_created() {
    for backend in backends().await {
        let mut created = Vec::new();
        for _ in 0..7 {
            created.push(backend.add(&backend.new_task()).await.id);
        }
        let mut filter = TaskFilter::default();
        let mut seen = Vec::new();
        loop {
            let page = backend.store.tasks(&backend.tenant, &filter, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.before = Some(last.id);
            seen.extend(page.iter().map(|task| task.id));
            backend.add(&backend.new_task()).await;
        }
        created.reverse();
        assert_eq!(seen, created, "{}", backend.name);
    }
}

#[tokio::test]
async fn an_idempotency_key_creates_one_task() {
    for backend in backends().await {
        let same = IdempotencyKey {
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
        };
        let tasks: Vec<NewTask> = (0..8).map(|_| backend.new_task()).collect();
        let creations = tasks
            .iter()
            .map(|task| backend.store.create_task(task, None, Some(&same), NO_LIMIT, DAY));
        let creations = futures_util::future::join_all(creations).await;
        let mut ids = std::collections::BTreeSet::new();
        for creation in creations {
            match creation.unwrap() {
                CreateOutcome::Created(task) | CreateOutcome::Repeated(task) => ids.insert(task.id),
                other => panic!("{other:?}"),
            };
        }
        assert_eq!(ids.len(), 1, "{}", backend.name);
        let other = IdempotencyKey {
            fingerprint: "g".to_owned(),
            ..same
        };
        let refused = backend
            .store
            .create_task(&backend.new_task(), None, Some(&other), NO_LIMIT, DAY)
            .await;
        assert_eq!(refused.unwrap(), CreateOutcome::KeyReused);
    }
}

#[tokio::test]
async fn the_number_of_unfinished_tasks_is_limited() {
    for backend in backends().await {
        for _ in 0..3 {
            backend.add(&backend.new_task()).await;
        }
        let refused = backend
            .store
            .create_task(&backend.new_task(), None, None, 3, DAY)
            .await
            .unwrap();
        assert_eq!(refused, CreateOutcome::QueueFull, "{}", backend.name);
    }
}

#[tokio::test]
async fn the_outputs_of_an_equal_plan_are_reused() {
    for backend in backends().await {
        let first = backend.new_task();
        backend.add(&first).await;
        let lease = backend.claim(first.id).await.unwrap();
        backend
            .store
            .complete(lease, &[output(first.id)], DAY)
            .await
            .unwrap();
        let hit = backend
            .store
            .completed_task_for(&backend.tenant, &first.plan_key)
            .await
            .unwrap();
        assert_eq!(hit, Some(first.id));
        let second = NewTask {
            plan_key: first.plan_key.clone(),
            ..backend.new_task()
        };
        let created = backend
            .store
            .create_task(&second, hit, None, NO_LIMIT, DAY)
            .await
            .unwrap();
        let CreateOutcome::Created(task) = created else {
            panic!("{created:?}")
        };
        assert_eq!(
            (task.status, task.cached_from),
            (Status::Completed, Some(first.id))
        );
        // The blob stays as long as either task refers to it.
        assert!(
            backend
                .store
                .delete_task(&backend.tenant, first.id)
                .await
                .unwrap()
        );
        let blob = output(first.id).blob;
        assert!(
            !backend
                .store
                .blobs_to_delete(NO_LIMIT)
                .await
                .unwrap()
                .contains(&blob),
            "{}",
            backend.name
        );
        assert!(
            backend
                .store
                .delete_task(&backend.tenant, second.id)
                .await
                .unwrap()
        );
        assert!(
            backend
                .store
                .blobs_to_delete(NO_LIMIT)
                .await
                .unwrap()
                .contains(&blob),
            "{}",
            backend.name
        );
    }
}

#[tokio::test]
async fn ready_tasks_are_ordered_by_priority() {
    for backend in backends().await {
        let low = NewTask {
            priority: Priority::try_from(3).unwrap(),
            ..backend.new_task()
        };
        let high = NewTask {
            priority: Priority::try_from(1).unwrap(),
            ..backend.new_task()
        };
        backend.add(&low).await;
        backend.add(&high).await;
        let ready = backend.store.ready_tasks(Class::High, NO_LIMIT).await.unwrap();
        let position = |id| ready.iter().position(|(ready, _)| *ready == id).unwrap();
        assert!(position(high.id) < position(low.id), "{}", backend.name);
    }
}

#[tokio::test]
async fn a_webhook_is_due_when_the_task_ends() {
    for backend in backends().await {
        let webhook_url = Some("https://example.com/hook".to_owned());
        let task = backend
            .add(&NewTask {
                webhook_url,
                ..backend.new_task()
            })
            .await;
        assert!(backend.store.deliveries(task.id).await.unwrap().is_empty());
        let lease = backend.claim(task.id).await.unwrap();
        backend.store.fail(lease, &failure(), false, DAY).await.unwrap();
        let due = backend.store.deliveries(task.id).await.unwrap();
        assert_eq!(due.len(), 1, "{}", backend.name);
        let body: serde_json::Value = serde_json::from_str(&due[0].body).unwrap();
        assert_eq!(body["type"], "task.failed");
        assert_eq!(body["data"]["id"], task.id.to_string());
    }
}
