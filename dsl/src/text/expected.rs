//! Describes what the grammar expected where parsing failed.

use super::fragment::Fragment;
use super::grammar::Rule;

/// What the grammar expected.
pub(super) struct Expected {
    /// An operator, since an operand is complete.
    pub(super) operator: bool,
    /// A value.
    pub(super) value: bool,
    /// A name only.
    pub(super) only_word: bool,
    /// A colon.
    pub(super) colon: bool,
    words: Vec<&'static str>,
}

impl Expected {
    /// Collects the rules that pest tried.
    pub(super) fn from_rules(rules: &[Rule], fragment: Fragment) -> Self {
        let classes: Vec<Class> = rules.iter().map(|rule| class(*rule)).collect();
        let has = |class: Class| classes.contains(&class);
        let (value, operator, ty) = (has(Class::Value), has(Class::Operator), has(Class::Type));
        let only_word = has(Class::Name) && !value && !ty;
        let mut words = Vec::new();
        for (is_expected, word) in [
            (value, "a value"),
            (ty, "a type"),
            (only_word, "a name"),
            (operator && !value, "an operator"),
        ] {
            words.extend(is_expected.then_some(word));
        }
        // Where a value is expected, brackets around one need no mention.
        let all = !value && !ty;
        for class in &classes {
            match class {
                Class::Mark(mark) if all && !(operator && *mark == "`(`") => words.push(mark),
                _ => {}
            }
        }
        if has(Class::End) {
            words.extend(fragment.end());
        }
        Expected {
            operator,
            value,
            only_word,
            colon: rules.contains(&Rule::colon),
            words,
        }
    }

    /// Whether this is the part of a statement before its value.
    pub(super) fn is_head(&self) -> bool {
        !self.value && !self.operator
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

#[derive(PartialEq, Eq)]
enum Class {
    Value,
    Operator,
    Name,
    Type,
    Mark(&'static str),
    End,
    Silent,
}

fn class(rule: Rule) -> Class {
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
        Rule::type_ | Rule::list_open | Rule::record_type => Class::Type,
        Rule::integer => Class::Mark("a whole number"),
        Rule::comma => Class::Mark("`,`"),
        Rule::colon => Class::Mark("`:`"),
        Rule::equals => Class::Mark("`=`"),
        Rule::call_args | Rule::paren_open => Class::Mark("`(`"),
        Rule::paren_close => Class::Mark("`)`"),
        Rule::bracket_open => Class::Mark("`[`"),
        Rule::bracket_close => Class::Mark("`]`"),
        Rule::brace_open => Class::Mark("`{`"),
        Rule::brace_close => Class::Mark("`}`"),
        Rule::EOI => Class::End,
        _ => Class::Silent,
    }
}

/// The end of the code, before trailing whitespace and comments.
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

/// The start of a comment in a line, outside quotes.
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
