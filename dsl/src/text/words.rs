//! Words: names, keywords and reserved words.

/// The keywords that begin statements.
pub(crate) const STATEMENTS: [&str; 5] = ["vidc", "param", "input", "let", "output"];

/// Words reserved for a later version of the language.
pub(crate) const RESERVED: [&str; 8] = ["def", "for", "if", "then", "else", "import", "in", "as"];

/// Further words that cannot be names.
const GRAMMAR: [&str; 8] = ["true", "false", "null", "not", "and", "or", "let", "param"];

/// The length of the word at the start of a text, 0 if there is none. A hyphen belongs to a word where a letter or
/// a digit follows it.
pub(crate) fn word_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
    {
        return 0;
    }
    let mut end = 1;
    while let Some(byte) = bytes.get(end) {
        let inside = byte.is_ascii_alphanumeric()
            || *byte == b'_'
            || (*byte == b'-' && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric));
        if !inside {
            break;
        }
        end += 1;
    }
    end
}

/// Whether a text is one word, so that it can name an argument or a field.
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && word_length(text) == text.len()
}

/// Whether a text can be a name: a word that is neither a keyword nor reserved.
pub(crate) fn is_name(text: &str) -> bool {
    is_word(text) && !RESERVED.contains(&text) && !GRAMMAR.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::{is_name, is_word, word_length};

    #[test]
    fn hyphens_join_words() {
        assert_eq!(word_length("web-1080p | x"), 9);
        assert_eq!(word_length("a- b"), 1);
        assert_eq!(word_length("a--b"), 1);
        assert_eq!(word_length("9a"), 0);
    }

    #[test]
    fn reserved_words_are_words_but_no_names() {
        assert!(is_word("in") && !is_name("in"));
        assert!(is_name("input") && is_name("_x") && !is_name(""));
    }
}
