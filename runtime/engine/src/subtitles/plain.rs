//! SubRip files of nothing but plain text, as most are: what FFmpeg makes of them, without starting it.
//!
//! A cue is a number, a line of times, and lines of text; a blank line ends it. Whatever else is there, be it markup,
//! places on the screen or only a blank too many, is left to FFmpeg.

use vidc_compiler::facts::Cue;
use vidc_compiler::time::Time;

use super::timing;

/// The cues of a plain file, with times that were read from it; none if it is not plain.
pub(super) fn cues(text: &str, times: &[(Time, Time)]) -> Option<Vec<Cue>> {
    let mut cues = Vec::new();
    let mut times = times.iter();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for block in text.trim_end_matches('\n').split("\n\n") {
        let mut lines = block.split('\n');
        let (number, clock) = (lines.next()?, lines.next()?);
        let lines: Vec<&str> = lines.collect();
        let counted = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if !counted || !is_clock(clock) || lines.is_empty() || !lines.iter().all(|line| is_plain(line)) {
            return None;
        }
        let (start, end) = *times.next()?;
        if start == end {
            return None;
        }
        cues.push(Cue {
            start,
            end,
            ass: lines.join("\\N"),
            ass_fields: None,
        });
    }
    // FFmpeg shows two of the same time in an order of its own, or one of them if they are the same.
    let in_order = cues.windows(2).all(|pair| pair[0].start < pair[1].start);
    (times.next().is_none() && in_order).then_some(cues)
}

/// Whether a line holds two times and nothing behind them.
fn is_clock(line: &str) -> bool {
    const FORM: &[u8] = b"00:00:00,000 --> 00:00:00,000";
    let like = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        form => byte == *form,
    };
    line.len() == FORM.len() && line.bytes().zip(FORM).all(like)
}

/// Whether a line of text means what it says in both SubRip and ASS.
fn is_plain(line: &str) -> bool {
    let marks = |c: char| matches!(c, '<' | '>' | '{' | '}' | '\\' | '&') || c.is_control();
    line.trim() == line
        && !line.is_empty()
        && !line.contains("  ")
        && !line.contains(marks)
        && timing::arrow(line).is_none()
}
