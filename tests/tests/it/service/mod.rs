//! The service over HTTP, with both backends.

mod access;
mod chaos;
mod commands;
mod egress;
mod fairness;
mod faults;
mod limits;
mod load;
mod openapi;
mod remote_stages;
mod storage;
mod tasks;
mod tokens;

use std::io::{BufRead as _, BufReader};
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http::Method;
use vidc_tests::server::Client;
use vidc_tests::{media, workspace};

/// Renders for minutes.
const LONG: &str =
    r#"output("long.mp4", from: color(red, size: 1920x1080, fps: 60, duration: 3600s) | text("x"))"#;

/// Renders in no time; `n` makes it unlike any other.
fn short(n: usize) -> String {
    format!(
        r#"output("short.mp4", from: color(red, size: 64x36, fps: 25, duration: {}s))"#,
        n + 1
    )
}

fn talk() -> std::path::PathBuf {
    workspace::root().join("examples/media/talk.mov")
}

/// How long a file lasts, in seconds.
fn duration(path: &std::path::Path) -> f64 {
    media::figure(&media::probe(path)["format"], "duration").unwrap()
}

/// The FFmpeg processes that a server has started.
fn renders(pid: u32) -> Vec<u32> {
    let children = std::process::Command::new("pgrep")
        .args(["-P", &pid.to_string(), "ffmpeg"])
        .output();
    let children = String::from_utf8(children.unwrap().stdout).unwrap();
    children.lines().map(|pid| pid.parse().unwrap()).collect()
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn multipart(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in parts {
        let head = format!(
            "--border\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--border--\r\n");
    body
}

/// The events of a task until its end, as (id, data).
fn events(client: &Client, task: &str, last: &str) -> Vec<(i64, Value)> {
    let mut response = client.open(
        Method::GET,
        &format!("/v1/tasks/{task}/events"),
        &[("last-event-id", last)],
        &[],
    );
    assert_eq!(response.status().as_u16(), 200);
    let (mut events, mut id) = (Vec::new(), 0);
    for line in BufReader::new(response.body_mut().as_reader()).lines() {
        let line = line.unwrap();
        if let Some(value) = line.strip_prefix("id: ") {
            id = value.parse().unwrap();
        } else if let Some(data) = line.strip_prefix("data: ") {
            events.push((id, serde_json::from_str(data).unwrap()));
        }
    }
    events
}
