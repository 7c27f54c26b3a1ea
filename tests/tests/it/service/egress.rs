//! Media fetched over HTTP, egress policy, and webhooks.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use vidc_tests::http_server::HttpServer;
use vidc_tests::server::{Site, backends, text};

use super::{duration, short, talk, until};
use crate::VIDC;

const NEARBY: &str = "fetch_over_http: true\nfetch_from_networks: [127.0.0.0/8]";

fn media() -> HttpServer {
    HttpServer::new(Box::new(|heard| match heard.path.as_str() {
        "/talk.mov" => ("200 OK", String::new(), std::fs::read(talk()).unwrap()),
        "/moved" => ("302 Found", "location: /talk.mov\r\n".to_owned(), Vec::new()),
        "/inwards" => (
            "302 Found",
            "location: http://10.0.0.1/\r\n".to_owned(),
            Vec::new(),
        ),
        "/metadata" => (
            "302 Found",
            "location: http://169.254.169.254/\r\n".to_owned(),
            Vec::new(),
        ),
        "/file" => (
            "302 Found",
            "location: file:///etc/passwd\r\n".to_owned(),
            Vec::new(),
        ),
        "/round" => ("302 Found", "location: /round\r\n".to_owned(), Vec::new()),
        _ => ("404 Not Found", String::new(), Vec::new()),
    }))
}

fn of(url: &str) -> Value {
    let recipe = format!("input a = \"{url}\"\noutput(\"o.mp4\", from: a | trim(0s..1s))");
    json!({ "recipe": recipe })
}

#[test]
fn media_elsewhere_are_fetched_once() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, NEARBY);
        let server = site.serve(1);
        let client = &server.client;
        let elsewhere = media();
        let url = format!("{}/moved", elsewhere.address);
        let task = text(&client.post("/v1/tasks", &of(&url)).expect(202).json()["id"]);
        client.wait(&task, &["completed"]);
        let bytes = client
            .get(&format!("/v1/tasks/{task}/outputs/o.mp4"))
            .expect(200)
            .body;
        std::fs::write(site.folder().join("o.mp4"), bytes).unwrap();
        assert!((duration(&site.folder().join("o.mp4")) - 1.0).abs() < 0.1);
        let heard: Vec<String> = elsewhere.requests().into_iter().map(|heard| heard.path).collect();
        assert_eq!(heard, ["/moved", "/talk.mov"]);
    }
}

#[test]
fn what_is_not_public_is_not_asked() {
    let site = Site::new(VIDC, backends()[0], "");
    let server = site.serve(0);
    let elsewhere = media();
    let port = elsewhere.address.rsplit(':').next().unwrap();
    for (url, said) in [
        (format!("http://127.0.0.1:{port}/talk.mov"), "use https"),
        (
            format!("https://127.0.0.1:{port}/talk.mov"),
            "not a public address",
        ),
        (format!("https://localhost:{port}/talk.mov"), "no public address"),
        (format!("https://[::1]:{port}/talk.mov"), "not a public address"),
        (
            format!("https://[::ffff:127.0.0.1]:{port}/talk.mov"),
            "not a public address",
        ),
        (
            format!("https://2130706433:{port}/talk.mov"),
            "not a public address",
        ),
        (format!("https://0x7f.1:{port}/talk.mov"), "not a public address"),
        (
            "https://169.254.169.254/latest/meta-data/".to_owned(),
            "not a public address",
        ),
        ("https://user:password@example.com/a.mp4".to_owned(), "user name"),
    ] {
        let problem = server.client.post("/v1/tasks", &of(&url)).expect(422).json();
        assert!(
            problem["diagnostics"].to_string().contains(said),
            "{url}: {problem:#}"
        );
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn redirects_lead_no_further_than_urls_do() {
    let site = Site::new(VIDC, backends()[0], &format!("{NEARBY}\nfetch_bytes: 1000"));
    let server = site.serve(0);
    let elsewhere = media();
    for (path, said) in [
        ("/inwards", "not a public address"),
        ("/metadata", "not a public address"),
        ("/file", "302"),
        ("/round", "too many redirects"),
        ("/nothing", "404"),
        ("/talk.mov", "larger than 1000 bytes"),
    ] {
        let url = format!("{}{path}", elsewhere.address);
        let problem = server.client.post("/v1/tasks", &of(&url)).expect(422).json();
        assert!(
            problem["diagnostics"].to_string().contains(said),
            "{url}: {problem:#}"
        );
    }
}

#[test]
fn a_webhook_is_signed_and_sent_until_it_is_received() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, NEARBY);
        let server = site.serve(1);
        let client = &server.client;
        let times = AtomicUsize::new(0);
        let receiver = HttpServer::new(Box::new(move |_| match times.fetch_add(1, Ordering::Relaxed) {
            0 => ("503 Service Unavailable", String::new(), Vec::new()),
            _ => ("204 No Content", String::new(), Vec::new()),
        }));
        let asked = json!({ "recipe": short(0), "webhook": format!("{}/hook", receiver.address) });
        let task = text(&client.post("/v1/tasks", &asked).expect(202).json()["id"]);
        until("the webhook is sent again", || receiver.requests().len() == 2);
        let secret = client.get("/v1/webhook-secret").expect(200).json();
        let webhook = Webhook::new(secret["secret"].as_str().unwrap()).unwrap();
        let heard = receiver.requests();
        for heard in &heard {
            let mut headers = ureq::http::HeaderMap::new();
            for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
                headers.insert(name, heard.headers[name].parse().unwrap());
            }
            webhook.verify(&heard.body, &headers).unwrap();
            let body: Value = serde_json::from_slice(&heard.body).unwrap();
            assert_eq!(
                (&body["type"], &body["data"]["id"]),
                (&json!("task.completed"), &json!(task))
            );
        }
        assert_eq!(heard[0].headers["webhook-id"], heard[1].headers["webhook-id"]);

        let deliveries = || {
            client
                .get(&format!("/v1/tasks/{task}/deliveries"))
                .expect(200)
                .json()
        };
        until("it is known to be received", || {
            deliveries()["deliveries"][0]["delivered_at"].is_string()
        });
        let id = text(&deliveries()["deliveries"][0]["id"]);
        client
            .post(&format!("/v1/tasks/{task}/deliveries/{id}/redeliver"), &json!({}))
            .expect(202);
        until("it is sent once more", || receiver.requests().len() == 3);
        let inwards = json!({ "recipe": short(1), "webhook": "https://10.0.0.1/" });
        client.post("/v1/tasks", &inwards).expect(400);
    }
}
