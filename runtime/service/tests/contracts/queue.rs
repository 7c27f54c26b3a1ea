use std::sync::Arc;
use std::time::{Duration, Instant};

use vidc_service::queue::{LocalQueue, ReadyQueue, ReadyTask, RedisQueue};
use vidc_service::store::model::{Class, TaskId};

const NOT_LONG: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(20);

async fn queues() -> Vec<(&'static str, Arc<dyn ReadyQueue>)> {
    let mut queues: Vec<(_, Arc<dyn ReadyQueue>)> = vec![("local", Arc::new(LocalQueue::default()))];
    for (name, redis) in super::redises() {
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
async fn within_a_class_the_smallest_score_goes_first() {
    for (name, queue) in queues().await {
        let tasks = [7, 3, 5].map(|score| ready(Class::Normal, score));
        queue.announce(&tasks).await.unwrap();
        for expected in [1, 2, 0] {
            assert_eq!(
                queue.pop(NOT_LONG).await.unwrap(),
                Some(tasks[expected].task),
                "{name}"
            );
        }
        assert_eq!(queue.pop(NOT_LONG).await.unwrap(), None, "{name}");
    }
}

#[tokio::test]
async fn announcing_again_changes_nothing() {
    for (name, queue) in queues().await {
        let (first, second) = (ready(Class::High, 1), ready(Class::High, 2));
        queue.announce(&[first, second]).await.unwrap();
        queue
            .announce(&[ReadyTask { score: 9, ..first }, first])
            .await
            .unwrap();
        assert_eq!(queue.pop(NOT_LONG).await.unwrap(), Some(first.task), "{name}");
        assert_eq!(queue.pop(NOT_LONG).await.unwrap(), Some(second.task), "{name}");
        assert_eq!(queue.pop(NOT_LONG).await.unwrap(), None, "{name}");
    }
}

#[tokio::test]
async fn of_ten_turns_six_are_high_and_one_is_low() {
    for (name, queue) in queues().await {
        let mut class_of = std::collections::HashMap::new();
        for class in Class::ALL {
            let tasks: Vec<ReadyTask> = (0..20).map(|score| ready(class, score)).collect();
            queue.announce(&tasks).await.unwrap();
            class_of.extend(tasks.into_iter().map(|ready| (ready.task, class)));
        }
        for ten in 0..2 {
            let mut taken = std::collections::BTreeMap::new();
            for _ in 0..10 {
                let task = queue.pop(NOT_LONG).await.unwrap().unwrap();
                *taken.entry(class_of[&task]).or_insert(0) += 1;
            }
            let taken: Vec<_> = taken.into_iter().collect();
            assert_eq!(
                taken,
                [(Class::High, 6), (Class::Normal, 3), (Class::Low, 1)],
                "{name}, {ten}"
            );
        }
    }
}

#[tokio::test]
async fn one_who_waits_is_woken() {
    for (name, queue) in queues().await {
        let waiting = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { queue.pop(LONG).await }
        });
        // Whether it waits already or not, it must get it.
        tokio::task::yield_now().await;
        let begun = Instant::now();
        let task = ready(Class::Low, 1);
        queue.announce(&[task]).await.unwrap();
        assert_eq!(waiting.await.unwrap().unwrap(), Some(task.task), "{name}");
        assert!(begun.elapsed() < LONG / 2, "{name}: {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn each_is_taken_once() {
    for (name, queue) in queues().await {
        let tasks: Vec<ReadyTask> = (0..200)
            .map(|score| ready(Class::ALL[score as usize % 3], score))
            .collect();
        let takers: Vec<_> = (0..8)
            .map(|_| {
                let queue = Arc::clone(&queue);
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    while let Some(task) = queue.pop(Duration::from_millis(500)).await.unwrap() {
                        taken.push(task);
                    }
                    taken
                })
            })
            .collect();
        queue.announce(&tasks).await.unwrap();
        let mut taken = Vec::new();
        for taker in takers {
            taken.extend(taker.await.unwrap());
        }
        taken.sort();
        let mut announced: Vec<TaskId> = tasks.iter().map(|ready| ready.task).collect();
        announced.sort();
        assert_eq!(taken, announced, "{name}");
    }
}
