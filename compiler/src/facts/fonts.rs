//! Installed fonts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The fonts installed where the recipe will be rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fonts {
    /// Every family name, as fontconfig lists it.
    pub families: BTreeSet<String>,
    /// Inclusive ranges of the code points that at least one outline font draws, ascending and disjoint.
    pub coverage: Vec<(u32, u32)>,
    /// Changes with everything that decides how letters look: which fonts there are, their versions, and which is taken
    /// where none is named.
    #[serde(default)]
    pub fingerprint: String,
}

impl Fonts {
    /// Whether a family of this name is installed, letter case aside.
    pub fn has_family(&self, family: &str) -> bool {
        self.families.contains(family)
            || self
                .families
                .iter()
                .any(|known| known.eq_ignore_ascii_case(family))
    }

    /// Whether some font draws a character. Spaces, controls and joiners need no glyph.
    pub fn draws(&self, character: char) -> bool {
        if character.is_whitespace() || character.is_control() || is_invisible(character) {
            return true;
        }
        let code = u32::from(character);
        let index = self.coverage.partition_point(|(first, _)| *first <= code);
        index > 0 && self.coverage[index - 1].1 >= code
    }
}

/// Joiners, direction marks and variation selectors, which shape text and are not drawn.
fn is_invisible(character: char) -> bool {
    matches!(u32::from(character), 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFE00..=0xFE0F | 0xFEFF | 0xE0100..=0xE01EF)
}
