use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use vidc_service::rate_limit::{LocalRateLimiter, RateLimit, RateLimiter, RedisRateLimiter};
use vidc_service::redis::Redis;

const LIMIT: RateLimit = RateLimit {
    per_second: NonZeroU32::new(2).unwrap(),
    burst: NonZeroU32::new(5).unwrap(),
};

async fn limiters() -> Vec<(&'static str, Arc<dyn RateLimiter>)> {
    let mut limiters: Vec<(_, Arc<dyn RateLimiter>)> =
        vec![("local", Arc::new(LocalRateLimiter::new(LIMIT)))];
    for (name, redis) in super::redis_backends() {
        limiters.push((name, Arc::new(RedisRateLimiter::new(redis, LIMIT).await.unwrap())));
    }
    limiters
}

#[tokio::test]
async fn a_burst_is_admitted_and_then_one_request_per_interval() {
    for (name, limiter) in limiters().await {
        for n in 0..5 {
            assert_eq!(limiter.check("a").await, Ok(()), "{name}: {n}");
        }
        let wait = limiter.check("a").await.unwrap_err();
        assert!(wait <= Duration::from_millis(500), "{name}: {wait:?}");
        assert_eq!(
            limiter.check("b").await,
            Ok(()),
            "{name}: each client has its own burst"
        );
        tokio::time::sleep(wait).await;
        assert_eq!(
            limiter.check("a").await,
            Ok(()),
            "{name}: the returned wait is too short"
        );
    }
}

#[tokio::test]
async fn without_redis_each_process_limits_its_own_requests() {
    let unreachable = Redis::new(&["redis://127.0.0.1:1".to_owned()], "vidc").unwrap();
    let limiter = RedisRateLimiter::new(unreachable, LIMIT).await.unwrap();
    let results = futures_util::future::join_all((0..20).map(|_| limiter.check("a"))).await;
    let admitted = results.iter().filter(|result| result.is_ok()).count();
    assert!((5..15).contains(&admitted), "{admitted}");
}
