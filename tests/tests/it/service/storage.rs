//! Presigned uploads and downloads, inputs from S3, and S3 outages.

use serde_json::{Value, json};
use ureq::http::Method;
use vidc_tests::s3_server::S3Server;
use vidc_tests::server::{Backend, Client, Site, backends, text};

use super::{LONG, duration, renders, short, talk, until};
use crate::VIDC;

fn clustered() -> bool {
    backends().contains(&Backend::Clustered)
}

/// What others at an address say; no key of ours is sent.
fn elsewhere(method: Method, url: &str, body: &[u8]) -> vidc_tests::server::ApiResponse {
    let (address, path) = url.split_at(url.find("/vidc/").unwrap());
    let stranger = Client {
        address: address.to_owned(),
        key: String::new(),
    };
    stranger.send(method, path, &[], body)
}

#[test]
fn a_large_file_goes_past_the_service() {
    if !clustered() {
        return;
    }
    let site = Site::new(VIDC, Backend::Clustered, "");
    let server = site.serve(1);
    let client = &server.client;
    let bytes = std::fs::read(talk()).unwrap();
    let wanted = json!({ "name": "talk.mov", "bytes": bytes.len() });
    let begun = client.post("/v1/uploads", &wanted).expect(201).json();
    let (asset, complete) = (text(&begun["asset"]["id"]), text(&begun["complete"]));
    let of_it = format!("input a = \"asset:{asset}\"\noutput(\"o.mp4\", from: a | trim(0s..1s))");
    let early = client
        .post("/v1/compile", &json!({ "recipe": of_it }))
        .expect(422)
        .text();
    assert!(early.contains("its upload is not finished"), "{early}");
    client
        .post(&complete, &json!({ "etags": ["\"no\""] }))
        .expect(409);

    let url = text(&begun["parts"][0]["url"]);
    let etag = elsewhere(Method::PUT, &url, &bytes)
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    let done = client
        .post(&complete, &json!({ "etags": [etag] }))
        .expect(200)
        .json();
    assert_eq!(done["bytes"], bytes.len());
    assert_eq!(done["media_type"], "video/quicktime");
    let again = client
        .post(&complete, &json!({ "etags": [etag] }))
        .expect(200)
        .json();
    assert_eq!(again, done);

    let task = client.submit(&of_it);
    client.wait(&task, &["completed"]);
    let path = format!("/v1/tasks/{task}/outputs/o.mp4");
    let through = client.get(&path).expect(200);
    let agent: ureq::Agent = ureq::Agent::config_builder().max_redirects(0).build().into();
    let redirected = agent
        .get(format!("{}{path}?redirect=true", client.address))
        .header("authorization", format!("Bearer {}", client.key))
        .call()
        .unwrap();
    assert_eq!(redirected.status().as_u16(), 307);
    let past = elsewhere(
        Method::GET,
        redirected.headers()["location"].to_str().unwrap(),
        &[],
    )
    .expect(200);
    assert!(through.body == past.body);
    assert_eq!(past.header("content-type"), Some("video/mp4"));
    assert_eq!(
        past.header("content-disposition"),
        Some("attachment; filename*=UTF-8''o.mp4")
    );
}

#[test]
fn a_service_that_keeps_files_itself_says_so() {
    let site = Site::new(VIDC, Backend::Embedded, "");
    let server = site.serve(0);
    let wanted = json!({ "name": "a.mp4", "bytes": 5 });
    let refused = server.client.post("/v1/uploads", &wanted).expect(501).json();
    assert!(text(&refused["detail"]).contains("POST /v1/assets"), "{refused}");
}

fn from_bucket(url: &str) -> Value {
    json!({ "recipe": format!("input a = \"{url}\"\noutput(\"o.mp4\", from: a | trim(0s..1s))") })
}

#[test]
fn inputs_may_lie_in_the_store() {
    if !clustered() {
        return;
    }
    let objects = S3Server::start();
    objects.put("vidc/media/local/talk.mov", &std::fs::read(talk()).unwrap());
    objects.put("vidc/media/other/talk.mov", b"nothing for us");
    let settings = format!(
        "fetch_from_buckets: [\"vidc/media/{{tenant}}\"]\n{}",
        objects.settings()
    );
    let site = Site::new(VIDC, Backend::Clustered, &settings);
    let server = site.serve(1);
    let client = &server.client;
    let asked = from_bucket("s3://vidc/media/local/talk.mov");
    let task = text(&client.post("/v1/tasks", &asked).expect(202).json()["id"]);
    client.wait(&task, &["completed"]);
    let output = site.folder().join("o.mp4");
    let bytes = client
        .get(&format!("/v1/tasks/{task}/outputs/o.mp4"))
        .expect(200)
        .body;
    std::fs::write(&output, bytes).unwrap();
    assert!((duration(&output) - 1.0).abs() < 0.1);

    for (url, why) in [
        ("s3://vidc/media/other/talk.mov", "tenants may not read it"),
        ("s3://vidc/media/local/../other/talk.mov", "there is no file"),
        ("s3://elsewhere/talk.mov", "tenants may not read it"),
        ("s3://vidc/media/local/none.mov", "there is no file"),
    ] {
        let refused = client.post("/v1/tasks", &from_bucket(url)).expect(422).text();
        assert!(refused.contains(why), "{url}: {refused}");
    }
}

#[test]
fn a_result_outlives_a_store_that_is_away() {
    if !clustered() {
        return;
    }
    let mut objects = S3Server::start();
    let site = Site::new(VIDC, Backend::Clustered, &objects.settings());
    let server = site.serve(1);
    let client = &server.client;
    let log = || std::fs::read_to_string(site.folder().join("log")).unwrap();
    let held = client.submit(LONG);
    until("ffmpeg runs", || !renders(server.process.id()).is_empty());
    let task = client.submit(&short(1));
    objects.stop();
    client
        .post(&format!("/v1/tasks/{held}/cancel"), &json!({}))
        .expect(202);
    until("the store is asked again", || {
        log().contains("output not stored; trying again")
    });
    let upload = client
        .send(Method::POST, "/v1/assets?name=a.mp4", &[], b"abc")
        .expect(503);
    assert!(upload.header("retry-after").is_some());
    objects.restart();
    let done = client.wait(&task, &["completed"]);
    assert_eq!(done["attempt"], 1, "{done:#}");
    client
        .get(&format!("/v1/tasks/{task}/outputs/short.mp4"))
        .expect(200);
}
