//! The life of a task, from a recipe to a video or an error.

use std::time::{Duration, Instant};

use serde_json::json;
use ureq::http::Method;
use vidc_tests::server::{Site, backends, text};

use super::{LONG, duration, events, multipart, renders, short, talk, until};
use crate::VIDC;

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
        assert!(diagnostic.to_string().contains("color"), "{problem:#}");
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
        assert!(
            plan["estimate"]["wall"]
                .as_f64()
                .is_some_and(|seconds| seconds > 0.0),
            "{plan:#}"
        );
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
        let (client, pid) = (&server.client, server.process.id());
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
