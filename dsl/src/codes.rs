//! The diagnostics of the two front ends.

/// Declares codes as statics, and `ALL` as their list.
#[macro_export]
macro_rules! codes {
    ($($name:ident = $severity:ident $id:literal { $explanation:literal wrong: $wrong:literal right: $right:literal })*) => {
        $(
            #[doc = $explanation]
            pub static $name: $crate::Code = $crate::Code {
                id: $id,
                severity: $crate::Severity::$severity,
                explanation: $explanation,
                wrong: $wrong,
                right: $right,
            };
        )*
        /// Every code of this module.
        pub static ALL: &[&$crate::Code] = &[$(&$name),*];
    };
}

codes! {
    SYNTAX = Error "syntax" {
        "The text does not match the grammar."
        wrong: "let main = talk | trim(0s..)\nlet = 3"
        right: "let main = talk | trim(0s..)\nlet three = 3"
    }
    UNCLOSED = Error "unclosed" {
        "A bracket or a quote is never closed, or a bracket is closed by the wrong kind."
        wrong: "let main = talk | trim(0s..5s"
        right: "let main = talk | trim(0s..5s)"
    }
    TOO_LARGE = Error "too-large" {
        "The recipe exceeds a limit: 1 MiB of text, 64 levels of nesting, 512 terms in an expression, or 100,000 YAML nodes."
        wrong: "let x = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((( 1 )))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))"
        right: "let x = 1"
    }

    // text syntax
    RESERVED = Error "reserved-word" {
        "The word is a keyword or is reserved for a later version of the language, so it cannot be a name."
        wrong: "let in = 3s"
        right: "let lead-in = 3s"
    }
    LITERAL = Error "malformed-literal" {
        "A number, time, size or color is malformed, or has too many digits to be exact."
        wrong: "let start = 1:5"
        right: "let start = 1:05"
    }
    UNKNOWN_UNIT = Error "unknown-unit" {
        "A number is followed by letters that are not a unit."
        wrong: "let start = 5sec"
        right: "let start = 5s"
    }
    ESCAPE = Error "unknown-escape" {
        "A backslash in a string is followed by an unknown escape character."
        wrong: "input talk = \"C:\\media\\talk.mov\""
        right: "input talk = \"C:/media/talk.mov\""
    }
    POSITIONAL = Error "positional-argument" {
        "Only the first argument of a call can be positional; all others are named."
        wrong: "let line = talk | text(\"Hello\", 48px)"
        right: "let line = talk | text(\"Hello\", margin: 48px)"
    }
    DUPLICATE_ARGUMENT = Error "duplicate-argument" {
        "An argument of a call, or a field of a record, is given twice."
        wrong: "let main = talk | fade(in: 1s, in: 2s)"
        right: "let main = talk | fade(in: 1s, out: 2s)"
    }
    NOT_A_STAGE = Error "not-a-stage" {
        "`|` must be followed by an operation: its name, with optional arguments in parentheses."
        wrong: "let main = talk | 5s"
        right: "let main = talk | trim(..5s)"
    }
    NOT_A_PATH = Error "not-a-path" {
        "The path of an input is a string in double quotes."
        wrong: "input talk = talk.mov"
        right: "input talk = \"talk.mov\""
    }

    // YAML syntax
    YAML_TAG = Error "yaml-tag" {
        "YAML tags are not allowed: the parameter's declared type determines how a value is parsed."
        wrong: "let:\n  lead: !!str 2s"
        right: "let:\n  lead: 2s"
    }
    YAML_MERGE = Error "yaml-merge-key" {
        "The merge key `<<` is not part of the recipe language: write out a call's arguments."
        wrong: "let:\n  main:\n    - talk\n    - fade: { <<: *slow, out: 1s }"
        right: "let:\n  main:\n    - talk\n    - fade: { in: 2s, out: 1s }"
    }
    YAML_DOCUMENTS = Error "yaml-documents" {
        "A file holds one recipe in one YAML document; everything after `---` would be ignored."
        wrong: "outputs:\n  - { to: a.mp4, from: talk }\n---\noutputs:\n  - { to: b.mp4, from: talk }"
        right: "outputs:\n  - { to: a.mp4, from: talk }\n  - { to: b.mp4, from: talk }"
    }
    YAML_KEY = Error "yaml-key" {
        "A key in a recipe must be a word, not a list, a map or an empty value."
        wrong: "let:\n  ? [a, b]\n  : talk"
        right: "let:\n  a: talk\n  b: talk"
    }
    YAML_NAME = Error "yaml-name" {
        "A key must be a valid name: letters, digits, `_` and `-`, starting with a letter, and not a reserved word."
        wrong: "let:\n  2nd part: talk"
        right: "let:\n  second-part: talk"
    }
    YAML_ALIAS = Error "yaml-alias" {
        "An alias `*name` repeats the value marked by an anchor `&name`; the anchor must precede it and must not contain it."
        wrong: "let:\n  main: *intro\n  intro: &intro talk"
        right: "let:\n  intro: &intro talk\n  main: *intro"
    }
    YAML_FORM = Error "yaml-form" {
        "A value has the wrong form, such as a list where a map is expected, or a single value where a list is expected."
        wrong: "outputs:\n  to: show.mp4\n  from: main"
        right: "outputs:\n  - to: show.mp4\n    from: main"
    }
    DUPLICATE_KEY = Error "duplicate-key" {
        "A map has the same key twice."
        wrong: "let:\n  main: talk\n  main: intro"
        right: "let:\n  main: talk\n  lead: intro"
    }
    UNKNOWN_KEY = Error "unknown-key" {
        "The sections of a YAML recipe are `vidc`, `params`, `inputs`, `let` and `outputs`; a parameter has a `type` and a `default`."
        wrong: "output:\n  - to: show.mp4\n    from: main"
        right: "outputs:\n  - to: show.mp4\n    from: main"
    }
    EMPTY_VALUE = Error "empty-value" {
        "A key has no value. In YAML, `#` after a space begins a comment, so colors must be quoted."
        wrong: "let:\n  main:\n    - talk\n    - text:\n        box: #000000\n        content: Hello"
        right: "let:\n  main:\n    - talk\n    - text:\n        box: \"#000000\"\n        content: Hello"
    }
}
