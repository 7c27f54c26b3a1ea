//! Tenants, scopes, idempotency keys and pagination.

use serde_json::{Value, json};
use ureq::http::Method;
use vidc_tests::server::{Client, Site, backends, text};

use super::{short, talk};
use crate::VIDC;

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
