//! Parses SubRip files without markup, as most are, with the same result as FFmpeg but without starting it.
//!
//! A cue is a number, a line of times, and lines of text; a blank line ends it. Files with anything else, such as markup,
//! positions or an extra space, are left to FFmpeg.

use vidc_compiler::facts::Cue;
use vidc_compiler::time::Time;

use super::timing;

/// Parses the cues of a file whose times have been parsed; `None` if the file is left to FFmpeg.
pub(super) fn parse_cues(text: &str, times: &[(Time, Time)]) -> Option<Vec<Cue>> {
    let mut cues = Vec::new();
    let mut times = times.iter();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for block in text.trim_end_matches('\n').split("\n\n") {
        let mut lines = block.split('\n');
        let (number, timing) = (lines.next()?, lines.next()?);
        let lines: Vec<&str> = lines.collect();
        let is_numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_numbered
            || !is_timing_line(timing)
            || lines.is_empty()
            || !lines.iter().all(|line| is_plain(line))
        {
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
    // FFmpeg reorders cues with the same start, and drops duplicates.
    let in_order = cues.windows(2).all(|pair| pair[0].start < pair[1].start);
    (times.next().is_none() && in_order).then_some(cues)
}

/// Whether a line has two times and nothing after them.
fn is_timing_line(line: &str) -> bool {
    const PATTERN: &[u8] = b"00:00:00,000 --> 00:00:00,000";
    let matches = |(byte, pattern): (u8, &u8)| match pattern {
        b'0' => byte.is_ascii_digit(),
        literal => byte == *literal,
    };
    line.len() == PATTERN.len() && line.bytes().zip(PATTERN).all(matches)
}

/// Whether a line of text has no markup in SubRip or ASS.
fn is_plain(line: &str) -> bool {
    let is_markup = |c: char| matches!(c, '<' | '>' | '{' | '}' | '\\' | '&') || c.is_control();
    line.trim() == line
        && !line.is_empty()
        && !line.contains("  ")
        && !line.contains(is_markup)
        && timing::split_timing_line(line).is_none()
}
