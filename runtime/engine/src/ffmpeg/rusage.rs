//! CPU time and memory of a process from Linux' `/proc`; `None` on other systems.

use std::fs;
use std::time::Duration;

/// Linux reports processor time in hundredths of a second to every program (`USER_HZ`, proc(5)).
const TICK: Duration = Duration::from_millis(10);

/// CPU time of a process, user and system.
pub(crate) fn cpu_time(pid: u32) -> Option<Duration> {
    // The fourteenth field and the fifteenth.
    time(&format!("/proc/{pid}/stat"), 14)
}

/// CPU time of all reaped child processes.
pub(crate) fn children_cpu_time() -> Option<Duration> {
    time("/proc/self/stat", 16)
}

/// The sum of a field, counted from 1, and the next one.
fn time(path: &str, field: usize) -> Option<Duration> {
    let stat = fs::read_to_string(path).ok()?;
    // The second field is the program's name in parentheses and may hold anything; the third follows it.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(field - 3);
    let ticks = fields
        .next()?
        .parse::<u32>()
        .ok()?
        .checked_add(fields.next()?.parse().ok()?)?;
    Some(TICK * ticks)
}

/// Peak memory so far, in bytes.
pub(crate) fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
