//! Installed fonts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The fonts installed on the machine that will render the recipe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fonts {
    /// Every family name, as fontconfig lists it.
    pub families: BTreeSet<String>,
    /// Inclusive ranges of code points for which at least one outline font has a glyph, ascending and disjoint.
    pub coverage: Vec<(u32, u32)>,
    /// A hash of everything that decides how text looks: the installed fonts, their versions, and the default font.
    #[serde(default)]
    pub fingerprint: String,
}

impl Fonts {
    /// Whether a family with this name is installed, ignoring case.
    pub fn has_family(&self, family: &str) -> bool {
        self.families.contains(family)
            || self
                .families
                .iter()
                .any(|known| known.eq_ignore_ascii_case(family))
    }

    /// Whether any font has a glyph for a character. Spaces, control characters and joiners need none.
    pub fn draws(&self, character: char) -> bool {
        if character.is_whitespace() || character.is_control() || is_invisible(character) {
            return true;
        }
        let code = u32::from(character);
        let index = self.coverage.partition_point(|(first, _)| *first <= code);
        index > 0 && self.coverage[index - 1].1 >= code
    }
}

/// Whether a character shapes text without being drawn: a joiner, a direction mark or a variation selector.
fn is_invisible(character: char) -> bool {
    matches!(u32::from(character), 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFE00..=0xFE0F | 0xFEFF | 0xE0100..=0xE01EF)
}
