//! The media box of a track: its timescale, language, handler and sample table (ISO/IEC 14496-12, 8.4).

use super::box_reader::{Boxes, ByteReader, FourCc, Parsed, Unsupported, required, set_once};
use super::headers::check_timescale;

/// A parsed media box (8.4).
pub(super) struct MediaBox<'a> {
    /// Ticks per second.
    pub(super) timescale: u32,
    /// In ticks.
    pub(super) duration: i64,
    /// ISO 639-2 code.
    pub(super) language: Option<String>,
    pub(super) handler: FourCc,
    /// The body of the sample table box.
    pub(super) sample_table: &'a [u8],
}

impl<'a> MediaBox<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Parsed<MediaBox<'a>> {
        let (mut header, mut handler, mut information) = (None, None, None);
        for child in Boxes::new(body) {
            let (box_type, body) = child?;
            match &box_type {
                b"mdhd" => set_once(&mut header, body)?,
                b"hdlr" => set_once(&mut handler, body)?,
                // FFmpeg reads boxes in file order and needs the other two first.
                b"minf" if header.is_some() && handler.is_some() => set_once(&mut information, body)?,
                b"free" | b"skip" => {}
                _ => return Err(Unsupported("a media box has an unknown box")),
            }
        }
        let mut bytes = ByteReader::new(required(header)?);
        let (version, _) = bytes.version_and_flags()?;
        match version {
            0 => bytes.skip(8)?,
            1 => bytes.skip(16)?,
            _ => return Err(Unsupported("a media header has an unknown version")),
        }
        let timescale = check_timescale(bytes.u32()?)?;
        let duration = match version {
            0 => i64::from(bytes.u32()?),
            _ => bytes.i64()?,
        };
        let language = parse_language(bytes.u16()?)?;
        let mut handler = ByteReader::new(required(handler)?);
        handler.skip(8)?;
        Ok(MediaBox {
            timescale,
            duration,
            language,
            handler: handler.four_cc()?,
            sample_table: find_sample_table(required(information)?)?,
        })
    }
}

/// Decodes a language code: three letters of five bits each (ISO 639-2), or one of QuickTime's numbers.
fn parse_language(code: u16) -> Parsed<Option<String>> {
    match code {
        // QuickTime's number for "unspecified".
        0x7fff => Ok(None),
        0x400.. => {
            let letter = |shift: u16| char::from(0x60 + (code >> shift & 31) as u8);
            Ok(Some([10, 5, 0].map(letter).iter().collect()))
        }
        _ => match QUICKTIME_LANGUAGES.get(usize::from(code)) {
            Some(name) if !name.is_empty() => Ok(Some((*name).to_owned())),
            _ => Err(Unsupported("a language is a rare QuickTime code")),
        },
    }
}

/// The first of QuickTime's languages by their numbers (QuickTime File Format, "Language code values"), as FFmpeg
/// names them; empty where its name is not an ISO 639 code.
const QUICKTIME_LANGUAGES: [&str; 34] = [
    "eng", "fra", "ger", "ita", "dut", "sve", "spa", "dan", "por", "nor", "heb", "jpn", "ara", "fin", "gre",
    "ice", "mlt", "tur", "", "chi", "urd", "hin", "tha", "kor", "lit", "pol", "hun", "est", "lav", "smi", "",
    "per", "rus", "chi",
];

/// Finds the sample table in a media information box whose samples are in the same file (8.4.4, 8.7.2).
fn find_sample_table(body: &[u8]) -> Parsed<&[u8]> {
    let (mut sample_table, mut data_information) = (None, None);
    for child in Boxes::new(body) {
        let (box_type, body) = child?;
        match &box_type {
            b"stbl" => set_once(&mut sample_table, body)?,
            b"dinf" => set_once(&mut data_information, body)?,
            b"vmhd" | b"smhd" | b"nmhd" | b"sthd" | b"gmhd" | b"hdlr" | b"free" | b"skip" => {}
            _ => return Err(Unsupported("a media information box has an unknown box")),
        }
    }
    let mut references = Boxes::new(required(data_information)?);
    let (Some(Ok((box_type, body))), None) = (references.next(), references.next()) else {
        return Err(Unsupported("a track has no data reference"));
    };
    let mut bytes = ByteReader::new(body);
    bytes.version_and_flags()?;
    let count = bytes.u32()?;
    let mut entries = Boxes::new(bytes.rest());
    match (box_type, count, entries.next(), entries.next()) {
        // Flag 1: the samples are in the same file.
        (box_type, 1, Some(Ok((entry, [0, 0, 0, 1]))), None)
            if box_type == *b"dref" && matches!(&entry, b"url " | b"alis") =>
        {
            required(sample_table)
        }
        _ => Err(Unsupported("samples may be in another file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_letters_or_quicktime_numbers() {
        let language = |code| parse_language(code).map(Option::unwrap_or_default);
        assert_eq!(language(0x55c4).as_deref(), Ok("und"));
        assert_eq!(language(0x10b5).as_deref(), Ok("deu"));
        assert_eq!(language(1).as_deref(), Ok("fra"));
        assert_eq!(language(0x7fff).as_deref(), Ok(""));
        assert!(parse_language(18).is_err() && parse_language(0x3ff).is_err());
    }
}
