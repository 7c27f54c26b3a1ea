//! What a running process uses, as Linux tells in `/proc`; nothing is known elsewhere.

use std::fs;
use std::time::Duration;

/// Linux reports processor time in hundredths of a second to every program (`USER_HZ`, proc(5)).
const TICK: Duration = Duration::from_millis(10);

/// How much processor time it has used, in user and system mode.
pub(crate) fn computed(pid: u32) -> Option<Duration> {
    // The fourteenth field and the fifteenth.
    time(&format!("/proc/{pid}/stat"), 14)
}

/// How much processor time all processes have used that we started and that have ended.
pub(crate) fn of_ended() -> Option<Duration> {
    time("/proc/self/stat", 16)
}

/// The sum of a field, counted from one, and the next.
fn time(path: &str, field: usize) -> Option<Duration> {
    let stat = fs::read_to_string(path).ok()?;
    // The second field is the program's name in parentheses and may hold anything; the third comes behind it.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(field - 3);
    let ticks = fields
        .next()?
        .parse::<u32>()
        .ok()?
        .checked_add(fields.next()?.parse().ok()?)?;
    Some(TICK * ticks)
}

/// The most memory it has held so far, in bytes.
pub(crate) fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
