//! Parses the times in SubRip and WebVTT files, because FFmpeg silently skips those it cannot parse and rounds the others to
//! hundredths of a second.

use vidc_compiler::facts::Cue;
use vidc_compiler::time::Time;

const MALFORMED: &str = "a time is not of the form `00:01:02,345 --> 00:01:04,000`";

/// Parses the start and end of each cue, in file order.
///
/// # Errors
/// The first line of times that is malformed, and why.
pub(super) fn parse_times(text: &str) -> Result<Vec<(Time, Time)>, String> {
    let mut times = Vec::new();
    let mut previous = "";
    for (index, line) in text.lines().enumerate() {
        // An arrow in the text of a cue follows other text.
        let begins_cue =
            previous.trim().is_empty() || previous.trim().bytes().all(|byte| byte.is_ascii_digit());
        if let Some((start, end)) = split_timing_line(line) {
            match (parse_clock(start), parse_clock(end)) {
                (Some(start), Some(end)) if start <= end => times.push((start, end)),
                (Some(_), Some(_)) => {
                    return Err(describe(index, line, "the subtitle ends before it starts"));
                }
                _ if begins_cue => return Err(describe(index, line, MALFORMED)),
                _ => {}
            }
        } else if begins_cue && has_mistyped_arrow(line) {
            return Err(describe(index, line, MALFORMED));
        }
        previous = line;
    }
    Ok(times)
}

fn describe(index: usize, line: &str, defect: &str) -> String {
    let excerpt: String = line.trim().chars().take(60).collect();
    format!("line {}, `{excerpt}`: {defect}", index + 1)
}

/// Splits a line `start --> end [settings]` that begins with a digit into start and end.
pub(super) fn split_timing_line(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    line.starts_with(|c: char| c.is_ascii_digit())
        .then(|| (start.trim(), end))
}

/// Whether a line has two times with something other than an arrow between them. FFmpeg takes it for text.
fn has_mistyped_arrow(line: &str) -> bool {
    let is_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | ',' | '.');
    let line = line.trim();
    let rest = line.trim_start_matches(is_time);
    let separator = rest.trim_end_matches(is_time);
    let (start, end) = (&line[..line.len() - rest.len()], &rest[separator.len()..]);
    let is_punctuation = !separator.is_empty() && !separator.contains(char::is_alphanumeric);
    is_punctuation && parse_clock(start).is_some() && parse_clock(end).is_some()
}

/// Parses `H:MM:SS,mmm`, `MM:SS.mmm` and the like.
fn parse_clock(text: &str) -> Option<Time> {
    let mut parts: Vec<&str> = text.split(':').collect();
    let seconds = parts.pop()?.replace(',', ".");
    let (whole, fraction) = seconds.split_once('.')?;
    let is_number = |text: &str, max_digits: usize| {
        !text.is_empty() && text.len() <= max_digits && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !(1..=2).contains(&parts.len()) || !is_number(whole, 2) || !is_number(fraction, 3) {
        return None;
    }
    // What follows the comma is a number of milliseconds in SubRip, even if it has fewer than three digits.
    let mut seconds: i64 = whole.parse().ok()?;
    let mut unit = 60;
    for part in parts.iter().rev() {
        if !is_number(part, 4) {
            return None;
        }
        seconds += part.parse::<i64>().ok()? * unit;
        unit *= 60;
    }
    Some(Time::seconds(seconds) + Time::millis(fraction.parse().ok()?))
}

/// Replaces the times of FFmpeg's cues by the exact ones of the file, if there are equally many and each is within FFmpeg's
/// rounding.
pub(super) fn restore_exact_times(cues: &mut [Cue], mut times: Vec<(Time, Time)>) {
    times.sort_by_key(|(start, _)| *start);
    let is_close = |a: Time, b: Time| a.distance(b) <= Time::millis(20);
    let is_same = cues.len() == times.len()
        && cues
            .iter()
            .zip(&times)
            .all(|(cue, (start, end))| is_close(cue.start, *start) && is_close(cue.end, *end));
    if is_same {
        for (cue, (start, end)) in cues.iter_mut().zip(times) {
            (cue.start, cue.end) = (start, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_times_are_errors_and_arrows_in_text_are_not() {
        let good = "1\n00:00:01,005 --> 00:00:02,500\nfrom 5 --> 6\n1 --> 2\n\n2\n01:02:03.000 --> 01:02:04.000 X1:1\nb\n";
        assert_eq!(
            parse_times(good),
            Ok(vec![
                (Time::millis(1005), Time::millis(2500)),
                (Time::seconds(3723), Time::seconds(3724))
            ])
        );
        let bad = "1\n00:00:01,005 --> 00:00:02,500\na\n\n2\n00:00:03 -> x --> 4\nb\n";
        assert!(parse_times(bad).is_err_and(|reason| reason.starts_with("line 6")));
        for arrow in ["->", "→", " - ", "–>"] {
            let mistyped = format!("1\n00:00:01,000 {arrow} 00:00:02,500\na\n");
            assert!(
                parse_times(&mistyped).unwrap_err().contains("line 2"),
                "{mistyped}"
            );
        }
        let reversed = "1\n00:00:03,000 --> 00:00:02,500\na\n";
        assert!(parse_times(reversed).is_err_and(|reason| reason.contains("ends before it starts")));
        assert_eq!(parse_clock("01:02.5"), Some(Time::millis(62_005)));
    }
}
