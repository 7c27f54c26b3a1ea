//! The service through its front door, over both sets of backends.

use std::io::{BufRead as _, BufReader};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Method;
use vidc_tests::server::{Backend, Client, Site, backends, text};
use vidc_tests::{media, workspace};

use crate::VIDC;

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

#[test]
fn a_recipe_with_its_media_becomes_a_video() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(1);
        let client = &server.client;
        let recipe = "input a = \"talk.mov\"\noutput(\"o.mp4\", from: a | trim(0s..2s) | text(\"Hello\"))\n";
        let body = multipart(&[
            ("recipe", recipe.as_bytes()),
            ("talk.mov", &std::fs::read(talk()).unwrap()),
        ]);
        let form = [("content-type", "multipart/form-data; boundary=border")];
        let created = client.send(Method::POST, "/v1/tasks", &form, &body).expect(202);
        let task = text(&created.json()["id"]);
        assert_eq!(
            created.header("location"),
            Some(format!("/v1/tasks/{task}").as_str())
        );

        let heard = events(client, &task, "");
        let percents: Vec<i64> = heard
            .iter()
            .filter_map(|(_, task)| task["percent"].as_i64())
            .collect();
        assert!(
            percents.is_sorted() && percents.last() == Some(&100),
            "{percents:?}"
        );
        assert!(heard.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(heard.last().unwrap().1["status"], "completed");
        // Whoever has heard all but the last event hears the last one.
        let before_last = (heard.last().unwrap().0 - 1).to_string();
        assert_eq!(
            events(client, &task, &before_last),
            [heard.last().unwrap().clone()]
        );

        let shown = client.get(&format!("/v1/tasks/{task}")).expect(200).json();
        let statuses: Vec<&str> = shown["transitions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["status"].as_str().unwrap())
            .collect();
        assert_eq!(statuses, ["pending", "processing", "completed"]);

        let path = format!("/v1/tasks/{task}/outputs/o.mp4");
        let whole = client.get(&path).expect(200);
        assert_eq!(whole.header("content-type"), Some("video/mp4"));
        assert_eq!(
            whole.body.len() as u64,
            shown["outputs"][0]["bytes"].as_u64().unwrap()
        );
        std::fs::write(site.folder().join("o.mp4"), &whole.body).unwrap();
        let duration = duration(&site.folder().join("o.mp4"));
        assert!((duration - 2.0).abs() < 0.05, "{duration}");

        let part = client
            .send(Method::GET, &path, &[("range", "bytes=4-11")], &[])
            .expect(206);
        assert_eq!(part.body, whole.body[4..12]);
        let size = whole.body.len();
        assert_eq!(
            part.header("content-range"),
            Some(format!("bytes 4-11/{size}").as_str())
        );
        let etag = whole.header("etag").unwrap();
        client
            .send(Method::GET, &path, &[("if-none-match", etag)], &[])
            .expect(304);
        let far = format!("bytes={size}-");
        client
            .send(Method::GET, &path, &[("range", &far)], &[])
            .expect(416);

        let log = client.get(&format!("/v1/tasks/{task}/logs")).expect(200).text();
        assert!(
            log.starts_with("## attempt 1\n") && log.contains("# done in"),
            "{log}"
        );

        // The same again is answered at once, and said to be so.
        let again = client
            .send(Method::POST, "/v1/tasks", &form, &body)
            .expect(200)
            .json();
        assert_eq!(
            (&again["status"], &again["cached_from"]),
            (&json!("completed"), &json!(task))
        );
        let same = client
            .get(&format!("/v1/tasks/{}/outputs/o.mp4", text(&again["id"])))
            .expect(200);
        assert!(same.body == whole.body);
        // Its bytes outlive the task that made them.
        client.delete(&format!("/v1/tasks/{task}")).expect(204);
        client.get(&path).expect(404);
        let same = client
            .get(&format!("/v1/tasks/{}/outputs/o.mp4", text(&again["id"])))
            .expect(200);
        assert!(same.body == whole.body);
    }
}

#[test]
fn a_recipe_with_mistakes_is_never_queued() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(0);
        let client = &server.client;
        let refused = client.post(
            "/v1/tasks",
            &json!({ "recipe": "output(\"a.mp4\", from: colour(red))" }),
        );
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        let problem = refused.expect(422).json();
        assert_eq!(problem["type"], "urn:vidc:problem:invalid-recipe");
        let diagnostic = &problem["diagnostics"][0];
        assert!(diagnostic.to_string().contains("colour"), "{problem:#}");
        for (content_type, body, status) in [
            ("application/json", "{", 400),
            ("application/json", r#"{"recipe": 1}"#, 400),
            ("application/json", r#"{"recipe": "", "unknown": 1}"#, 400),
            ("text/x-vidc", "\u{0}", 422),
            ("application/yaml", "a: [", 422),
            ("image/png", "", 415),
            ("multipart/form-data", "", 400),
            ("multipart/form-data; boundary=x", "nonsense", 400),
        ] {
            let answer = client.send(
                Method::POST,
                "/v1/tasks",
                &[("content-type", content_type)],
                body.as_bytes(),
            );
            assert_eq!(answer.status, status, "{content_type} {body}: {}", answer.text());
            assert_eq!(answer.json()["status"], status);
        }
        assert_eq!(client.get("/v1/tasks").expect(200).json()["tasks"], json!([]));
        // A dry run tells the plan and queues nothing either.
        let plan = client
            .post("/v1/compile", &json!({ "recipe": short(0) }))
            .expect(200)
            .json();
        assert!(plan["plan"]["stages"][0].is_object(), "{plan:#}");
        assert_eq!(client.get("/v1/tasks").expect(200).json()["tasks"], json!([]));
    }
}

#[test]
fn parameters_and_assets_are_bound() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(1);
        let client = &server.client;
        let asset = client.upload(&talk());
        let recipe =
            "param length: time = 1s\ninput a = \"talk.mov\"\noutput(\"o.mp4\", from: a | trim(0s..length))";
        let unbound = client
            .post("/v1/tasks", &json!({ "recipe": recipe }))
            .expect(422)
            .json();
        assert!(
            unbound["diagnostics"].to_string().contains("talk.mov"),
            "{unbound:#}"
        );
        for bound in [
            json!({ "recipe": recipe, "assets": { "talk.mov": asset }, "params": { "length": "3s" } }),
            json!({ "recipe": recipe, "inputs": { "a": asset }, "params": { "length": "2s" } }),
        ] {
            let task = text(&client.post("/v1/tasks", &bound).expect(202).json()["id"]);
            client.wait(&task, &["completed"]);
            let bytes = client
                .get(&format!("/v1/tasks/{task}/outputs/o.mp4"))
                .expect(200)
                .body;
            std::fs::write(site.folder().join("o.mp4"), bytes).unwrap();
            let length: f64 = bound["params"]["length"]
                .as_str()
                .unwrap()
                .trim_end_matches('s')
                .parse()
                .unwrap();
            let duration = duration(&site.folder().join("o.mp4"));
            assert!((duration - length).abs() < 0.1, "{duration} for {length}");
        }
    }
}

#[test]
fn cancelling_ends_ffmpeg_and_retrying_starts_again() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(1);
        let (client, pid) = (&server.client, server.child.id());
        let task = client.submit(LONG);
        until("ffmpeg runs", || !renders(pid).is_empty());
        let asked = Instant::now();
        client
            .post(&format!("/v1/tasks/{task}/cancel"), &json!({}))
            .expect(202);
        until("ffmpeg has ended", || renders(pid).is_empty());
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        let shown = client.wait(&task, &["cancelled"]);
        assert_eq!(shown["outputs"], json!([]));
        client
            .post(&format!("/v1/tasks/{task}/cancel"), &json!({}))
            .expect(409);

        client
            .post(&format!("/v1/tasks/{task}/retry"), &json!({}))
            .expect(202);
        until("ffmpeg runs again", || !renders(pid).is_empty());
        client.delete(&format!("/v1/tasks/{task}")).expect(409);
        client
            .post(&format!("/v1/tasks/{task}/cancel"), &json!({}))
            .expect(202);
        client.wait(&task, &["cancelled"]);
        client.delete(&format!("/v1/tasks/{task}")).expect(204);
        client.get(&format!("/v1/tasks/{task}")).expect(404);
    }
}

#[test]
fn tenants_see_only_what_is_theirs_and_keys_end() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(0);
        let ours = &server.client;
        let made = |asked: Value| ours.post("/v1/keys", &asked).expect(201).json();
        let with = |key: &Value| Client {
            key: text(&key["key"]),
            ..ours.clone()
        };
        let other_key = made(json!({ "name": "b", "tenant": "other", "scopes": ["read", "write", "keys"] }));
        let other = with(&other_key);
        let task = ours.submit(&short(0));
        let asset = ours.upload(&talk());
        for path in [
            format!("/v1/tasks/{task}"),
            format!("/v1/assets/{asset}"),
            format!("/v1/tasks/{task}/logs"),
            format!("/v1/tasks/{task}/events"),
            format!("/v1/tasks/{task}/outputs/short.mp4"),
        ] {
            other.get(&path).expect(404);
        }
        for path in [
            format!("/v1/tasks/{task}/cancel"),
            format!("/v1/tasks/{task}/retry"),
        ] {
            other.post(&path, &json!({})).expect(404);
        }
        for path in [format!("/v1/tasks/{task}"), format!("/v1/assets/{asset}")] {
            other.delete(&path).expect(404);
            ours.get(&path).expect(200);
        }
        let theft = format!("input a = \"asset:{asset}\"\noutput(\"o.mp4\", from: a)");
        other.post("/v1/tasks", &json!({ "recipe": theft })).expect(422);
        assert_eq!(other.get("/v1/tasks").expect(200).json()["tasks"], json!([]));

        // A key cannot make one that may do more, or for another tenant.
        other
            .post("/v1/keys", &json!({ "name": "c", "scopes": ["admin"] }))
            .expect(403);
        other
            .post("/v1/keys", &json!({ "name": "c", "tenant": "local" }))
            .expect(403);
        let reader = with(&made(json!({ "name": "r", "scopes": ["read"] })));
        reader.get(&format!("/v1/tasks/{task}")).expect(200);
        reader
            .post("/v1/tasks", &json!({ "recipe": short(1) }))
            .expect(403);
        reader.get("/v1/keys").expect(403);
        let expired = with(&made(json!({ "name": "e", "expires_in_days": 0 })));
        expired.get("/v1/tasks").expect(401);
        other
            .delete(&format!("/v1/keys/{}", text(&other_key["id"])))
            .expect(204);
        other.get("/v1/tasks").expect(401);
        for key in ["", "vidc_", "vidc_00000000000000000000000000000000_x", "nonsense"] {
            let nobody = Client {
                key: key.to_owned(),
                ..ours.clone()
            };
            assert_eq!(
                nobody.get("/v1/tasks").expect(401).header("www-authenticate"),
                Some("Bearer")
            );
        }
    }
}

#[test]
fn repeating_a_request_with_its_key_makes_nothing_new() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "unfinished_per_tenant: 2");
        let server = site.serve(0);
        let client = &server.client;
        let send = |recipe: String, key: &str| {
            let headers = [("content-type", "text/x-vidc"), ("idempotency-key", key)];
            client.send(Method::POST, "/v1/tasks", &headers, recipe.as_bytes())
        };
        let first = send(short(0), "one").expect(202).json();
        let again = send(short(0), "one").expect(200).json();
        assert_eq!(first["id"], again["id"]);
        send(short(1), "one").expect(422);
        let second = send(short(1), "two").expect(202).json();
        assert_ne!(first["id"], second["id"]);
        // Side by side, too: of many at once one is made.
        let full = send(short(2), "three").expect(429);
        assert!(full.header("retry-after").is_some());
        assert_eq!(
            client.get("/v1/tasks").expect(200).json()["tasks"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
    }
}

#[test]
fn cursors_stay_where_they_are() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(0);
        let client = &server.client;
        let mut made: Vec<String> = (0..7).map(|n| client.submit(&short(n))).collect();
        made.reverse();
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page = client
                .get(&format!("/v1/tasks?limit=3&status=pending{next}"))
                .expect(200)
                .json();
            seen.extend(
                page["tasks"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|task| text(&task["id"])),
            );
            // What comes in between neither shifts a page nor shows up on one.
            client.submit(&short(100 + seen.len()));
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, made);
        client.get("/v1/tasks?limit=0").expect(400);
        client.get("/v1/tasks?status=nonsense").expect(400);
    }
}

#[test]
fn a_server_killed_while_rendering_loses_nothing() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "lease_seconds: 3\nsweep_seconds: 1");
        let server = site.serve(1);
        let long = server.client.submit(LONG);
        until("ffmpeg runs", || !renders(server.child.id()).is_empty());
        let waiting: Vec<String> = (0..3).map(|n| server.client.submit(&short(n))).collect();
        let orphans = renders(server.child.id());
        server.end("KILL");
        until("ffmpeg ends with its server", || {
            orphans
                .iter()
                .all(|pid| !std::path::Path::new(&format!("/proc/{pid}")).exists())
        });

        let server = site.serve(2);
        let client = &server.client;
        for task in &waiting {
            client.wait(task, &["completed"]);
        }
        let until_again = Instant::now() + Duration::from_secs(30);
        loop {
            let shown = client.get(&format!("/v1/tasks/{long}")).expect(200).json();
            if shown["attempt"] == 2 && shown["status"] == "processing" {
                break;
            }
            assert!(Instant::now() < until_again, "{shown:#}");
            std::thread::sleep(Duration::from_millis(50));
        }
        client
            .post(&format!("/v1/tasks/{long}/cancel"), &json!({}))
            .expect(202);
        client.wait(&long, &["cancelled"]);
    }
}

#[test]
fn told_to_stop_it_gives_back_what_it_has_begun() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(1);
        let task = server.client.submit(LONG);
        until("ffmpeg runs", || !renders(server.child.id()).is_empty());
        let path = format!("/v1/tasks/{task}/events");
        // Readers that stay do not keep it.
        let readers: Vec<_> = (0..100)
            .map(|_| server.client.open(Method::GET, &path, &[], &[]))
            .collect();
        let asked = Instant::now();
        assert_eq!(server.end("TERM"), Some(0));
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        drop(readers);
        let server = site.serve(0);
        let shown = server.client.get(&format!("/v1/tasks/{task}")).expect(200).json();
        assert_eq!(shown["status"], "pending", "{shown:#}");
    }
}

#[test]
fn another_worker_goes_on_where_one_was_killed() {
    if !backends().contains(&Backend::Clustered) {
        return;
    }
    let site = Site::new(VIDC, Backend::Clustered, "lease_seconds: 3\nsweep_seconds: 1");
    let server = site.serve(0);
    let client = &server.client;
    let mut first = site.worker();
    let task = client.submit(LONG);
    until("the first renders", || !renders(first.id()).is_empty());
    first.kill().unwrap();
    first.wait().unwrap();
    let mut second = site.worker();
    until("the second renders", || !renders(second.id()).is_empty());
    client
        .post(&format!("/v1/tasks/{task}/cancel"), &json!({}))
        .expect(202);
    let shown = client.wait(&task, &["cancelled"]);
    assert_eq!(shown["attempt"], 2);
    let reasons = shown["transitions"].to_string();
    assert!(reasons.contains("silent"), "{reasons}");
    second.kill().unwrap();
    second.wait().unwrap();
}
