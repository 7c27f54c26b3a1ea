//! Escaping of values in the text of a filter graph. Values enter the text nowhere else.

/// Escapes the value of a filter's option for the text of a filter graph.
///
/// FFmpeg parses such a value twice. The graph parser ends it at `[ ] , ;` and the option parser at `:`; both remove one
/// level of `\` and `'` and trim unescaped white space around it (FFmpeg filters documentation, "Notes on filtergraph
/// escaping"). So every character special to the second parser is escaped for that one, and then the result for the first.
pub fn escape(value: &str) -> String {
    const OPTION: &[char] = &['\\', '\'', ':', ' ', '\t', '\n', '\r'];
    const GRAPH: &[char] = &['\\', '\'', '[', ']', ',', ';', ' ', '\t', '\n', '\r'];
    backslash(&backslash(value, OPTION), GRAPH)
}

fn backslash(value: &str, special: &[char]) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if special.contains(&character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::escape;

    /// FFmpeg's `av_get_token` (libavutil/avstring.c), without quotes, which `escape` never writes.
    fn get_token<'a>(text: &'a str, terminators: &str) -> (String, &'a str) {
        let mut token = String::new();
        let mut kept = 0;
        let text = text.trim_start_matches([' ', '\n', '\t', '\r']);
        let mut rest = text.char_indices();
        while let Some((at, character)) = rest.next() {
            if terminators.contains(character) {
                token.truncate(token.trim_end_matches([' ', '\n', '\t', '\r']).len().max(kept));
                return (token, &text[at..]);
            }
            if character == '\\' {
                if let Some((_, escaped)) = rest.next() {
                    token.push(escaped);
                    kept = token.len();
                }
            } else {
                token.push(character);
            }
        }
        token.truncate(token.trim_end_matches([' ', '\n', '\t', '\r']).len().max(kept));
        (token, "")
    }

    proptest! {
        #[test]
        fn both_parsers_return_the_value(value in r"[\x20-\x7e\n\t\r\\':,;\[\]é漢]{0,40}") {
            let graph = format!("{},next", escape(&value));
            let (options, rest) = get_token(&graph, "[],;");
            prop_assert_eq!(rest, ",next");
            let options = format!("{options}:next");
            let (read, rest) = get_token(&options, ":");
            prop_assert_eq!(rest, ":next");
            prop_assert_eq!(read, value);
        }
    }
}
