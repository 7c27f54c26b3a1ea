//! Builds the command for every child process: its environment, pipes and process group.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

/// A program with its arguments, in a process group of its own so that it can be killed with its children.
///
/// Standard input is empty and the two outputs are pipes. It does not inherit the variables that make FFmpeg write reports or colors.
pub(crate) fn command<A: AsRef<std::ffi::OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_remove("FFREPORT")
        .env_remove("AV_LOG_FORCE_COLOR")
        .env("AV_LOG_FORCE_NOCOLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .process_group(0);
    kill_with_parent(&mut command);
    command
}

/// Asks the kernel to kill the process when ours dies without cleanup (`kill -9`, out of memory): an orphan would keep
/// rendering next to the worker that has taken over.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "there is no safe API for code between fork and exec")]
fn kill_with_parent(command: &mut Command) {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    let parent = rustix::process::getpid();
    let ask = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        match getppid() == Some(parent) {
            true => Ok(()),
            // The parent died before the call.
            false => Err(std::io::ErrorKind::Interrupted.into()),
        }
    };
    // SAFETY: two system calls, which allocate nothing and take no lock.
    unsafe { command.pre_exec(ask) };
}

#[cfg(not(target_os = "linux"))]
fn kill_with_parent(_: &mut Command) {}
