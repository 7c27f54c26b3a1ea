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
        "The text does not follow the grammar at this place."
        wrong: "let main = talk | trim(0s..)\nlet = 3"
        right: "let main = talk | trim(0s..)\nlet three = 3"
    }
    UNCLOSED = Error "unclosed" {
        "A bracket or a quote is opened and never closed, or closed by the wrong kind."
        wrong: "let main = talk | trim(0s..5s"
        right: "let main = talk | trim(0s..5s)"
    }
    TOO_LARGE = Error "too-large" {
        "The recipe is over a limit: 1 MiB of text, 64 levels of nesting, 512 terms in an expression, or 100,000 YAML nodes."
        wrong: "let x = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((( 1 )))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))"
        right: "let x = 1"
    }

    // text syntax
    RESERVED = Error "reserved-word" {
        "A word is kept for the next version of the language, or already means something else, so it can be no name here."
        wrong: "let in = 3s"
        right: "let lead-in = 3s"
    }
    LITERAL = Error "malformed-literal" {
        "A number, time, size or colour is not written as one, or has more digits than can be kept exact."
        wrong: "let start = 1:5"
        right: "let start = 1:05"
    }
    UNKNOWN_UNIT = Error "unknown-unit" {
        "A number is followed by letters that are no unit."
        wrong: "let start = 5sec"
        right: "let start = 5s"
    }
    ESCAPE = Error "unknown-escape" {
        "A backslash in a text is followed by something that has no meaning there."
        wrong: "input talk = \"C:\\media\\talk.mov\""
        right: "input talk = \"C:/media/talk.mov\""
    }
    POSITIONAL = Error "positional-argument" {
        "Only the first argument of a call may stand without its name: it is the one the operation is about."
        wrong: "let line = talk | text(\"Hello\", 48px)"
        right: "let line = talk | text(\"Hello\", margin: 48px)"
    }
    DUPLICATE_ARGUMENT = Error "duplicate-argument" {
        "An argument of a call, or a field of a record, is given twice."
        wrong: "let main = talk | fade(in: 1s, in: 2s)"
        right: "let main = talk | fade(in: 1s, out: 2s)"
    }
    NOT_A_STAGE = Error "not-a-stage" {
        "What follows `|` must be an operation: its name, perhaps with arguments in parentheses."
        wrong: "let main = talk | 5s"
        right: "let main = talk | trim(..5s)"
    }
    NOT_A_PATH = Error "not-a-path" {
        "The path of an input is a text in double quotes."
        wrong: "input talk = talk.mov"
        right: "input talk = \"talk.mov\""
    }
}
