//! Literal text as ASS markup.

/// An invisible character of no width at which lines do not break. libass passes over it when it draws
/// (`is_harfbuzz_ignorable` in `ass_shaper.c`).
pub(super) const JOINER: char = '\u{2060}';

/// How many spaces a tab is drawn as. libass would draw one.
const TAB: &str = "    ";

/// Literal text as ASS markup, for cues written out in a recipe.
///
/// What libass reads (`ass_get_next_char` in `ass_parse.c`) and what is written for it:
///
/// * `\N`, `\n`, `\h`, `\{` and `\}` mean something, and there is no escape for the backslash itself: after each
///   one goes a word joiner, which is not drawn and keeps it from the letter behind it.
/// * `{` begins a block of tags: `\{`, and `\}` for its partner.
/// * Spaces at both ends of a line are cut off (`trim_whitespace` in `ass_render.c`), and an empty line is half as
///   high as another (`measure_text`): a word joiner goes where a line would begin or end with a space or be empty.
/// * A tab becomes one space: four spaces.
/// * A line of the document ends at `\n` or `\r`: every kind of line break in Unicode becomes `\N`.
///
/// The other control characters draw nothing, and one of them, NUL, ends the document for libass: they are dropped.
pub fn plain_cue(text: &str) -> String {
    lines(text)
        .iter()
        .map(|line| escape_line(line))
        .collect::<Vec<_>>()
        .join("\\N")
}

/// The lines of a text, without their breaks.
fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let breaks = matches!(
            character,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        );
        if character == '\r' && characters.peek() == Some(&'\n') {
            characters.next();
        }
        match lines.last_mut() {
            Some(line) if !breaks => line.push(character),
            _ => lines.push(String::new()),
        }
    }
    // A text of nothing stays nothing.
    if lines.iter().all(String::is_empty) && lines.len() == 1 {
        lines.clear();
    }
    lines
}

fn escape_line(line: &str) -> String {
    let line = line.replace('\t', TAB);
    let drawn = || line.chars().filter(|c| !c.is_control());
    let first = drawn().next();
    let mut out = String::with_capacity(line.len() + 8);
    if matches!(first, None | Some(' ')) {
        out.push(JOINER);
    }
    for character in drawn() {
        match character {
            '\\' => out.extend(['\\', JOINER]),
            '{' => out.push_str("\\{"),
            '}' => out.push_str("\\}"),
            other => out.push(other),
        }
    }
    if out.ends_with(' ') {
        out.push(JOINER);
    }
    out
}

/// Markup that came from elsewhere, kept within its line of the document.
pub(super) fn one_line(markup: &str) -> String {
    markup
        .replace("\r\n", "\\N")
        .replace(['\n', '\r'], "\\N")
        .replace('\0', "")
}

/// A name as a field of a line of ASS, where a comma ends it.
pub(super) fn field(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| if c == ',' || c.is_control() { ' ' } else { c })
        .collect();
    clean.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ass::reader;

    #[test]
    fn escapes() {
        assert_eq!(plain_cue(""), "");
        assert_eq!(plain_cue("a\nb\r\nc\rd"), "a\\Nb\\Nc\\Nd");
        assert_eq!(plain_cue(r"\N {\b1}"), "\\\u{2060}N \\{\\\u{2060}b1\\}");
        assert_eq!(
            plain_cue(" a\n\n b "),
            "\u{2060} a\\N\u{2060}\\N\u{2060} b \u{2060}"
        );
        assert_eq!(plain_cue("100%: \"it's\", \0 done"), "100%: \"it's\",  done");
    }

    #[test]
    fn fields_cannot_break_out() {
        assert_eq!(field("Some, Font\nDialogue: x"), "Some  Font Dialogue: x");
    }

    proptest! {
        #[test]
        fn arrives_as_written(text in "([ \\\\{}Nnhb1\t\n\r]|\\PC){0,24}") {
            let wanted = text
                .replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n")
                .replace('\t', TAB).replace(JOINER, "");
            prop_assert_eq!(reader::read(&plain_cue(&text)).replace(JOINER, ""), wanted);
        }
    }
}
