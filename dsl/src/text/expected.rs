//! What could have stood where the grammar failed, in words.

use super::grammar::Rule;
use super::mistake::Place;

/// What the grammar would have taken.
pub(super) struct Expected {
    /// An operator, so an operand is complete.
    pub(super) operator: bool,
    /// A value.
    pub(super) value: bool,
    /// A name, and no other value.
    pub(super) only_word: bool,
    /// A colon.
    pub(super) colon: bool,
    words: Vec<&'static str>,
}

impl Expected {
    /// Of the rules pest tried.
    pub(super) fn of(rules: &[Rule], place: Place) -> Self {
        let mut expected = Expected {
            operator: false,
            value: false,
            only_word: false,
            colon: rules.contains(&Rule::colon),
            words: Vec::new(),
        };
        let mut name = false;
        for rule in rules {
            match class(*rule, place) {
                Class::Value => expected.value = true,
                Class::Operator => expected.operator = true,
                Class::Name => name = true,
                Class::Word(word) if !expected.words.contains(&word) => expected.words.push(word),
                Class::Word(_) | Class::Silent => {}
            }
        }
        expected.only_word = name && !expected.value;
        let first = if expected.value {
            Some("a value")
        } else if expected.only_word {
            Some("a name")
        } else if expected.operator {
            Some("an operator")
        } else {
            None
        };
        expected.words.splice(0..0, first);
        expected
    }

    /// `a, b or c`
    pub(super) fn words(&self) -> String {
        match self.words.split_last() {
            None => "something else".to_string(),
            Some((last, [])) => (*last).to_string(),
            Some((last, first)) => format!("{} or {last}", first.join(", ")),
        }
    }
}

enum Class {
    Value,
    Operator,
    Name,
    Word(&'static str),
    Silent,
}

fn class(rule: Rule, place: Place) -> Class {
    match rule {
        Rule::expr
        | Rule::paren
        | Rule::list
        | Rule::record
        | Rule::call
        | Rule::number
        | Rule::string
        | Rule::color
        | Rule::constant
        | Rule::neg
        | Rule::not
        | Rule::open_start
        | Rule::arg => Class::Value,
        Rule::pipe
        | Rule::range
        | Rule::or
        | Rule::and
        | Rule::eq
        | Rule::ne
        | Rule::lt
        | Rule::le
        | Rule::gt
        | Rule::ge
        | Rule::add
        | Rule::sub
        | Rule::mul
        | Rule::div
        | Rule::member => Class::Operator,
        Rule::name | Rule::word | Rule::field | Rule::type_field => Class::Name,
        Rule::type_ | Rule::list_open | Rule::record_type => Class::Word("a type"),
        Rule::integer => Class::Word("a whole number"),
        Rule::comma => Class::Word("`,`"),
        Rule::colon => Class::Word("`:`"),
        Rule::equals => Class::Word("`=`"),
        Rule::call_args | Rule::paren_open => Class::Word("`(`"),
        Rule::paren_close => Class::Word("`)`"),
        Rule::bracket_open => Class::Word("`[`"),
        Rule::bracket_close => Class::Word("`]`"),
        Rule::brace_open => Class::Word("`{`"),
        Rule::brace_close => Class::Word("`}`"),
        Rule::EOI => Class::Word(place.end()),
        _ => Class::Silent,
    }
}

/// Where code ends in front of blanks and comments at the end of a text.
pub(super) fn end_of_code(text: &str) -> usize {
    let mut end = text.trim_end().len();
    loop {
        let line = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
        match comment_start(&text[line..end]) {
            Some(comment) => end = text[..line + comment].trim_end().len(),
            None => return end,
        }
        if end == 0 {
            return 0;
        }
    }
}

/// Where a comment starts in a line, outside of quotes.
fn comment_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let (mut at, mut quoted) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'/' if !quoted && bytes.get(at + 1) == Some(&b'/') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}
