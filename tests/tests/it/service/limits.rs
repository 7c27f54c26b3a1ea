//! Rate limits and metrics.

use ureq::http::Method;
use vidc_tests::server::{Client, Site, backends};

use super::{short, until};
use crate::VIDC;

#[test]
fn whoever_asks_too_fast_is_told_when_to_ask_again() {
    for backend in backends() {
        let site = Site::new(
            VIDC,
            backend,
            "requests_per_second: 1\nrequest_burst: 6\nupload_bytes: 1000",
        );
        let server = site.serve(0);
        let client = &server.client;
        client
            .send(Method::POST, "/v1/assets?name=a", &[], &[0; 1001])
            .expect(413);
        client
            .send(Method::POST, "/v1/assets?name=a", &[], &[0; 1000])
            .expect(201);
        let answers: Vec<_> = (0..6).map(|_| client.get("/v1/tasks")).collect();
        let refused = answers
            .iter()
            .find(|answer| answer.status == 429)
            .expect("none is refused");
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=6).contains(&wait), "{wait}");
        // Whoever watches over the service is not counted.
        (0..20).for_each(|_| drop(client.get("/livez").expect(200)));
        until("time helps", || client.get("/v1/tasks").status == 200);
    }
}

#[test]
fn figures_tell_what_was_done() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(1);
        let client = &server.client;
        let task = client.submit(&short(0));
        client.wait(&task, &["completed"]);
        client.submit(&short(0));
        let nobody = Client {
            key: String::new(),
            ..client.clone()
        };
        let text = nobody.get("/metrics").expect(200).text();
        for line in [
            "vidc_attempts_total{ended=\"completed\"} 1",
            "vidc_tasks_submitted_total{result=\"new\"} 1",
            "vidc_tasks_submitted_total{result=\"kept\"} 1",
            "vidc_tasks{status=\"completed\"} 2",
            "vidc_queue_depth{class=\"normal\"} 0",
            "vidc_http_request_seconds_count{method=\"POST\",route=\"/v1/tasks\",status=\"202\"} 1",
            "# EOF",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is not in\n{text}"
            );
        }
        // Each request has its line, with the identifier that its answer carries.
        let answer = client
            .send(Method::GET, "/v1/tasks", &[("x-request-id", "mine")], &[])
            .expect(200);
        assert_eq!(answer.header("x-request-id"), Some("mine"));
        let log = std::fs::read_to_string(site.folder().join("log")).unwrap();
        let of_mine = |line: &&str| line.contains("request handled") && line.contains("\"id\":\"mine\"");
        assert_eq!(log.lines().filter(of_mine).count(), 1, "{log}");
        assert!(
            log.lines()
                .any(|line| line.contains("task accepted") && line.contains(&task))
        );
    }
}
