//! Fault injection: servers and workers fail while clients submit tasks; no task is lost or published twice.
//!
//! `VIDC_CHAOS_SECONDS` says for how long; `make chaos` takes five minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use ureq::http::Method;
use vidc_tests::cluster::Cluster;
use vidc_tests::history;
use vidc_tests::server::{Backend, Client, Process, Server, Site, backends, text};

use super::until;
use crate::VIDC;

const SETTINGS: &str =
    "lease_seconds: 3\nsweep_seconds: 1\nrequests_per_second: 10000\nrequest_burst: 10000\nfree_bytes: 0";
const CLIENTS: usize = 4;
const WORKERS: usize = 3;
const SERVERS: usize = 2;
/// Between one fault and the next.
const PAUSE: Duration = Duration::from_millis(1500);
/// Known by its size among the FFmpeg processes of this machine.
const POISON: &str = "output(\"p.mp4\", from: color(red, size: 1234x998, fps: 60, duration: 3600s))";

fn recipe(n: usize) -> String {
    format!("output(\"o.mp4\", from: color(#{n:06x}, size: 64x36, fps: 25, duration: 1s))")
}

/// The processes of a site, which are killed and replaced.
struct Fleet {
    site: Site,
    workers: Vec<Process>,
    servers: Vec<Server>,
    clients: RwLock<Vec<Client>>,
}

impl Fleet {
    fn of(site: Site) -> Fleet {
        let servers: Vec<Server> = (0..SERVERS).map(|_| site.serve(0)).collect();
        Fleet {
            workers: (0..WORKERS).map(|_| site.worker()).collect(),
            clients: RwLock::new(servers.iter().map(|server| server.client.clone()).collect()),
            servers,
            site,
        }
    }

    fn replace_dead_workers(&mut self) {
        for worker in &mut self.workers {
            if !worker.is_running() {
                *worker = self.site.worker();
            }
        }
    }

    fn replace_server(&mut self, index: usize) {
        self.servers[index].process.signal("KILL");
        self.servers[index] = self.site.serve(0);
        self.clients.write().unwrap()[index] = self.servers[index].client.clone();
    }
}

/// One fault after another, all kinds in turn, and every other time a worker is killed.
fn fail(fleet: &mut Fleet, cluster: &mut Cluster, turn: usize) -> &'static str {
    let victim = turn / 2 % WORKERS;
    if turn.is_multiple_of(2) {
        fleet.workers[victim].signal("KILL");
        fleet.replace_dead_workers();
        return "worker killed";
    }
    match turn / 2 % 6 {
        0 => {
            cluster.flush_redis();
            "Redis emptied"
        }
        1 => {
            cluster.restart_postgres();
            "PostgreSQL restarted"
        }
        2 => {
            fleet.replace_server(turn / 12 % SERVERS);
            "server killed"
        }
        3 => {
            cluster.stop_redis();
            std::thread::sleep(PAUSE);
            cluster.start_redis();
            "Redis away"
        }
        4 => {
            cluster.s3.stop();
            std::thread::sleep(PAUSE);
            cluster.s3.restart();
            "S3 away"
        }
        _ => {
            fleet.workers[victim].signal("STOP");
            // Past its lease, and past the sweep that notices.
            std::thread::sleep(Duration::from_secs(6));
            fleet.workers[victim].signal("CONT");
            "worker stopped for 6 s"
        }
    }
}

/// Has tasks made until it is over; which key led to which task. A request that fails is sent again.
fn submit(
    clients: &dyn Fn(usize) -> Client,
    next: &AtomicUsize,
    over: &AtomicBool,
) -> BTreeMap<String, String> {
    let mut accepted = BTreeMap::new();
    while !over.load(Ordering::Relaxed) {
        let n = next.fetch_add(1, Ordering::Relaxed);
        accepted.insert(n.to_string(), accept(clients, n));
        std::thread::sleep(Duration::from_millis(400));
    }
    accepted
}

fn accept(clients: &dyn Fn(usize) -> Client, n: usize) -> String {
    let key = n.to_string();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let body = json!({ "recipe": recipe(n), "priority": n % 10 + 1 }).to_string();
    let until = Instant::now() + Duration::from_secs(60);
    for attempt in n.. {
        let answer = clients(attempt).try_send(Method::POST, "/v1/tasks", &headers, body.as_bytes());
        match answer {
            Ok(answer) if answer.status < 300 => return text(&answer.json()["id"]),
            Ok(answer) if answer.status < 500 && ![409, 429].contains(&answer.status) => {
                panic!("{}: {}", answer.status, answer.text())
            }
            _ => std::thread::sleep(Duration::from_millis(100)),
        }
        assert!(Instant::now() < until, "nobody accepts task {n}");
    }
    unreachable!("there are enough numbers")
}

/// Kills every worker that renders the poisonous task.
fn poison() {
    let found = std::process::Command::new("pgrep")
        .args(["-f", "^ffmpeg.*1234x998|/ffmpeg.*1234x998"])
        .output();
    for pid in String::from_utf8_lossy(&found.unwrap().stdout).lines() {
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
            continue;
        };
        let parent = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split_whitespace().nth(1));
        if let Some(parent) = parent.filter(|parent| *parent != "1") {
            let _ = std::process::Command::new("kill")
                .args(["-KILL", parent])
                .status();
        }
    }
}

/// Says so when it is dropped.
struct AtEnd<'a>(&'a AtomicBool);

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Lists all tasks, page by page.
fn all(client: &Client) -> BTreeSet<String> {
    let (mut tasks, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let page = client
            .get(&format!("/v1/tasks?limit=50{cursor}"))
            .expect(200)
            .json();
        for task in page["tasks"].as_array().unwrap() {
            assert!(tasks.insert(text(&task["id"])), "{} is listed twice", task["id"]);
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return tasks,
        }
    }
}

#[test]
fn nothing_is_lost_whatever_fails() {
    if !backends().contains(&Backend::Clustered) {
        return;
    }
    let seconds = std::env::var("VIDC_CHAOS_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(25));
    let mut cluster = Cluster::start();
    let servers = cluster.servers();
    let mut fleet = Fleet::of(Site::on_servers(VIDC, Backend::Clustered, SETTINGS, &|| {
        servers.clone()
    }));
    let poisonous = fleet.servers[0].client.submit(POISON);

    let (next, over, poisoned) = (
        AtomicUsize::new(0),
        AtomicBool::new(false),
        AtomicBool::new(false),
    );
    let addresses = Mutex::new(fleet.clients.read().unwrap().clone());
    let mut faults: BTreeMap<&str, usize> = BTreeMap::new();
    let clients = |n: usize| addresses.lock().unwrap()[n % SERVERS].clone();
    let accepted = std::thread::scope(|scope| {
        // Whatever panics here, the threads come to their end.
        let (_over, _poisoned) = (AtEnd(&over), AtEnd(&poisoned));
        let submitting: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(|| submit(&clients, &next, &over)))
            .collect();
        scope.spawn(|| {
            while !poisoned.load(Ordering::Relaxed) {
                poison();
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        for turn in 0.. {
            std::thread::sleep(PAUSE);
            if Instant::now() > end && turn >= 12 {
                break;
            }
            fleet.replace_dead_workers();
            *faults.entry(fail(&mut fleet, &mut cluster, turn)).or_default() += 1;
            *addresses.lock().unwrap() = fleet.clients.read().unwrap().clone();
        }
        over.store(true, Ordering::Relaxed);
        let mut accepted = BTreeMap::new();
        for client in submitting {
            accepted.extend(client.join().unwrap());
        }
        let client = fleet.servers[0].client.clone();
        let until = Instant::now() + Duration::from_secs(120);
        while client.wait_for(&poisonous)["status"] != "failed" {
            assert!(Instant::now() < until, "the poisonous task does not end");
            fleet.replace_dead_workers();
            std::thread::sleep(Duration::from_millis(200));
        }
        poisoned.store(true, Ordering::Relaxed);
        accepted
    });
    fleet.replace_dead_workers();

    let client = &fleet.servers[0].client;
    let mut ended: BTreeMap<String, usize> = BTreeMap::new();
    let (mut wrong, mut attempts) = (Vec::new(), 0);
    for id in accepted.values() {
        let task = client.wait(id, &["completed", "failed", "cancelled"]);
        wrong.extend(history::faults(&task));
        wrong.extend(published(client, &task));
        attempts += task["attempt"].as_i64().unwrap();
        *ended.entry(text(&task["status"])).or_default() += 1;
    }
    println!(
        "accepted {}, ended {ended:?}, attempts {attempts}, faults {faults:?}",
        accepted.len()
    );
    let poisonous = client.get(&format!("/v1/tasks/{poisonous}")).expect(200).json();
    wrong.extend(history::faults(&poisonous));
    assert_eq!(poisonous["attempt"], 3, "{poisonous:#}");

    for (n, id) in &accepted {
        let again = accept(&|_| client.clone(), n.parse().unwrap());
        if again != *id {
            wrong.push(format!("key {n} led to {id}, and now leads to {again}"));
        }
    }
    let mut known: BTreeSet<String> = accepted.values().cloned().collect();
    assert_eq!(known.len(), accepted.len(), "two keys led to one task");
    known.insert(text(&poisonous["id"]));
    let listed = all(client);
    wrong.extend(known.difference(&listed).map(|id| format!("{id} is lost")));
    wrong.extend(
        listed
            .difference(&known)
            .map(|id| format!("nobody asked for {id}")),
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(faults.len(), 7, "every kind of fault happened: {faults:?}");
}

/// What is wrong with the outputs of a task.
fn published(client: &Client, task: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for output in task["outputs"].as_array().unwrap() {
        let path = format!(
            "/v1/tasks/{}/outputs/{}",
            text(&task["id"]),
            text(&output["name"])
        );
        let bytes = client.get(&path).expect(200).body;
        let hash: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if output["sha256"] != hash.as_str() {
            wrong.push(format!("{path} is {hash}, not as it was published: {output}"));
        }
    }
    wrong
}

#[test]
fn a_task_that_found_no_room_is_made_where_there_is_some() {
    if !backends().contains(&Backend::Clustered) {
        return;
    }
    let site = Site::new(VIDC, Backend::Clustered, SETTINGS);
    let server = site.serve(0);
    let client = &server.client;
    let small = site.worker_with(|worker| on_a_small_disk(&worker, &site));
    let task = client.submit("output(\"o.wav\", from: silence(duration: 60s))");
    let reasons = || client.get(&format!("/v1/tasks/{task}")).expect(200).json()["transitions"].to_string();
    until("the disk is full", || reasons().contains("the disk is full"));
    small.end("TERM");
    let _large = site.worker();
    client.wait(&task, &["completed"]);
}

/// The same command with a temporary folder of two megabytes.
fn on_a_small_disk(worker: &std::process::Command, site: &Site) -> std::process::Command {
    let folder = site.folder().join("small");
    std::fs::create_dir(&folder).unwrap();
    let mut command = std::process::Command::new("unshare");
    command.args([
        "-rm",
        "sh",
        "-c",
        "mount -t tmpfs -o size=2m tmpfs \"$TMPDIR\" && exec \"$@\"",
        "sh",
    ]);
    command
        .arg(worker.get_program())
        .args(worker.get_args())
        .current_dir(site.folder());
    for (name, value) in worker.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.env("TMPDIR", folder);
    command
}

#[test]
fn nothing_is_begun_without_room() {
    for backend in backends() {
        let site = Site::new(VIDC, backend, "free_bytes: 1000000000000000");
        let server = site.serve(1);
        let task = server.client.submit(&recipe(1));
        let ready = server.client.get("/readyz").expect(503).text();
        assert!(ready.contains("bytes free"), "{ready}");
        let log = || std::fs::read_to_string(site.folder().join("log")).unwrap();
        until("it says so", || {
            log().contains("no tasks are claimed until there is free space")
        });
        let shown = server.client.get(&format!("/v1/tasks/{task}")).expect(200).json();
        assert_eq!(shown["status"], "pending", "{shown:#}");
    }
}
