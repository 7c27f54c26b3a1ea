//! Workers that execute stages of each other's tasks.

use vidc_tests::fixture::source;
use vidc_tests::media::decode;
use vidc_tests::server::{Backend, Client, Process, Site, backends};
use vidc_tests::video::number;

use super::{renders, until};
use crate::VIDC;

/// Plays a clip of a hundred numbered frames so often, after a part of it: equal parts would be made once.
const TIMES: usize = 11;

fn submit(client: &Client) -> String {
    let asset = client.upload(&source("count.mp4"));
    let clips = ["count"; TIMES].join(", ");
    client.submit(&format!(
        "input count = \"asset:{asset}\"\n\
         output(\"o.mp4\", from: concat([count | trim(0.4s..), {clips}]) | scale(1280x720) | fps(25), video: h264(crf: 20))"
    ))
}

/// Whether a worker's FFmpeg makes a part for another.
fn helps(worker: &Process) -> bool {
    let command = |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    renders(worker.id())
        .iter()
        .any(|pid| command(pid).contains("vidc-help-"))
}

/// Every frame is there, in its place.
fn look(client: &Client, site: &Site, task: &str) {
    let made = client.get(&format!("/v1/tasks/{task}/outputs/o.mp4")).expect(200);
    let path = site.folder().join("o.mp4");
    std::fs::write(&path, &made.body).unwrap();
    // Each frame's number is in its luma, of which 64 samples are taken; there are half as many of its colors.
    let filter = "scale=8:8:flags=area,format=yuv420p";
    let planes = decode(
        &path,
        &["-an", "-vf", filter, "-vsync", "passthrough", "-f", "rawvideo"],
    );
    let luma = |frame: &[u8]| {
        frame
            .iter()
            .take(64)
            .map(|sample| f64::from(*sample))
            .sum::<f64>()
            / 64.0
    };
    let full = |limited: f64| (limited - 16.0) * 255.0 / 219.0;
    let found: Vec<i64> = planes.chunks(96).map(|frame| number(full(luma(frame)))).collect();
    let once: Vec<i64> = (0..100).collect();
    let wanted = [&once[10..], &once.repeat(TIMES)].concat();
    assert_eq!(found.len(), wanted.len());
    // Encoders take a frame that is hardly another for the one before, but as often for the one behind.
    for (clip, frames) in found
        .iter()
        .zip(&wanted)
        .collect::<Vec<_>>()
        .chunks(90)
        .enumerate()
    {
        let off: Vec<i64> = frames.iter().map(|(found, wanted)| *found - *wanted).collect();
        let sum: i64 = off.iter().sum();
        let near = off.iter().all(|off| off.abs() <= 2) && sum.abs() < 45;
        assert!(near, "from frame {}: {off:?}", clip * 90);
    }
}

#[test]
fn workers_share_a_long_render() {
    if !backends().contains(&Backend::Clustered) {
        return;
    }
    let site = Site::new(VIDC, Backend::Clustered, "");
    let server = site.serve(0);
    let client = &server.client;
    let _workers = [site.worker(), site.worker()];
    let task = submit(client);
    client.wait(&task, &["completed"]);
    let log = client.get(&format!("/v1/tasks/{task}/logs")).expect(200).text();
    assert!(log.contains("rendered by another worker"), "{log}");
    look(client, &site, &task);
}

/// Kills the first of two workers that is so while one helps the other; the task is made all the same.
fn killed(who: impl Fn(&Process) -> bool, attempt: i64) {
    if !backends().contains(&Backend::Clustered) {
        return;
    }
    let site = Site::new(VIDC, Backend::Clustered, "lease_seconds: 3\nsweep_seconds: 1");
    let server = site.serve(0);
    let client = &server.client;
    let mut workers = vec![site.worker(), site.worker()];
    let task = submit(client);
    until("one helps the other", || workers.iter().any(helps));
    let index = workers.iter().position(who).unwrap();
    workers.remove(index).end("KILL");
    let shown = client.wait(&task, &["completed"]);
    assert_eq!(shown["attempt"], attempt, "{shown:#}");
    look(client, &site, &task);
}

#[test]
fn what_a_killed_helper_had_is_made_all_the_same() {
    killed(helps, 1);
}

#[test]
fn a_killed_worker_is_done_without_by_its_helper() {
    killed(|worker| !helps(worker), 2);
}
