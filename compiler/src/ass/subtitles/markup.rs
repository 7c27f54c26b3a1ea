//! Reading the ASS markup of cues.

use crate::ass::document::number;
use crate::ass::escape::JOINER;

/// A piece of an event's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// A block of tags, without its braces.
    Tags(&'a str),
    /// `\` and a character that it gives a meaning.
    Escape(char),
    /// Itself.
    Char(char),
}

/// What libass sees (`parse_events` in `ass_render.c`, `ass_get_next_char` in `ass_parse.c`): a block begins at a
/// brace that is closed anywhere later.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        if let Some((tags, behind)) = after.split_once('}').filter(|_| first == '{') {
            pieces.push(Piece::Tags(tags));
            rest = behind;
            continue;
        }
        let escaped = after.chars().next().filter(|c| "Nnh{}".contains(*c));
        if let Some(escaped) = escaped.filter(|_| first == '\\') {
            pieces.push(Piece::Escape(escaped));
            rest = &after[1..];
            continue;
        }
        pieces.push(Piece::Char(first));
        rest = after;
    }
    pieces
}

/// The same text with the sizes (`\fs`) and places (`\pos`, `\move`, `\org`) in its tags multiplied.
pub(super) fn rescale(text: &str, x: f64, y: f64) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Tags(tags) => {
                let tags: Vec<String> = tags.split('\\').map(|tag| rescale_tag(tag, x, y)).collect();
                out.extend(["{", &tags.join("\\"), "}"]);
            }
            Piece::Escape(character) => out.extend(['\\', character]),
            Piece::Char(character) => out.push(character),
        }
    }
    out
}

/// A size that is not a change of one (`\fs+2`).
fn absolute(size: &str) -> Option<f64> {
    let size = size.trim();
    if size.starts_with(['+', '-']) {
        return None;
    }
    size.parse().ok()
}

fn rescale_tag(tag: &str, x: f64, y: f64) -> String {
    if let Some(size) = tag.strip_prefix("fs").and_then(absolute) {
        return format!("fs{}", number(size * y));
    }
    for name in ["pos", "org", "move"] {
        let Some(arguments) = tag
            .strip_prefix(name)
            .and_then(|rest| rest.trim_start().strip_prefix('('))
        else {
            continue;
        };
        let (arguments, behind) = arguments.split_once(')').unwrap_or((arguments, ""));
        let scaled: Vec<String> = arguments
            .split(',')
            .enumerate()
            // The times of `\move` come behind its places.
            .map(|(at, text)| match (at, text.trim().parse::<f64>()) {
                (0 | 2, Ok(value)) => number(value * x),
                (1 | 3, Ok(value)) => number(value * y),
                _ => text.to_owned(),
            })
            .collect();
        return format!("{name}({}){behind}", scaled.join(","));
    }
    tag.to_owned()
}

/// The tags that SubRip has, in the order in which they are opened.
const TAGS: [char; 3] = ['b', 'i', 'u'];

/// The text of a cue for SubRip; empty if it shows nothing.
pub(super) fn srt_text(text: &str) -> String {
    let mut wanted = [false; 3];
    let mut open = [false; 3];
    let mut drawing = false;
    let mut out = String::new();
    let mut last = None;
    for piece in pieces(text) {
        let character = match piece {
            Piece::Tags(tags) => {
                for tag in tags.split('\\').skip(1) {
                    apply(tag.trim(), &mut wanted, &mut drawing);
                }
                continue;
            }
            _ if drawing => continue,
            Piece::Escape('N') => '\n',
            Piece::Escape('n') => ' ',
            Piece::Escape('h') => '\u{a0}',
            Piece::Escape(other) | Piece::Char(other) => other,
        };
        // Put there by `plain_cue`.
        if character == JOINER && matches!(last, None | Some('\\' | '\n' | ' ')) {
            continue;
        }
        if character == '\n' {
            let mut kept = open;
            kept.iter_mut()
                .zip(wanted)
                .for_each(|(kept, wanted)| *kept &= wanted);
            switch(&mut open, kept, &mut out);
        } else {
            switch(&mut open, wanted, &mut out);
        }
        let tag_like = match last {
            Some('<') => character.is_ascii_alphabetic() || character == '/',
            Some('{') => character == '\\',
            Some('\\') => "Nnh{}".contains(character),
            _ => false,
        };
        if tag_like {
            out.push(JOINER);
        }
        last = Some(character);
        out.push(character);
    }
    switch(&mut open, [false; 3], &mut out);
    if out.trim().is_empty() {
        return String::new();
    }
    let lines: Vec<&str> = out
        .lines()
        .map(|line| if line.trim().is_empty() { "\u{a0}" } else { line })
        .collect();
    lines.join("\n")
}

/// What a tag changes of what SubRip can show. `\b` may also give a weight.
fn apply(tag: &str, wanted: &mut [bool; 3], drawing: &mut bool) {
    let value = |name: char| {
        let rest = tag.strip_prefix(name)?.trim();
        if rest.is_empty() {
            return Some(0);
        }
        rest.parse::<i64>().ok()
    };
    for (name, wanted) in TAGS.into_iter().zip(wanted.iter_mut()) {
        if let Some(value) = value(name) {
            *wanted = value == 1 || value >= 600;
        }
    }
    if let Some(scale) = value('p') {
        *drawing = scale > 0;
    }
    if tag.starts_with('r') {
        *wanted = [false; 3];
    }
}

/// Closes everything that is open and opens what is wanted, so that tags nest.
fn switch(open: &mut [bool; 3], wanted: [bool; 3], out: &mut String) {
    if *open == wanted {
        return;
    }
    for (name, _) in TAGS.into_iter().zip(*open).rev().filter(|(_, open)| *open) {
        out.push_str(&format!("</{name}>"));
    }
    for (name, _) in TAGS.into_iter().zip(wanted).filter(|(_, wanted)| *wanted) {
        out.push_str(&format!("<{name}>"));
    }
    *open = wanted;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ass::plain_cue;

    #[test]
    fn scales_only_tags() {
        assert_eq!(
            rescale(
                r"{\an8\pos(192,144)\fs16\fs+2\fsp2}fs16 \{\fs16\} {\move(0,0,384,288,100,200)}",
                2.0,
                3.0
            ),
            r"{\an8\pos(384,432)\fs48\fs+2\fsp2}fs16 \{\fs16\} {\move(0,0,768,864,100,200)}"
        );
    }

    #[test]
    fn keeps_what_subrip_has() {
        assert_eq!(
            srt_text(r"{\an8\i1}a{\b1}b{\i0}c\Nd{\r}e"),
            "<i>a</i><b><i>b</i></b><b>c\nd</b>e"
        );
        assert_eq!(
            srt_text(r"{\blur2\bord3\iclip(0,0,1,1)\p1}m 0 0 l 1 1{\p0}x\N\N\hy"),
            "x\n\u{a0}\n\u{a0}y"
        );
        assert_eq!(srt_text(r"{\b1}\N"), "");
        assert_eq!(srt_text(r"{\i1}a{\i0}\Nb"), "<i>a</i>\nb");
    }

    #[test]
    fn literal_text_is_not_taken_for_tags() {
        assert_eq!(
            srt_text(&plain_cue("a <b> 1 < 2 \\N {\\an8}")),
            "a <\u{2060}b> 1 < 2 \\\u{2060}N {\u{2060}\\an8}"
        );
        assert_eq!(srt_text(&plain_cue(" a \n b")), " a \n b");
    }
}
