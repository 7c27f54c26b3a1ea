//! Processes that exit in the middle of their work.

use std::time::{Duration, Instant};

use serde_json::json;
use ureq::http::Method;
use vidc_tests::server::{Backend, Site, backends};

use super::{LONG, renders, short, until};
use crate::VIDC;

#[test]
fn a_server_killed_while_rendering_loses_nothing() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "lease_seconds: 3\nsweep_seconds: 1");
        let server = site.serve(1);
        let long = server.client.submit(LONG);
        until("ffmpeg runs", || !renders(server.process.id()).is_empty());
        let waiting: Vec<String> = (0..3).map(|n| server.client.submit(&short(n))).collect();
        let orphans = renders(server.process.id());
        server.process.end("KILL");
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
        until("ffmpeg runs", || !renders(server.process.id()).is_empty());
        let path = format!("/v1/tasks/{task}/events");
        // Readers that stay do not keep it.
        let readers: Vec<_> = (0..100)
            .map(|_| server.client.open(Method::GET, &path, &[], &[]))
            .collect();
        let asked = Instant::now();
        assert_eq!(server.process.end("TERM"), Some(0));
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
    let first = site.worker();
    let task = client.submit(LONG);
    until("the first renders", || !renders(first.id()).is_empty());
    first.end("KILL");
    let second = site.worker();
    until("the second renders", || !renders(second.id()).is_empty());
    client
        .post(&format!("/v1/tasks/{task}/cancel"), &json!({}))
        .expect(202);
    let shown = client.wait(&task, &["cancelled"]);
    assert_eq!(shown["attempt"], 2);
    let reasons = shown["transitions"].to_string();
    assert!(reasons.contains("silent"), "{reasons}");
}
