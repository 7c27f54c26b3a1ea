//! Reads the ASS that FFmpeg writes.

use vidc_compiler::facts::{AssFields, Cue};
use vidc_compiler::time::Time;

/// The header, and the events as cues. `keep` tells whether the file was ASS itself, whose header and fields count;
/// of other files they are FFmpeg's own invention.
pub(super) fn parse(ass: &str, keep: bool) -> Result<(String, Vec<Cue>), String> {
    let mut header = String::new();
    let mut cues = Vec::new();
    let mut section = "";
    for line in ass.lines() {
        let trimmed = line.trim_start_matches('\u{feff}').trim();
        if trimmed.starts_with('[') && trimmed.ends_with(']') {
            section = trimmed;
        }
        if let Some(event) = trimmed.strip_prefix("Dialogue:") {
            cues.push(dialogue(event, keep).ok_or_else(|| {
                let shown: String = trimmed.chars().take(80).collect();
                format!("this event cannot be read: `{shown}`")
            })?);
        } else if keep && is_header(section) {
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

/// Fonts and pictures that a file carries in itself are left out: they are data of whoever wrote it.
fn is_header(section: &str) -> bool {
    ["[script info]", "[v4 styles]", "[v4+ styles]", "[v4 styles+]"]
        .iter()
        .any(|name| section.eq_ignore_ascii_case(name))
}

/// `Layer,Start,End,Style,Name,MarginL,MarginR,MarginV,Effect,Text`; in SSA, `Marked=0` is in the layer's place.
fn dialogue(event: &str, keep: bool) -> Option<Cue> {
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
    let margin = |text: &str| text.trim().parse().unwrap_or(0);
    Some(Cue {
        start: clock(start)?,
        end: clock(end)?,
        ass: text.to_owned(),
        ass_fields: keep.then(|| AssFields {
            layer: margin(layer),
            style: style.trim().to_owned(),
            name: name.trim().to_owned(),
            margin_left: margin(left),
            margin_right: margin(right),
            margin_vertical: margin(vertical),
            effect: effect.trim().to_owned(),
        }),
    })
}

/// `H:MM:SS.cc`
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.trim().splitn(3, ':');
    let (hours, minutes): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let seconds = Time::parse_decimal(parts.next()?)?;
    let whole = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?;
    Some(Time::seconds(whole) + seconds)
}
