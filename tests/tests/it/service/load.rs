//! Many clients and large files. `make load` runs a hundred clients for a minute and a file of one gigabyte.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use ureq::Agent;
use vidc_tests::run;
use vidc_tests::server::{Backend, Client, Server, Site, backends, text};

use crate::VIDC;

const CLIENTS: usize = 100;
const FILES: usize = 4;
/// What a file of any size may cost in memory, in KiB.
const MEMORY: u64 = 64 << 10;
const SETTINGS: &str = "requests_per_second: 100000\nrequest_burst: 100000\nunfinished_per_tenant: 1000000";

fn figure(variable: &str, usual: u64) -> u64 {
    let given = std::env::var(variable).ok().and_then(|value| value.parse().ok());
    given.unwrap_or(usual)
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

fn bearer(client: &Client) -> String {
    format!("Bearer {}", client.key)
}

/// How long requests took, by what they asked, and how often each status was the answer.
#[derive(Default)]
struct Seen {
    took: BTreeMap<&'static str, Vec<Duration>>,
    statuses: BTreeMap<u16, usize>,
}

impl Seen {
    fn note(&mut self, what: &'static str, begun: Instant, status: u16) {
        self.took.entry(what).or_default().push(begun.elapsed());
        *self.statuses.entry(status).or_default() += 1;
    }

    fn and(mut self, other: Seen) -> Seen {
        for (what, took) in other.took {
            self.took.entry(what).or_default().extend(took);
        }
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self
    }

    fn tell(&mut self, backend: Backend, seconds: u64) {
        for (what, took) in &mut self.took {
            took.sort();
            let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
            let rate = took.len() as u64 / seconds;
            let (half, most, last) = (at(50), at(99), at(100));
            println!(
                "{backend:?} {what}: {rate}/s, p50 {half:.0} ms, p99 {most:.0} ms, longest {last:.0} ms"
            );
        }
        println!("{backend:?} statuses {:?}", self.statuses);
    }
}

/// One client: has a task made, and looks at it four times.
fn ask(client: &Client, number: usize, until: Instant) -> Seen {
    let (agent, mut seen) = (agent(), Seen::default());
    for n in 0.. {
        if Instant::now() > until {
            break;
        }
        let color = number * 10_000 + n;
        let recipe =
            format!("output(\"o.mp4\", from: color(#{color:06x}, size: 64x36, fps: 25, duration: 1s))");
        let begun = Instant::now();
        let mut answer = agent
            .post(format!("{}/v1/tasks", client.address))
            .header("authorization", bearer(client))
            .send_json(json!({ "recipe": recipe }))
            .unwrap();
        seen.note("POST", begun, answer.status().as_u16());
        let task: Value = answer.body_mut().read_json().unwrap();
        for _ in 0..4 {
            let begun = Instant::now();
            let mut answer = agent
                .get(format!("{}/v1/tasks/{}", client.address, text(&task["id"])))
                .header("authorization", bearer(client))
                .call()
                .unwrap();
            seen.note("GET", begun, answer.status().as_u16());
            answer.body_mut().read_to_string().unwrap();
        }
    }
    seen
}

#[test]
#[ignore = "a measurement, which takes its time: make load"]
fn a_hundred_clients() {
    let seconds = figure("VIDC_LOAD_SECONDS", 60);
    for backend in backends() {
        let site = Site::new(VIDC, backend, SETTINGS);
        let server = site.serve(0);
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut seen = std::thread::scope(|scope| {
            let client = &server.client;
            let asking: Vec<_> = (0..CLIENTS)
                .map(|number| scope.spawn(move || ask(client, number, until)))
                .collect();
            asking
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .fold(Seen::default(), Seen::and)
        });
        seen.tell(backend, seconds);
        assert!(
            seen.statuses.keys().all(|status| *status < 400),
            "{:?}",
            seen.statuses
        );
    }
}

/// The most memory that a process ever had, in KiB.
fn peak(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn sha256(mut reader: impl std::io::Read) -> String {
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        let length = reader.read(&mut piece).unwrap();
        if length == 0 {
            return hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        }
        hash.update(&piece[..length]);
    }
}

/// Noise of so many megabytes: nothing about it can be guessed.
fn noise(path: &Path, megabytes: u64) {
    let seconds = (megabytes << 20) / 192_000;
    run(Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-f", "lavfi", "-i"])
        .arg(format!("anoisesrc=r=48000:d={seconds}"))
        .args(["-ac", "2", "-c:a", "pcm_s16le"])
        .arg(path))
    .expect(0);
}

fn upload(client: &Client, path: &Path) -> Value {
    let mut answer = agent()
        .post(format!("{}/v1/assets?name=noise.wav", client.address))
        .header("authorization", bearer(client))
        .send(File::open(path).unwrap())
        .unwrap();
    assert_eq!(answer.status().as_u16(), 201);
    answer.body_mut().read_json().unwrap()
}

fn download(client: &Client, task: &str) -> String {
    let answer = agent()
        .get(format!("{}/v1/tasks/{task}/outputs/o.wav", client.address))
        .header("authorization", bearer(client))
        .call()
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    sha256(answer.into_body().into_reader())
}

#[test]
fn large_files_pass_through_little_memory() {
    let megabytes = figure("VIDC_LOAD_MEGABYTES", 96);
    for backend in backends() {
        let site = Site::new(VIDC, backend, SETTINGS);
        let server = site.serve(1);
        let client = &server.client;
        let path = site.folder().join("noise.wav");
        noise(&path, megabytes);
        let hash = sha256(File::open(&path).unwrap());
        client.upload(&super::talk());
        let before = peak(&server);
        let (begun, of_file) = (Instant::now(), &path);
        let assets: Vec<Value> = std::thread::scope(|scope| {
            let sending: Vec<_> = (0..FILES)
                .map(|_| scope.spawn(|| upload(client, of_file)))
                .collect();
            sending.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let uploading = begun.elapsed();
        assert!(
            assets.iter().all(|asset| asset["sha256"] == hash.as_str()),
            "{assets:#?}"
        );
        let after_uploads = peak(&server);

        let asset = text(&assets[0]["id"]);
        let task = client.submit(&format!(
            "output(\"o.wav\", from: input(\"asset:{asset}\"), audio: copy)"
        ));
        let made = client.wait(&task, &["completed"]);
        let (begun, task, before_downloads) = (Instant::now(), task.as_str(), peak(&server));
        let hashes: Vec<String> = std::thread::scope(|scope| {
            let reading: Vec<_> = (0..FILES)
                .map(|_| scope.spawn(|| download(client, task)))
                .collect();
            reading.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (downloading, after) = (begun.elapsed(), peak(&server));
        assert!(
            hashes
                .iter()
                .all(|hash| made["outputs"][0]["sha256"] == hash.as_str()),
            "{hashes:?}"
        );
        let (sent, read) = (after_uploads - before, after - before_downloads);
        println!(
            "{backend:?} {FILES} x {megabytes} MiB: up {uploading:.1?}, {sent} KiB more; down {downloading:.1?}, {read} KiB more"
        );
        assert!(
            sent < MEMORY && read < MEMORY,
            "{sent} KiB more for uploads, {read} KiB for downloads"
        );
    }
}
