//! The color information of a stream (ITU-T H.273) under FFmpeg's names.

use super::box_reader::{ByteReader, Parsed, Unsupported};

/// Color information, in the code points of ITU-T H.273.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ColorInfo {
    /// Whether samples use the full range.
    pub(super) full_range: Option<bool>,
    /// Color primaries, transfer characteristics and matrix coefficients.
    pub(super) description: Option<[u8; 3]>,
}

impl ColorInfo {
    /// Parses a `colr` box (ISO/IEC 14496-12, 12.1.5). QuickTime's `nclc` does not state the range.
    pub(super) fn from_colr(body: &[u8]) -> Parsed<ColorInfo> {
        let mut bytes = ByteReader::new(body);
        let has_range = match &bytes.four_cc()? {
            b"nclx" => true,
            b"nclc" => false,
            // ffprobe reports nothing of ICC profiles.
            b"prof" | b"rICC" => return Ok(ColorInfo::default()),
            _ => return Err(Unsupported("a colr box has an unknown type")),
        };
        let mut code_point =
            || u8::try_from(bytes.u16()?).map_err(|_| Unsupported("a color code point is unknown"));
        let description = Some([code_point()?, code_point()?, code_point()?]);
        let full_range = match has_range {
            // The other seven bits are reserved; FFmpeg ignores them.
            true => Some(bytes.u8()? >> 7 == 1),
            false => None,
        };
        Ok(ColorInfo {
            full_range,
            description,
        })
    }

    /// Replaces what `other` states.
    pub(super) fn overridden_by(self, other: ColorInfo) -> ColorInfo {
        ColorInfo {
            full_range: other.full_range.or(self.full_range),
            description: other.description.or(self.description),
        }
    }

    pub(super) fn range(self) -> Option<String> {
        self.full_range
            .map(|full| if full { "pc" } else { "tv" }.to_owned())
    }

    pub(super) fn primaries(self) -> Parsed<Option<String>> {
        self.name(0, PRIMARIES)
    }

    pub(super) fn transfer(self) -> Parsed<Option<String>> {
        self.name(1, TRANSFERS)
    }

    pub(super) fn matrix(self) -> Parsed<Option<String>> {
        self.name(2, MATRICES)
    }

    fn name(self, index: usize, names: &[(u8, &str)]) -> Parsed<Option<String>> {
        let code_point = self
            .description
            .and_then(|description| description.get(index).copied());
        match code_point {
            // 2 is "unspecified".
            None | Some(2) => Ok(None),
            Some(code_point) => {
                let name = names.iter().find(|(known, _)| *known == code_point);
                let (_, name) = name.ok_or(Unsupported("a color code point is unknown"))?;
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
    fn colr_boxes_are_parsed() {
        let full = ColorInfo::from_colr(b"nclx\0\x09\0\x10\0\x09\x80").unwrap();
        assert_eq!(full.range().as_deref(), Some("pc"));
        assert_eq!(full.primaries().unwrap().as_deref(), Some("bt2020"));
        assert_eq!(full.transfer().unwrap().as_deref(), Some("smpte2084"));
        assert_eq!(full.matrix().unwrap().as_deref(), Some("bt2020nc"));
        let quicktime = ColorInfo::from_colr(b"nclc\0\x01\0\x02\0\x01").unwrap();
        assert_eq!(quicktime.range(), None);
        assert_eq!(quicktime.transfer(), Ok(None));
        assert_eq!(full.overridden_by(quicktime).full_range, Some(true));
        assert!(ColorInfo::from_colr(b"nclc\0\x01\0").is_err());
        assert!(ColorInfo::from_colr(b"none").is_err());
        assert!(
            ColorInfo::from_colr(b"nclc\0\x03\0\x01\0\x01")
                .unwrap()
                .primaries()
                .is_err()
        );
    }
}
