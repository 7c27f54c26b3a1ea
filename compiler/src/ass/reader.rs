//! A small reader of event text that follows libass's rules, for tests: what it would lay out of some markup.

/// The characters of an event: `ass_get_next_char` and `parse_events`, then `trim_whitespace`.
pub(super) fn read(text: &str) -> String {
    // process_event_tail
    let text: Vec<char> = text.trim_end_matches(['\r', '\t', ' ']).chars().collect();
    let (mut at, mut out) = (0, String::new());
    while let Some(&character) = text.get(at) {
        let next = text.get(at + 1).copied();
        let closing = || text[at..].iter().position(|c| *c == '}');
        match (character, next) {
            ('{', _) if closing().is_some() => {
                at += closing().unwrap_or(0) + 1;
                continue;
            }
            ('\t', _) => out.push(' '),
            ('\\', Some(letter)) if "Nnh{}".contains(letter) => {
                out.push(match letter {
                    'N' => '\n',
                    'n' => ' ',
                    'h' => '\u{a0}',
                    brace => brace,
                });
                at += 1;
            }
            (other, _) => out.push(other),
        }
        at += 1;
    }
    out.split('\n')
        .map(|line| line.trim_matches(' '))
        .collect::<Vec<_>>()
        .join("\n")
}
