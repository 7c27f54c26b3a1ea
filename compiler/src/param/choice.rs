//! Closed lists of words that a parameter accepts, as enums.

/// An enum whose variants a recipe writes as words. [`choice!`] declares one.
pub trait Choice: Copy + 'static {
    /// The words, in the order of the reference.
    const WORDS: &'static [&'static str];

    /// Returns the variant of a word.
    fn from_word(word: &str) -> Option<Self>;
}

/// Declares an enum that is a [`Choice`], with the word of each variant.
macro_rules! choice {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $word:literal,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $name {
            $($(#[$variant_attribute])* $variant,)*
        }
        $crate::param::words!($name { $($variant = $word,)* });
    };
}

/// Makes an existing enum a [`Choice`].
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal,)* }) => {
        impl $name {
            /// The word that a recipe writes.
            #[allow(dead_code, reason = "not every choice is a default or is printed")]
            pub(crate) const fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }
        }

        impl $crate::param::Choice for $name {
            const WORDS: &'static [&'static str] = &[$($word),*];

            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($name::$variant),)*
                    _ => None,
                }
            }
        }

        impl $crate::param::FromValue for $name {
            fn from_value(value: &$crate::value::Value) -> Option<Self> {
                match value {
                    $crate::value::Value::Symbol(word) => {
                        <$name as $crate::param::Choice>::from_word(word)
                    }
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {choice, words};
