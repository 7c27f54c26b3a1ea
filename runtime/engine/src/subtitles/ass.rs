//! Parses the ASS that FFmpeg writes.

use vidc_compiler::facts::{AssFields, Cue};
use vidc_compiler::time::Time;

/// Parses the header, and the events as cues. If the file was not ASS itself (`is_source`), FFmpeg made up the header and
/// the fields, so they are dropped.
pub(super) fn parse(ass: &str, is_source: bool) -> Result<(String, Vec<Cue>), String> {
    let mut header = String::new();
    let mut cues = Vec::new();
    let mut section = "";
    for line in ass.lines() {
        let trimmed = line.trim_start_matches('\u{feff}').trim();
        if trimmed.starts_with('[') && trimmed.ends_with(']') {
            section = trimmed;
        }
        if let Some(event) = trimmed.strip_prefix("Dialogue:") {
            cues.push(parse_event(event, is_source).ok_or_else(|| {
                let excerpt: String = trimmed.chars().take(80).collect();
                format!("an event cannot be parsed: `{excerpt}`")
            })?);
        } else if is_source && is_header_section(section) {
            header.push_str(line.trim_end());
            header.push('\n');
        }
    }
    let header = match header.trim_end() {
        "" => String::new(),
        some => format!("{some}\n"),
    };
    Ok((header, cues))
}

/// Whether a section belongs to the header. Embedded fonts and images are dropped, because they are untrusted data.
fn is_header_section(section: &str) -> bool {
    ["[script info]", "[v4 styles]", "[v4+ styles]", "[v4 styles+]"]
        .iter()
        .any(|name| section.eq_ignore_ascii_case(name))
}

/// Parses `Layer,Start,End,Style,Name,MarginL,MarginR,MarginV,Effect,Text`; SSA has `Marked=0` in place of the layer.
fn parse_event(event: &str, is_source: bool) -> Option<Cue> {
    let fields: Vec<&str> = event.trim_start().splitn(10, ',').collect();
    let &[
        layer,
        start,
        end,
        style,
        name,
        left,
        right,
        vertical,
        effect,
        text,
    ] = fields.as_slice()
    else {
        return None;
    };
    let number = |text: &str| text.trim().parse().unwrap_or(0);
    Some(Cue {
        start: parse_clock(start)?,
        end: parse_clock(end)?,
        ass: text.to_owned(),
        ass_fields: is_source.then(|| AssFields {
            layer: number(layer),
            style: style.trim().to_owned(),
            name: name.trim().to_owned(),
            margin_left: number(left),
            margin_right: number(right),
            margin_vertical: number(vertical),
            effect: effect.trim().to_owned(),
        }),
    })
}

/// Parses `H:MM:SS.cc`.
fn parse_clock(text: &str) -> Option<Time> {
    let mut parts = text.trim().splitn(3, ':');
    let (hours, minutes): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let seconds = Time::parse_decimal(parts.next()?)?;
    let whole = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?;
    Some(Time::seconds(whole) + seconds)
}
