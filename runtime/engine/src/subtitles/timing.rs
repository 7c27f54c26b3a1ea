//! The times in SubRip and WebVTT files: FFmpeg is silent about those it cannot read, and rounds them to
//! hundredths of a second.

use vidc_compiler::facts::Cue;
use vidc_compiler::time::Time;

const FORM: &str = "a time is not of the form `00:01:02,345 --> 00:01:04,000`";

/// The start and end of each cue, in the file's order; what is wrong with the first line that cannot be read.
pub(super) fn times(text: &str) -> Result<Vec<(Time, Time)>, String> {
    let mut times = Vec::new();
    let mut before = "";
    for (index, line) in text.lines().enumerate() {
        // An arrow in a subtitle's own text stands after other text.
        let begins = before.trim().is_empty() || before.trim().bytes().all(|byte| byte.is_ascii_digit());
        if let Some((start, end)) = arrow(line) {
            match (clock(start), clock(end)) {
                (Some(start), Some(end)) if start <= end => times.push((start, end)),
                (Some(_), Some(_)) => return Err(at(index, line, "the subtitle ends before it starts")),
                _ if begins => return Err(at(index, line, FORM)),
                _ => {}
            }
        } else if begins && is_without_arrow(line) {
            return Err(at(index, line, FORM));
        }
        before = line;
    }
    Ok(times)
}

fn at(index: usize, line: &str, what: &str) -> String {
    let shown: String = line.trim().chars().take(60).collect();
    format!("line {}, `{shown}`: {what}", index + 1)
}

/// The two sides of a line `start --> end [settings]` that begins with a digit.
pub(super) fn arrow(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    line.starts_with(|c: char| c.is_ascii_digit())
        .then(|| (start.trim(), end))
}

/// Whether a line is two times with something else between them: FFmpeg takes it for text.
fn is_without_arrow(line: &str) -> bool {
    let of_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | ',' | '.');
    let line = line.trim();
    let behind = line.trim_start_matches(of_time);
    let between = behind.trim_end_matches(of_time);
    let (start, end) = (&line[..line.len() - behind.len()], &behind[between.len()..]);
    let is_sign = !between.is_empty() && !between.contains(char::is_alphanumeric);
    is_sign && clock(start).is_some() && clock(end).is_some()
}

/// `H:MM:SS,mmm`, `MM:SS.mmm` and the like.
fn clock(text: &str) -> Option<Time> {
    let mut parts: Vec<&str> = text.split(':').collect();
    let seconds = parts.pop()?.replace(',', ".");
    let (whole, fraction) = seconds.split_once('.')?;
    let digits = |text: &str, most: usize| {
        !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !(1..=2).contains(&parts.len()) || !digits(whole, 2) || !digits(fraction, 3) {
        return None;
    }
    // SubRip counts what follows the comma in milliseconds, however many digits there are; three are usual.
    let mut seconds: i64 = whole.parse().ok()?;
    let mut unit = 60;
    for part in parts.iter().rev() {
        if !digits(part, 4) {
            return None;
        }
        seconds += part.parse::<i64>().ok()? * unit;
        unit *= 60;
    }
    Some(Time::seconds(seconds) + Time::millis(fraction.parse().ok()?))
}

/// Gives FFmpeg's cues the exact times of the file, where it is plain which are whose: there are as many, and each
/// is within FFmpeg's rounding.
pub(super) fn refine(cues: &mut [Cue], mut times: Vec<(Time, Time)>) {
    times.sort_by_key(|(start, _)| *start);
    let close = |a: Time, b: Time| a.distance(b) <= Time::millis(20);
    let same = cues.len() == times.len()
        && cues
            .iter()
            .zip(&times)
            .all(|(cue, (start, end))| close(cue.start, *start) && close(cue.end, *end));
    if same {
        for (cue, (start, end)) in cues.iter_mut().zip(times) {
            (cue.start, cue.end) = (start, end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_not_times_are_told_from_text() {
        let good = "1\n00:00:01,005 --> 00:00:02,500\nfrom 5 --> 6\n1 --> 2\n\n2\n01:02:03.000 --> 01:02:04.000 X1:1\nb\n";
        assert_eq!(
            times(good),
            Ok(vec![
                (Time::millis(1005), Time::millis(2500)),
                (Time::seconds(3723), Time::seconds(3724))
            ])
        );
        let bad = "1\n00:00:01,005 --> 00:00:02,500\na\n\n2\n00:00:03 -> x --> 4\nb\n";
        assert!(times(bad).is_err_and(|reason| reason.starts_with("line 6")));
        for sign in ["->", "→", " - ", "–>"] {
            let mistyped = format!("1\n00:00:01,000 {sign} 00:00:02,500\na\n");
            assert!(times(&mistyped).unwrap_err().contains("line 2"), "{mistyped}");
        }
        let reversed = "1\n00:00:03,000 --> 00:00:02,500\na\n";
        assert!(times(reversed).is_err_and(|reason| reason.contains("ends before it starts")));
        assert_eq!(clock("01:02.5"), Some(Time::millis(62_005)));
    }
}
