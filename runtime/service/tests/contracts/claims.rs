//! How long a claim takes when many tasks wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use vidc_service::queue::{LocalQueue, ReadyQueue, ReadyTask, RedisQueue};
use vidc_service::store::model::{NewTask, Priority, Tenant};

use crate::store::benches;

const WAITING: [usize; 4] = [10, 1_000, 10_000, 100_000];
const CLAIMS: usize = 200;

/// From asking for the next task to holding its lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, which takes its time: make load"]
async fn claims_take_as_long_however_many_tasks_wait() {
    for bench in benches().await {
        let queue: Arc<dyn ReadyQueue> = match (bench.name, super::redises().first()) {
            ("PostgreSQL", Some((_, redis))) => Arc::new(RedisQueue::new(redis.clone()).await.unwrap()),
            _ => Arc::new(LocalQueue::default()),
        };
        let mut waiting = 0;
        for goal in WAITING {
            let added = futures_util::stream::iter(waiting..goal).map(|n| {
                let new = NewTask {
                    priority: Priority::try_from(n as i64 % 10 + 1).unwrap(),
                    // How many tasks a tenant has unfinished is counted when another is made.
                    tenant: Tenant(format!("{}-{}", bench.tenant, n / 500)),
                    ..bench.new_task()
                };
                let (bench, queue) = (&bench, &queue);
                async move {
                    let task = bench.add(&new).await;
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
            let mut took = Vec::new();
            for _ in 0..CLAIMS.min(goal / 2) {
                let begun = Instant::now();
                let next = queue.pop(Duration::from_secs(1)).await.unwrap().unwrap();
                bench.claim(next).await.unwrap();
                took.push(begun.elapsed());
            }
            waiting -= took.len();
            took.sort();
            let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
            println!(
                "{}: {goal} wait: p50 {:.2} ms, p99 {:.2} ms",
                bench.name,
                at(50),
                at(99)
            );
        }
    }
}
