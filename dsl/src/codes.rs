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
}
