//! One ffmpeg run: progress, log, stalls, cancellation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use support::Fixture;
use tokio::sync::watch;
use vidc_compiler::plan::Run;
use vidc_engine::ffmpeg::diagnose::diagnose;
use vidc_engine::ffmpeg::failure::Cause;
use vidc_engine::ffmpeg::process::{Ending, Limits, Outcome, Watcher, drive};
use vidc_engine::ffmpeg::progress::Progress;
use vidc_engine::{Cancel, Error};

/// Notes what it is told, and tells how much that is.
struct Notes {
    progress: Mutex<Vec<Progress>>,
    log: Mutex<Vec<String>>,
    count: watch::Sender<usize>,
}

impl Notes {
    fn new() -> Notes {
        Notes {
            progress: Mutex::default(),
            log: Mutex::default(),
            count: watch::channel(0).0,
        }
    }
}

impl Watcher for Notes {
    fn progress(&self, progress: &Progress) {
        self.progress.lock().unwrap().push(progress.clone());
        self.count.send_modify(|count| *count += 1);
    }

    fn log(&self, line: &str) {
        self.log.lock().unwrap().push(line.to_owned());
    }
}

fn words(arguments: &str) -> Vec<String> {
    arguments.split_whitespace().map(str::to_owned).collect()
}

async fn run(fixture: &Fixture, arguments: &str, limits: Limits) -> (Outcome, Notes) {
    let notes = Notes::new();
    let outcome = drive(
        &fixture.tools.ffmpeg,
        &words(arguments),
        limits,
        &notes,
        Cancel::never(),
    )
    .await
    .unwrap();
    (outcome, notes)
}

fn exited_well(outcome: &Outcome) -> bool {
    matches!(outcome.ending, Ending::Exited(status) if status.success())
}

/// Whether a process is running that has this among its arguments.
fn is_running(argument: &str) -> bool {
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        std::fs::read(entry.path().join("cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains(argument))
    })
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(10), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn progress_goes_forward_to_the_end() {
    let fixture = Fixture::new();
    let arguments = format!(
        "-f lavfi -i testsrc2=s=640x360:d=8 -c:v libx264 -f mp4 {}",
        fixture.path("a.mp4").display()
    );
    let (outcome, notes) = run(&fixture, &arguments, Limits::default()).await;
    assert!(exited_well(&outcome), "{:?}", outcome.log);
    let progress = notes.progress.into_inner().unwrap();
    let times: Vec<_> = progress.iter().filter_map(|progress| progress.time).collect();
    assert!(times.is_sorted() && times.len() >= 2, "{times:?}");
    assert!(progress.last().unwrap().ended);
    assert!(
        (times.last().unwrap().as_secs_f64() - 8.0).abs() < 0.2,
        "microseconds, despite the name"
    );
    assert!(outcome.peak_memory.is_some_and(|bytes| bytes > 1 << 20));
    assert!(
        notes
            .log
            .into_inner()
            .unwrap()
            .iter()
            .any(|line| line.contains("libx264"))
    );
}

#[tokio::test]
async fn the_log_is_kept_to_its_end() {
    let fixture = Fixture::new();
    let (outcome, notes) = run(
        &fixture,
        "-f lavfi -i sine=d=5 -af ashowinfo -f null -",
        Limits::default(),
    )
    .await;
    let all = notes.log.into_inner().unwrap();
    assert!(all.len() > 200, "{}", all.len());
    assert_eq!(outcome.log, all[all.len() - 200..]);
}

#[tokio::test]
async fn cancelling_kills_within_a_second() {
    let fixture = Fixture::new();
    let mark = fixture.path("endless.mkv").display().to_string();
    let arguments = words(&format!("-re -f lavfi -i testsrc -f matroska {mark}"));
    let notes = Notes::new();
    let (canceller, cancel) = Cancel::new();
    let mut count = notes.count.subscribe();
    let stop = async {
        count.wait_for(|count| *count > 0).await.unwrap();
        canceller.cancel();
        Instant::now()
    };
    let running = drive(
        &fixture.tools.ffmpeg,
        &arguments,
        Limits::default(),
        &notes,
        cancel.clone(),
    );
    let (outcome, asked) = tokio::join!(running, stop);
    assert!(asked.elapsed() < Duration::from_secs(1));
    assert_eq!(outcome.unwrap().ending, Ending::Cancelled);
    assert!(!is_running(&mark));
    let again = drive(
        &fixture.tools.ffmpeg,
        &arguments,
        Limits::default(),
        &notes,
        cancel,
    )
    .await;
    assert!(
        matches!(again, Err(Error::Interrupted)),
        "nothing is begun after that"
    );
}

#[tokio::test]
async fn dropping_the_run_kills_it() {
    let fixture = Fixture::new();
    let mark = fixture.path("dropped.mkv").display().to_string();
    let arguments = words(&format!("-re -f lavfi -i testsrc -f matroska {mark}"));
    let ffmpeg = fixture.tools.ffmpeg.clone();
    let task = tokio::spawn(async move {
        let notes = Notes::new();
        drive(&ffmpeg, &arguments, Limits::default(), &notes, Cancel::never()).await
    });
    until("it starts", || is_running(&mark)).await;
    task.abort();
    until("it is gone", || !is_running(&mark)).await;
}

#[tokio::test]
async fn a_run_that_hangs_is_stopped() {
    let fixture = Fixture::new();
    let pipe = fixture.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let limits = Limits {
        stall: Duration::from_millis(300),
        grace: Duration::from_millis(300),
        ..Limits::default()
    };
    let (outcome, _) = run(
        &fixture,
        &format!("-f wav -i file:{} -f null -", pipe.display()),
        limits,
    )
    .await;
    assert!(matches!(outcome.ending, Ending::Stalled(idle) if idle >= limits.stall));
    assert!(!is_running(&pipe.display().to_string()));
    let nothing = Run {
        copy_timestamps: false,
        inputs: vec![],
        files: vec![],
        graph: Default::default(),
        outputs: vec![],
    };
    let failure = diagnose("render a.mp4", &nothing, &outcome);
    assert!(matches!(failure.cause, Cause::Stalled(_)));
    assert!(failure.to_string().contains("made no progress"), "{failure}");
}

#[tokio::test]
async fn a_run_that_computes_before_its_first_frame_is_left_alone() {
    let fixture = Fixture::new();
    let limits = Limits {
        stall: Duration::from_millis(200),
        busy_factor: 1000,
        ..Limits::default()
    };
    let arguments = "-f lavfi -i testsrc2=s=1280x720:r=30:d=30 -vf gblur=2,trim=start=29 -f null -";
    let started = Instant::now();
    let (outcome, _) = run(&fixture, arguments, limits).await;
    assert!(started.elapsed() > limits.stall, "it took longer than a stall");
    assert!(exited_well(&outcome), "{:?} {:?}", outcome.ending, outcome.log);
}
