//! The latency of a claim while many tasks wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use vidc_service::queue::{LocalQueue, ReadyQueue, ReadyTask, RedisQueue};
use vidc_service::store::model::{NewTask, Priority, Tenant};

use crate::store::backends;

const BACKLOGS: [usize; 4] = [10, 1_000, 10_000, 100_000];
const CLAIMS: usize = 200;

/// Measures the time from popping a task to holding its lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a slow measurement: make load"]
async fn claim_latency_does_not_depend_on_the_backlog() {
    for backend in backends().await {
        let queue: Arc<dyn ReadyQueue> = match (backend.name, super::redis_backends().first()) {
            ("PostgreSQL", Some((_, redis))) => Arc::new(RedisQueue::new(redis.clone()).await.unwrap()),
            _ => Arc::new(LocalQueue::default()),
        };
        let mut waiting = 0;
        for goal in BACKLOGS {
            let added = futures_util::stream::iter(waiting..goal).map(|n| {
                let new = NewTask {
                    priority: Priority::try_from(n as i64 % 10 + 1).unwrap(),
                    // Creating a task counts the tenant's unfinished tasks, so each tenant has few of them.
                    tenant: Tenant(format!("{}-{}", backend.tenant, n / 500)),
                    ..backend.new_task()
                };
                let (backend, queue) = (&backend, &queue);
                async move {
                    let task = backend.add(&new).await;
                    let class = task.priority.class();
                    let ready = ReadyTask {
                        task: task.id,
                        class,
                        score: n as i64,
                    };
                    queue.announce(&[ready]).await.unwrap();
                }
            });
            added.buffer_unordered(8).collect::<Vec<()>>().await;
            waiting = goal;
            let mut latencies = Vec::new();
            for _ in 0..CLAIMS.min(goal / 2) {
                let started_at = Instant::now();
                let next = queue.pop(Duration::from_secs(1)).await.unwrap().unwrap();
                backend.claim(next).await.unwrap();
                latencies.push(started_at.elapsed());
            }
            waiting -= latencies.len();
            latencies.sort();
            let percentile =
                |percent: usize| latencies[(latencies.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
            println!(
                "{}: {goal} waiting: p50 {:.2} ms, p99 {:.2} ms",
                backend.name,
                percentile(50),
                percentile(99)
            );
        }
    }
}
