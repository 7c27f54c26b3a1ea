//! Names of color descriptions, as FFmpeg gives them to the numbers of ITU-T H.273.

use super::bytes::{Bytes, Declined, Read};

/// What colors a picture's numbers stand for; each as its number in ITU-T H.273.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Color {
    /// Whether numbers use the full range.
    pub(super) full: Option<bool>,
    /// Primaries, transfer characteristics, matrix coefficients.
    pub(super) description: Option<[u8; 3]>,
}

impl Color {
    /// Of a box (ISO/IEC 14496-12, 12.1.5; QuickTime's kind says nothing of the range).
    pub(super) fn of_box(body: &[u8]) -> Read<Color> {
        let mut bytes = Bytes::of(body);
        let full = match &bytes.kind()? {
            b"nclx" => true,
            b"nclc" => false,
            // A profile changes nothing that is asked for.
            b"prof" | b"rICC" => return Ok(Color::default()),
            _ => return Err(Declined("colors are described in an unknown way")),
        };
        let mut number =
            || u8::try_from(bytes.u16()?).map_err(|_| Declined("a color description is unknown"));
        let description = Some([number()?, number()?, number()?]);
        let full = match full {
            true => Some(bytes.u8()? >> 7 == 1),
            false => None,
        };
        Ok(Color { full, description })
    }

    /// With what another says where that says something.
    pub(super) fn overridden(self, by: Color) -> Color {
        Color {
            full: by.full.or(self.full),
            description: by.description.or(self.description),
        }
    }

    pub(super) fn range(self) -> Option<String> {
        self.full.map(|full| if full { "pc" } else { "tv" }.to_owned())
    }

    pub(super) fn primaries(self) -> Read<Option<String>> {
        self.named(0, PRIMARIES)
    }

    pub(super) fn transfer(self) -> Read<Option<String>> {
        self.named(1, TRANSFERS)
    }

    pub(super) fn matrix(self) -> Read<Option<String>> {
        self.named(2, MATRICES)
    }

    fn named(self, which: usize, names: &[(u8, &str)]) -> Read<Option<String>> {
        let number = self
            .description
            .and_then(|description| description.get(which).copied());
        match number {
            // 2 is "unspecified".
            None | Some(2) => Ok(None),
            Some(number) => {
                let name = names.iter().find(|(other, _)| *other == number);
                let (_, name) = name.ok_or(Declined("a color description is unknown"))?;
                Ok(Some((*name).to_owned()))
            }
        }
    }
}

const PRIMARIES: &[(u8, &str)] = &[
    (1, "bt709"),
    (4, "bt470m"),
    (5, "bt470bg"),
    (6, "smpte170m"),
    (7, "smpte240m"),
    (8, "film"),
    (9, "bt2020"),
    (10, "smpte428"),
    (11, "smpte431"),
    (12, "smpte432"),
];

const TRANSFERS: &[(u8, &str)] = &[
    (1, "bt709"),
    (4, "bt470m"),
    (5, "bt470bg"),
    (6, "smpte170m"),
    (7, "smpte240m"),
    (8, "linear"),
    (11, "iec61966-2-4"),
    (13, "iec61966-2-1"),
    (14, "bt2020-10"),
    (15, "bt2020-12"),
    (16, "smpte2084"),
    (18, "arib-std-b67"),
];

const MATRICES: &[(u8, &str)] = &[
    (1, "bt709"),
    (4, "fcc"),
    (5, "bt470bg"),
    (6, "smpte170m"),
    (7, "smpte240m"),
    (9, "bt2020nc"),
    (10, "bt2020c"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_of_colors() {
        let full = Color::of_box(b"nclx\0\x09\0\x10\0\x09\x80").unwrap();
        assert_eq!(full.range().as_deref(), Some("pc"));
        assert_eq!(full.primaries().unwrap().as_deref(), Some("bt2020"));
        assert_eq!(full.transfer().unwrap().as_deref(), Some("smpte2084"));
        assert_eq!(full.matrix().unwrap().as_deref(), Some("bt2020nc"));
        let quicktime = Color::of_box(b"nclc\0\x01\0\x02\0\x01").unwrap();
        assert_eq!(quicktime.range(), None);
        assert_eq!(quicktime.transfer(), Ok(None));
        assert_eq!(full.overridden(quicktime).full, Some(true));
        assert!(Color::of_box(b"nclc\0\x01\0").is_err());
        assert!(Color::of_box(b"none").is_err());
        assert!(
            Color::of_box(b"nclc\0\x03\0\x01\0\x01")
                .unwrap()
                .primaries()
                .is_err()
        );
    }
}
