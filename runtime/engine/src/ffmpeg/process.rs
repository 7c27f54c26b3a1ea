//! Runs one ffmpeg process: progress, log, stall detection, cancellation, and cleanup.

use std::collections::VecDeque;
use std::path::Path;
use std::pin::pin;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;
use tokio::time::{Instant, sleep_until};

use super::progress::{Lines, Parser, Progress};
use super::{command, rusage};
use crate::cancel::Cancel;
use crate::error::Error;

/// Timeouts of a run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A run without progress and without CPU usage for this long is stopped.
    pub stall: Duration,
    /// A run that uses CPU without progress gets this many times as long: a filter may have to read its whole input
    /// before its first frame.
    pub busy_factor: u32,
    /// Time between SIGTERM and SIGKILL for a stalled run.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            stall: Duration::from_secs(60),
            busy_factor: 10,
            grace: Duration::from_secs(5),
        }
    }
}

/// The way a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It exited, or was killed by another process.
    Exited(ExitStatus),
    /// Stopped after this time without progress.
    Stalled(Duration),
    /// Stopped because it was cancelled.
    Cancelled,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The way it ended.
    pub ending: Ending,
    /// The last lines of its log, oldest first.
    pub log: Vec<String>,
    /// Peak memory in bytes; `None` if the system does not report it.
    pub peak_memory: Option<u64>,
}

/// Receives a run's progress and log.
pub trait Watcher: Send + Sync {
    /// Called on progress.
    fn progress(&self, progress: &Progress);
    /// Called for each log line.
    fn log(&self, line: &str);
}

/// A process group that is killed on drop, unless its leader has been reaped.
pub(crate) struct ProcessGroup(Option<Pid>);

impl ProcessGroup {
    pub(crate) fn led_by(child: &Child) -> ProcessGroup {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        ProcessGroup(id.and_then(Pid::from_raw))
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // It may just have exited.
            let _ = kill_process_group(group, signal);
        }
    }

    /// The leader was reaped: its process id may be reused from now on.
    pub(crate) fn disarm(&mut self) {
        self.0 = None;
    }

    fn id(&self) -> Option<u32> {
        self.0
            .and_then(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok())
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

const MAX_LOG_LINES: usize = 200;
/// How long the pipes are read after the process has exited, since another process may hold them open.
const DRAIN: Duration = Duration::from_secs(1);

/// The options of every run, before those of the plan.
const GLOBAL: [&str; 10] = [
    "-nostdin",
    "-hide_banner",
    "-nostats",
    "-loglevel",
    "level+info",
    "-progress",
    "pipe:1",
    "-stats_period",
    "0.25",
    "-y",
];

/// Runs ffmpeg until it exits. Dropping the future kills it.
pub async fn drive(
    ffmpeg: &Path,
    arguments: &[String],
    limits: Limits,
    watcher: &dyn Watcher,
    mut cancel: Cancel,
) -> Result<Outcome, Error> {
    if cancel.is_cancelled() {
        return Err(Error::Interrupted);
    }
    let all = GLOBAL.iter().copied().chain(arguments.iter().map(String::as_str));
    let mut child = command(ffmpeg, all).spawn().map_err(Error::io("start", ffmpeg))?;
    let mut group = ProcessGroup::led_by(&child);
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());

    let mut run = Watched::new(group.id(), limits, watcher);
    let (mut progress_bytes, mut log_bytes) = ([0; 4096], [0; 4096]);
    let mut status = None;
    let mut stopped = None;
    let mut cancelled = pin!(cancel.cancelled());
    while status.is_none() || stdout.is_some() || stderr.is_some() {
        tokio::select! {
            read = read(&mut stdout, &mut progress_bytes), if stdout.is_some() => match read {
                Some(read) => run.progress(&progress_bytes[..read]),
                None => stdout = None,
            },
            read = read(&mut stderr, &mut log_bytes), if stderr.is_some() => match read {
                Some(read) => run.log(&log_bytes[..read]),
                None => stderr = None,
            },
            ended = child.wait(), if status.is_none() => {
                status = Some(ended.map_err(Error::io("wait for", ffmpeg))?);
                group.disarm();
                run.deadline = Instant::now() + DRAIN;
            }
            () = &mut cancelled, if stopped.is_none() && status.is_none() => {
                // Its output is discarded, so it can be killed at once.
                group.signal(Signal::KILL);
                stopped = Some(Ending::Cancelled);
                run.deadline = Instant::now() + limits.grace;
            }
            () = sleep_until(run.deadline) => match (status, stopped) {
                (Some(_), _) => break,
                (None, Some(_)) => {
                    group.signal(Signal::KILL);
                    run.deadline = Instant::now() + limits.grace;
                }
                (None, None) => if let Some(idle) = run.stalled() {
                    group.signal(Signal::TERM);
                    stopped = Some(Ending::Stalled(idle));
                    run.deadline = Instant::now() + limits.grace;
                },
            },
        }
    }
    let ending = match (stopped, status) {
        (Some(ending), _) => ending,
        (None, Some(status)) => Ending::Exited(status),
        (None, None) => return Err(Error::Internal("a run ended without a status".to_owned())),
    };
    Ok(run.finish(ending))
}

/// Reads what is there; none at the end.
async fn read(stream: &mut Option<impl AsyncRead + Unpin>, buffer: &mut [u8]) -> Option<usize> {
    match stream.as_mut()?.read(buffer).await {
        Ok(0) | Err(_) => None,
        Ok(read) => Some(read),
    }
}

/// What the driver knows of a running run.
struct Watched<'a> {
    pid: Option<u32>,
    limits: Limits,
    watcher: &'a dyn Watcher,
    progress_lines: Lines,
    log_lines: Lines,
    parser: Parser,
    tail: VecDeque<String>,
    /// What was last written; it stalls while this stays the same.
    written: (Option<u64>, Option<u64>, Option<vidc_compiler::time::Time>),
    advanced: Instant,
    /// When to look at it again.
    deadline: Instant,
    cpu_time: Option<Duration>,
    peak_memory: Option<u64>,
}

impl<'a> Watched<'a> {
    fn new(pid: Option<u32>, limits: Limits, watcher: &'a dyn Watcher) -> Self {
        let now = Instant::now();
        Watched {
            pid,
            limits,
            watcher,
            progress_lines: Lines::default(),
            log_lines: Lines::default(),
            parser: Parser::default(),
            tail: VecDeque::new(),
            written: (None, None, None),
            advanced: now,
            deadline: now + limits.stall,
            cpu_time: None,
            peak_memory: None,
        }
    }

    fn progress(&mut self, bytes: &[u8]) {
        let mut blocks = Vec::new();
        self.progress_lines
            .feed(bytes, &mut |line| blocks.extend(self.parser.line(line)));
        for block in blocks {
            let written = (block.frames, block.bytes, block.time);
            if written != self.written || block.ended {
                self.written = written;
                self.advanced = Instant::now();
                self.deadline = self.advanced + self.limits.stall;
                self.cpu_time = self.pid.and_then(rusage::cpu_time);
            }
            self.peak_memory = self.pid.and_then(rusage::peak_memory).max(self.peak_memory);
            self.watcher.progress(&block);
        }
    }

    fn log(&mut self, bytes: &[u8]) {
        self.log_lines
            .feed(bytes, &mut |line| keep(&mut self.tail, self.watcher, line));
    }

    /// Called at the deadline: for how long it has stood still, if that is too long; else sets the next deadline.
    fn stalled(&mut self) -> Option<Duration> {
        let (now, idle) = (Instant::now(), self.advanced.elapsed());
        let cpu_time = self.pid.and_then(rusage::cpu_time);
        let since = cpu_time
            .unwrap_or_default()
            .saturating_sub(self.cpu_time.unwrap_or_default());
        let busy = since >= self.limits.stall / 20;
        if idle >= self.limits.stall && !(busy && idle < self.limits.stall * self.limits.busy_factor) {
            return Some(idle);
        }
        self.cpu_time = cpu_time;
        self.deadline = now + self.limits.stall;
        None
    }

    fn finish(mut self, ending: Ending) -> Outcome {
        self.log_lines
            .flush(&mut |line| keep(&mut self.tail, self.watcher, line));
        Outcome {
            ending,
            log: self.tail.into(),
            peak_memory: self.peak_memory,
        }
    }
}

fn keep(tail: &mut VecDeque<String>, watcher: &dyn Watcher, line: &str) {
    watcher.log(line);
    if tail.len() == MAX_LOG_LINES {
        tail.pop_front();
    }
    tail.push_back(line.to_owned());
}
