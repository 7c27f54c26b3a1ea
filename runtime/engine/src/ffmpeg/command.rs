//! The one place where a process is described: what it may inherit, and later what it is confined to.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

/// A program with its arguments, in a process group of its own so that it can be killed with its children.
///
/// Standard input is empty and the two outputs are pipes. It does not inherit the variables by which FFmpeg would
/// write files or colors on its own account.
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
    end_with_us(&mut command);
    command
}

/// Has the system kill the process when we end in a way that leaves us no time to (`kill -9`, out of memory): an orphan
/// would go on rendering for nobody, beside the worker that has taken over.
#[cfg(target_os = "linux")]
#[allow(
    unsafe_code,
    reason = "there is no safe way to say what happens between fork and exec"
)]
fn end_with_us(command: &mut Command) {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    let ours = rustix::process::getpid();
    let ask = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        match getppid() == Some(ours) {
            true => Ok(()),
            // We ended before we could ask.
            false => Err(std::io::ErrorKind::Interrupted.into()),
        }
    };
    // SAFETY: two system calls, which allocate nothing and take no lock.
    unsafe { command.pre_exec(ask) };
}

#[cfg(not(target_os = "linux"))]
fn end_with_us(_: &mut Command) {}
