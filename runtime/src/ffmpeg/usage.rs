//! What a running process uses, as Linux tells in `/proc`; nothing is known elsewhere.

use std::fs;
use std::time::Duration;

/// Linux reports processor time in hundredths of a second to every program (`USER_HZ`, proc(5)).
const TICK: Duration = Duration::from_millis(10);

/// How much processor time it has used, in user and system mode.
pub(crate) fn computed(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything; user and system time are the
    // fourteenth and the fifteenth.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields
        .next()?
        .parse::<u32>()
        .ok()?
        .checked_add(fields.next()?.parse().ok()?)?;
    Some(TICK * ticks)
}

/// How much processor time all processes have used that we started and that have ended.
pub(crate) fn of_ended() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The sixteenth and the seventeenth field, see above.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
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
