//! Short runs whose whole output is wanted, such as ffprobe's.

use std::io;
use std::num::NonZero;
use std::process::{ExitStatus, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::process::Group;

/// What a short run wrote.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    /// The start of its standard error, as text.
    pub(crate) stderr: String,
}

/// Why there is nothing captured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CaptureError {
    #[error("it cannot be started: {0}")]
    Start(io::Error),
    #[error("it did not answer within {} seconds", .0.as_secs())]
    TimedOut(Duration),
    #[error("it answered with more than {} MiB", .0 >> 20)]
    TooMuch(u64),
    #[error("its answer could not be read: {0}")]
    Read(io::Error),
}

/// More than any honest answer; a hostile file could make ffprobe print without end.
const MAX_OUTPUT: u64 = 64 << 20;
/// Enough to say why it failed.
const MAX_STDERR: u64 = 64 << 10;

/// Short runs side by side: a thousand clients who ask about a file each must not be a thousand processes.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Semaphore::new(2 * cores)
});

/// Runs a command to its end, feeding it `input`; kills its process group when the time is up or the caller is gone.
pub(crate) async fn capture(
    mut command: Command,
    input: Option<Vec<u8>>,
    limit: Duration,
) -> Result<Captured, CaptureError> {
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    // The semaphore is never closed, so there is a place in the end.
    let _place = PLACES.acquire().await;
    let mut child = command.spawn().map_err(CaptureError::Start)?;
    let mut group = Group::of(&child);
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

/// The first `limit` bytes; reads on to the end so that the writer is never held up.
async fn read_start(stream: Option<impl AsyncRead + Unpin>, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        let _ = (&mut stream).take(limit).read_to_end(&mut bytes).await;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    }
    bytes
}
