//! Scheduling fairness, idempotency under concurrency, and retention.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Method;
use vidc_tests::server::{Client, Site, backends, text};

use super::{short, until};
use crate::VIDC;

/// So many turns, and one of them is a low task's: what the book says.
const TURNS: usize = 10;

fn submit(client: &Client, n: usize, priority: u8) -> String {
    let recipe = json!({ "recipe": short(n), "priority": priority });
    text(&client.post("/v1/tasks", &recipe).expect(202).json()["id"])
}

#[test]
fn a_flood_of_high_priority_does_not_starve_a_low_one() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let (high, low): (Vec<String>, Vec<String>) = {
            let server = site.serve(0);
            let client = &server.client;
            let high = (0..36).map(|n| submit(client, n, 1)).collect();
            (high, (36..39).map(|n| submit(client, n, 10)).collect())
        };
        let server = site.serve(1);
        let client = &server.client;
        let mut begun: Vec<(String, bool)> = high
            .iter()
            .map(|id| (id, false))
            .chain(low.iter().map(|id| (id, true)))
            .map(|(id, low)| (text(&client.wait(id, &["completed"])["started_at"]), low))
            .collect();
        begun.sort();
        let low = begun.iter().enumerate().filter(|(_, (_, low))| *low);
        for (n, (turn, _)) in low.enumerate() {
            assert!(
                turn < TURNS * (n + 1),
                "low task {n} waited for {turn} others: {begun:?}"
            );
        }
    }
}

#[test]
fn the_same_request_sent_at_once_makes_one_task() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(0);
        let client = &server.client;
        let headers = [("content-type", "application/json"), ("idempotency-key", "once")];
        let body = json!({ "recipe": short(0) }).to_string();
        let send = || client.send(Method::POST, "/v1/tasks", &headers, body.as_bytes());
        let answers: Vec<_> = std::thread::scope(|scope| {
            let sending: Vec<_> = (0..16).map(|_| scope.spawn(send)).collect();
            sending.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(
            answers.iter().all(|answer| [200, 202].contains(&answer.status)),
            "{answers:?}"
        );
        let first = answers[0].json()["id"].clone();
        assert!(
            answers.iter().all(|answer| answer.json()["id"] == first),
            "{answers:?}"
        );
        let tasks = client.get("/v1/tasks").expect(200).json();
        assert_eq!(tasks["tasks"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn what_has_had_its_time_is_gone() {
    for backend in backends() {
        // Three seconds.
        let site = Site::new(VIDC, backend, "retention_days: 0.000035\nsweep_seconds: 1");
        let server = site.serve(1);
        let client = &server.client;
        let asset = client.upload(&super::talk());
        let task = client.submit(&short(0));
        let made = client.wait(&task, &["completed"]);
        let ended = Instant::now();
        let expires: jiff::Timestamp = text(&made["expires_at"]).parse().unwrap();
        let finished: jiff::Timestamp = text(&made["finished_at"]).parse().unwrap();
        assert_eq!(expires.duration_since(finished).as_secs(), 3);
        client
            .get(&format!("/v1/tasks/{task}/outputs/short.mp4"))
            .expect(200);
        until("the task expires", || {
            client.get(&format!("/v1/tasks/{task}")).status == 404
        });
        assert!(ended.elapsed() > Duration::from_secs(2), "{:?}", ended.elapsed());
        client
            .get(&format!("/v1/tasks/{task}/outputs/short.mp4"))
            .expect(404);
        until("the asset expires", || {
            client.get(&format!("/v1/assets/{asset}")).status == 404
        });
        // What is gone is not what a new task is answered with.
        let again = client.submit(&short(0));
        assert_eq!(client.wait(&again, &["completed"])["cached_from"], Value::Null);
    }
}
