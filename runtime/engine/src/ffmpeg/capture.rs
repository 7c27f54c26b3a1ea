//! Runs short commands and captures their output, such as ffprobe's.

use std::io;
use std::num::NonZero;
use std::process::{ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::process::ProcessGroup;

/// The captured output.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    /// The start of its standard error, as text.
    pub(crate) stderr: String,
}

/// The reason why nothing was captured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CaptureError {
    #[error("cannot be started: {0}")]
    Start(io::Error),
    #[error("did not answer within {} seconds", .0.as_secs())]
    TimedOut(Duration),
    #[error("printed more than {} MiB", .0 >> 20)]
    TooMuch(u64),
    #[error("its output could not be read: {0}")]
    Read(io::Error),
}

/// More than any legitimate output; a hostile file could make ffprobe print endlessly.
const MAX_OUTPUT: u64 = 64 << 20;
/// Enough to say why it failed.
const MAX_STDERR: u64 = 64 << 10;

/// Limits parallel runs: a thousand clients that each probe a file must not start a thousand processes.
static PERMITS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Semaphore::new(2 * cores)
});

/// Runs a command with `input` on standard input; kills its process group on timeout or when the future is dropped.
pub(crate) async fn capture(
    mut command: Command,
    input: Option<Vec<u8>>,
    limit: Duration,
) -> Result<Captured, CaptureError> {
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    // The semaphore is never closed.
    let _permit = PERMITS.acquire().await;
    let mut child = command.spawn().map_err(CaptureError::Start)?;
    let mut group = ProcessGroup::led_by(&child);
    let stdin = child.stdin.take();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let feed = async {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // A program that stops reading says why on its standard error.
                let _ = stdin.write_all(&input).await;
            }
        };
        let ((), stdout, stderr) =
            tokio::join!(feed, read(stdout, MAX_OUTPUT), read_start(stderr, MAX_STDERR));
        let stdout = stdout?;
        let status = child.wait().await.map_err(CaptureError::Read)?;
        group.disarm();
        Ok(Captured {
            status,
            stdout,
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        })
    };
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(CaptureError::TimedOut(limit)))
}

async fn read(stream: Option<impl AsyncRead + Unpin>, limit: u64) -> Result<Vec<u8>, CaptureError> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .await
            .map_err(CaptureError::Read)?;
    }
    match bytes.len() as u64 > limit {
        true => Err(CaptureError::TooMuch(limit)),
        false => Ok(bytes),
    }
}

/// Returns the first `limit` bytes; reads to the end so that the writer never blocks.
async fn read_start(stream: Option<impl AsyncRead + Unpin>, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        let _ = (&mut stream).take(limit).read_to_end(&mut bytes).await;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
    bytes
}
