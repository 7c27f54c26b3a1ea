use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use vidc_service::rate_limit::{LocalRateLimiter, RateLimit, RateLimiter, RedisRateLimiter};
use vidc_service::redis::Redis;

const RATE: RateLimit = RateLimit {
    per_second: NonZeroU32::new(2).unwrap(),
    burst: NonZeroU32::new(5).unwrap(),
};

async fn limiters() -> Vec<(&'static str, Arc<dyn RateLimiter>)> {
    let mut limiters: Vec<(_, Arc<dyn RateLimiter>)> = vec![("local", Arc::new(LocalRateLimiter::new(RATE)))];
    for (name, redis) in super::redises() {
        limiters.push((name, Arc::new(RedisRateLimiter::new(redis, RATE).await.unwrap())));
    }
    limiters
}

#[tokio::test]
async fn a_burst_is_let_through_and_then_one_each_interval() {
    for (name, limiter) in limiters().await {
        for n in 0..5 {
            assert_eq!(limiter.check("a").await, Ok(()), "{name}: {n}");
        }
        let wait = limiter.check("a").await.unwrap_err();
        assert!(wait <= Duration::from_millis(500), "{name}: {wait:?}");
        assert_eq!(
            limiter.check("b").await,
            Ok(()),
            "{name}: somebody else has a burst of their own"
        );
        tokio::time::sleep(wait).await;
        assert_eq!(
            limiter.check("a").await,
            Ok(()),
            "{name}: the wait that was told is enough"
        );
    }
}

#[tokio::test]
async fn while_redis_is_away_each_process_counts_for_itself() {
    let nowhere = Redis::new(&["redis://127.0.0.1:1".to_owned()], "vidc").unwrap();
    let limiter = RedisRateLimiter::new(nowhere, RATE).await.unwrap();
    let asked = futures_util::future::join_all((0..20).map(|_| limiter.check("a"))).await;
    let admitted = asked.iter().filter(|answer| answer.is_ok()).count();
    assert!((5..15).contains(&admitted), "{admitted}");
}
