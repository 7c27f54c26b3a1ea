use std::sync::Arc;
use std::time::{Duration, Instant};

use vidc_service::queue::{LocalQueue, ReadyQueue, ReadyTask, RedisQueue};
use vidc_service::store::model::{Class, TaskId};

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(20);

async fn queues() -> Vec<(&'static str, Arc<dyn ReadyQueue>)> {
    let mut queues: Vec<(_, Arc<dyn ReadyQueue>)> = vec![("local", Arc::new(LocalQueue::default()))];
    for (name, redis) in super::redis_backends() {
        queues.push((name, Arc::new(RedisQueue::new(redis).await.unwrap())));
    }
    queues
}

fn ready(class: Class, score: i64) -> ReadyTask {
    ReadyTask {
        task: TaskId::generate(),
        class,
        score,
    }
}

#[tokio::test]
async fn within_a_class_the_smallest_score_comes_first() {
    for (name, queue) in queues().await {
        let tasks = [7, 3, 5].map(|score| ready(Class::Normal, score));
        queue.announce(&tasks).await.unwrap();
        for expected in [1, 2, 0] {
            assert_eq!(
                queue.pop(SHORT).await.unwrap(),
                Some(tasks[expected].task),
                "{name}"
            );
        }
        assert_eq!(queue.pop(SHORT).await.unwrap(), None, "{name}");
    }
}

#[tokio::test]
async fn a_queued_task_keeps_its_place_when_announced_again() {
    for (name, queue) in queues().await {
        let (first, second) = (ready(Class::High, 1), ready(Class::High, 2));
        queue.announce(&[first, second]).await.unwrap();
        queue
            .announce(&[ReadyTask { score: 9, ..first }, first])
            .await
            .unwrap();
        assert_eq!(queue.pop(SHORT).await.unwrap(), Some(first.task), "{name}");
        assert_eq!(queue.pop(SHORT).await.unwrap(), Some(second.task), "{name}");
        assert_eq!(queue.pop(SHORT).await.unwrap(), None, "{name}");
    }
}

#[tokio::test]
async fn of_ten_tasks_six_are_high_and_one_is_low() {
    for (name, queue) in queues().await {
        let mut class_of = std::collections::HashMap::new();
        for class in Class::ALL {
            let tasks: Vec<ReadyTask> = (0..20).map(|score| ready(class, score)).collect();
            queue.announce(&tasks).await.unwrap();
            class_of.extend(tasks.into_iter().map(|ready| (ready.task, class)));
        }
        for round in 0..2 {
            let mut counts = std::collections::BTreeMap::new();
            for _ in 0..10 {
                let task = queue.pop(SHORT).await.unwrap().unwrap();
                *counts.entry(class_of[&task]).or_insert(0) += 1;
            }
            let counts: Vec<_> = counts.into_iter().collect();
            assert_eq!(
                counts,
                [(Class::High, 6), (Class::Normal, 3), (Class::Low, 1)],
                "{name}, {round}"
            );
        }
    }
}

#[tokio::test]
async fn a_waiting_worker_is_woken() {
    for (name, queue) in queues().await {
        let waiting = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { queue.pop(LONG).await }
        });
        // It must get the task whether it is waiting already or not.
        tokio::task::yield_now().await;
        let started_at = Instant::now();
        let task = ready(Class::Low, 1);
        queue.announce(&[task]).await.unwrap();
        assert_eq!(waiting.await.unwrap().unwrap(), Some(task.task), "{name}");
        assert!(
            started_at.elapsed() < LONG / 2,
            "{name}: {:?}",
            started_at.elapsed()
        );
    }
}

#[tokio::test]
async fn each_task_is_popped_once() {
    for (name, queue) in queues().await {
        let tasks: Vec<ReadyTask> = (0..200)
            .map(|score| ready(Class::ALL[score as usize % 3], score))
            .collect();
        let workers: Vec<_> = (0..8)
            .map(|_| {
                let queue = Arc::clone(&queue);
                tokio::spawn(async move {
                    let mut popped = Vec::new();
                    while let Some(task) = queue.pop(Duration::from_millis(500)).await.unwrap() {
                        popped.push(task);
                    }
                    popped
                })
            })
            .collect();
        queue.announce(&tasks).await.unwrap();
        let mut popped = Vec::new();
        for worker in workers {
            popped.extend(worker.await.unwrap());
        }
        popped.sort();
        let mut announced: Vec<TaskId> = tasks.iter().map(|ready| ready.task).collect();
        announced.sort();
        assert_eq!(popped, announced, "{name}");
    }
}
