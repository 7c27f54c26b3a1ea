//! The one place where a process is described: what it may inherit, and later what it is confined to.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

/// A program with its arguments, in a process group of its own so that it can be killed with its children.
///
/// Standard input is empty and the two outputs are pipes. It does not inherit the variables by which FFmpeg would
/// write files or colours on its own account.
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
    command
}
