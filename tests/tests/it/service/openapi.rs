//! The document that describes the service. Every answer in all tests is held against it; here is what they leave out.

use std::process::Command;

use serde_json::{Value, json};
use ureq::http::Method;
use vidc_tests::openapi_conformance::conformance;
use vidc_tests::run;
use vidc_tests::server::{Backend, Client, Site, backends, text};

use super::{events, short, talk};
use crate::VIDC;

#[test]
fn every_route_does_what_the_document_says() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "");
        let server = site.serve(1);
        let client = &server.client;
        drive(client, backend);
        let conformance = conformance(|| None).unwrap();
        assert_eq!(conformance.requested_operations(), conformance.operations());
    }
}

fn drive(client: &Client, backend: Backend) {
    let nothing = json!({});
    for path in ["/livez", "/readyz", "/metrics", "/v1/webhook-secret", "/v1/keys"] {
        client.get(path).expect(200);
    }
    let good = json!({ "recipe": short(0), "webhook": "https://hooks.example.com/done" });
    client.post("/v1/compile", &good).expect(200);
    client
        .post("/v1/compile", &json!({ "recipe": "output(" }))
        .expect(422);
    client
        .send(
            Method::POST,
            "/v1/compile",
            &[("content-type", "image/png")],
            b"x",
        )
        .expect(415);
    let task = text(&client.post("/v1/tasks", &good).expect(202).json()["id"]);
    let of_task = |rest: &str| format!("/v1/tasks/{task}{rest}");
    client.wait(&task, &["completed"]);
    client.get("/v1/tasks?status=completed&limit=1").expect(200);
    client.get("/v1/tasks?limit=0").expect(400);
    client.get("/v1/tasks?status=lost").expect(400);
    assert!(!events(client, &task, "").is_empty());
    client.get(&of_task("/events")).expect(200);
    client.get(&of_task("/logs")).expect(200);
    client.get(&of_task("/logs?from=-1")).expect(400);
    client.get(&of_task("/outputs/short.mp4")).expect(200);
    let part = |range| {
        client.send(
            Method::GET,
            &of_task("/outputs/short.mp4"),
            &[("range", range)],
            &[],
        )
    };
    part("bytes=0-9").expect(206);
    part("bytes=99999999-").expect(416);
    client.post(&of_task("/cancel"), &nothing).expect(409);
    client.post(&of_task("/retry"), &nothing).expect(409);
    let deliveries = client.get(&of_task("/deliveries")).expect(200).json();
    let delivery = text(&deliveries["deliveries"][0]["id"]);
    client
        .post(&of_task(&format!("/deliveries/{delivery}/redeliver")), &nothing)
        .expect(202);

    let asset = client.upload(&talk());
    client.get(&format!("/v1/assets/{asset}")).expect(200);
    client.delete(&format!("/v1/assets/{asset}")).expect(204);
    client.delete(&format!("/v1/assets/{asset}")).expect(404);
    client.send(Method::POST, "/v1/assets", &[], b"x").expect(400);
    client
        .send(Method::POST, "/v1/assets?name=empty", &[], b"")
        .expect(400);
    client
        .send(Method::POST, "/v1/assets?name=a%00b", &[], b"x")
        .expect(400);
    client.post("/v1/keys", &json!({ "name": "a\0b" })).expect(400);
    client
        .post("/v1/tasks", &json!({ "recipe": "// \0" }))
        .expect(422);
    let bound = json!({ "recipe": short(0), "params": { "a": ["\0"] } });
    client.post("/v1/tasks", &bound).expect(400);
    let begin = client.post("/v1/uploads", &json!({ "name": "a.mov", "bytes": 10 }));
    match backend {
        Backend::Embedded => {
            begin.expect(501);
            client
                .post(&format!("/v1/uploads/{asset}/complete"), &json!({ "etags": [] }))
                .expect(501);
        }
        Backend::Clustered => {
            let begun = begin.expect(201).json();
            client
                .post(&text(&begun["complete"]), &json!({ "etags": ["x"] }))
                .expect(409);
        }
    }
    let key = client
        .post("/v1/keys", &json!({ "name": "k", "expires_in_days": 1 }))
        .expect(201)
        .json();
    client
        .post(
            "/v1/keys",
            &json!({ "name": "k", "expires_in_days": 4_000_000_000_u32 }),
        )
        .expect(400);
    let basic = format!(
        "client_id={}&client_secret={}",
        text(&key["id"]),
        text(&key["key"])
    );
    let token = |form: &str| {
        let form_type = [("content-type", "application/x-www-form-urlencoded")];
        client.send(Method::POST, "/oauth/token", &form_type, form.as_bytes())
    };
    token(&format!("grant_type=client_credentials&{basic}")).expect(200);
    token("grant_type=password").expect(400);
    token("grant_type=client_credentials").expect(401);
    client
        .delete(&format!("/v1/keys/{}", text(&key["id"])))
        .expect(204);
    client.delete(&of_task("")).expect(204);
    client.get(&of_task("")).expect(404);
    client.get("/v1/nothing").expect(404);
    let refused = client.send(Method::PUT, "/v1/tasks", &[], &[]).expect(405);
    assert!(refused.header("allow").unwrap().contains("POST"));
    let stranger = Client {
        key: String::new(),
        ..client.clone()
    };
    stranger.get("/v1/tasks").expect(401);
}

#[test]
fn a_page_shows_the_document_without_asking_anybody_else() {
    let site = Site::new(VIDC, Backend::Embedded, "");
    let server = site.serve(0);
    let stranger = Client {
        key: String::new(),
        ..server.client.clone()
    };
    let page = stranger.try_send(Method::GET, "/docs/", &[], &[]).unwrap();
    let setup = stranger
        .try_send(Method::GET, "/docs/swagger-initializer.js", &[], &[])
        .unwrap();
    for shown in [page.expect(200).text(), setup.expect(200).text()] {
        assert!(!shown.contains("https://"), "{shown}");
    }
    let document: Value = stranger
        .try_send(Method::GET, "/openapi.json", &[], &[])
        .unwrap()
        .json();
    assert_eq!(document["openapi"], "3.1.0");
}

/// An operation states the scopes it requires or is public, and what it states is enforced.
#[test]
fn operations_that_state_scopes_reject_requests_without_a_key() {
    let site = Site::new(
        VIDC,
        Backend::Embedded,
        "requests_per_second: 1000\nrequest_burst: 1000",
    );
    let server = site.serve(0);
    let anonymous = Client {
        key: String::new(),
        ..server.client.clone()
    };
    let document = anonymous
        .try_send(Method::GET, "/openapi.json", &[], &[])
        .unwrap()
        .json();
    let mut public = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation["security"].as_array().unwrap();
            if security.contains(&json!({})) {
                public.push(path.as_str());
                continue;
            }
            let scopes = security[0]["key"].as_array().unwrap();
            assert!(!scopes.is_empty(), "{method} {path}");
            assert_eq!(security[1]["oauth"].as_array(), Some(scopes), "{method} {path}");
            let id = "00000000-0000-0000-0000-000000000000";
            let path = path.replace("{id}", id).replace("{delivery}", id);
            let method: Method = method.to_uppercase().parse().unwrap();
            anonymous
                .send(method, &path.replace("{name}", "x"), &[], &[])
                .expect(401);
        }
    }
    public.sort_unstable();
    assert_eq!(public, ["/livez", "/metrics", "/oauth/token", "/readyz"]);
}

/// Hundreds of requests made from the document, well and ill formed: no answer is one that the document does not have,
/// none is a fault, and nothing ill formed is taken.
#[test]
fn nothing_made_from_the_document_goes_wrong() {
    let Ok(program) = std::env::var("VIDC_TEST_SCHEMATHESIS") else {
        return;
    };
    for backend in backends() {
        let site = Site::new(VIDC, backend, "requests_per_second: 1000\nrequest_burst: 1000");
        let server = site.serve(0);
        let Client { address, key } = &server.client;
        let mut command = Command::new(&program);
        command.current_dir(site.folder());
        command.args([
            "run",
            &format!("{address}/openapi.json"),
            "-H",
            &format!("Authorization: Bearer {key}"),
        ]);
        command.args([
            "--seed",
            "1",
            "--max-examples",
            "10",
            "--request-timeout",
            "20",
            "--no-color",
        ]);
        // A text that is no recipe fits the document, and is refused.
        command.args(["--exclude-checks", "positive_data_acceptance"]);
        if backend == Backend::Embedded {
            command.args(["--exclude-path-regex", "^/v1/uploads"]);
        }
        run(&mut command).expect(0);
    }
}
