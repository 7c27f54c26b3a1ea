//! What a track's media are told to be: their clock, language, kind and place (ISO/IEC 14496-12, 8.4).

use super::bytes::{Atoms, Bytes, Declined, Kind, Read, once, wanted};

/// What a media box says of its samples (8.4).
pub(super) struct Media<'a> {
    pub(super) ticks_a_second: u32,
    pub(super) duration: i64,
    pub(super) language: Option<String>,
    pub(super) handler: Kind,
    pub(super) table: &'a [u8],
}

impl<'a> Media<'a> {
    pub(super) fn of(body: &'a [u8]) -> Read<Media<'a>> {
        let (mut header, mut handler, mut information) = (None, None, None);
        for atom in Atoms::of(body) {
            let (kind, body) = atom?;
            match &kind {
                b"mdhd" => once(&mut header, body)?,
                b"hdlr" => once(&mut handler, body)?,
                // FFmpeg reads in the order of the file, and needs to know both before.
                b"minf" if header.is_some() && handler.is_some() => once(&mut information, body)?,
                b"free" | b"skip" => {}
                _ => return Err(Declined("a media box holds an unknown box")),
            }
        }
        let mut bytes = Bytes::of(wanted(header)?);
        let (version, _) = bytes.full()?;
        match version {
            0 => bytes.skip(8)?,
            1 => bytes.skip(16)?,
            _ => return Err(Declined("a media header is of an unknown version")),
        }
        let ticks_a_second = ticks(&mut bytes)?;
        let duration = match version {
            0 => i64::from(bytes.u32()?),
            _ => bytes.i64()?,
        };
        let language = language(bytes.u16()?)?;
        let mut handler = Bytes::of(wanted(handler)?);
        handler.skip(8)?;
        Ok(Media {
            ticks_a_second,
            duration,
            language,
            handler: handler.kind()?,
            table: table(wanted(information)?)?,
        })
    }
}

/// Ticks a second.
pub(super) fn ticks(bytes: &mut Bytes<'_>) -> Read<u32> {
    match bytes.u32()? {
        ticks @ 1..=0x7fff_ffff => Ok(ticks),
        _ => Err(Declined("a clock does not tick")),
    }
}

/// Three letters in five bits each, or one of QuickTime's numbers.
fn language(code: u16) -> Read<Option<String>> {
    match code {
        // QuickTime's number for none.
        0x7fff => Ok(None),
        0x400.. => {
            let letter = |shift: u16| char::from(0x60 + (code >> shift & 31) as u8);
            Ok(Some([10, 5, 0].map(letter).iter().collect()))
        }
        _ => match NUMBERED.get(usize::from(code)) {
            Some(name) if !name.is_empty() => Ok(Some((*name).to_owned())),
            _ => Err(Declined("a language is a rare number of QuickTime's")),
        },
    }
}

/// The first of QuickTime's languages by their numbers (QuickTime File Format, "Language code values"), as FFmpeg
/// names them; empty where its name is none of ISO 639.
const NUMBERED: [&str; 34] = [
    "eng", "fra", "ger", "ita", "dut", "sve", "spa", "dan", "por", "nor", "heb", "jpn", "ara", "fin", "gre",
    "ice", "mlt", "tur", "", "chi", "urd", "hin", "tha", "kor", "lit", "pol", "hun", "est", "lav", "smi", "",
    "per", "rus", "chi",
];

/// The sample table in a media information box whose samples are in the same file (8.4.4, 8.7.2).
fn table(body: &[u8]) -> Read<&[u8]> {
    let (mut table, mut places) = (None, None);
    for atom in Atoms::of(body) {
        let (kind, body) = atom?;
        match &kind {
            b"stbl" => once(&mut table, body)?,
            b"dinf" => once(&mut places, body)?,
            b"vmhd" | b"smhd" | b"nmhd" | b"sthd" | b"gmhd" | b"hdlr" | b"free" | b"skip" => {}
            _ => return Err(Declined("a media information box holds an unknown box")),
        }
    }
    let mut references = Atoms::of(wanted(places)?);
    let (Some(Ok((kind, body))), None) = (references.next(), references.next()) else {
        return Err(Declined("it is not said where the samples are"));
    };
    let mut bytes = Bytes::of(body);
    bytes.full()?;
    let count = bytes.u32()?;
    let mut entries = Atoms::of(bytes.rest());
    match (kind, count, entries.next(), entries.next()) {
        (kind, 1, Some(Ok((entry, [0, 0, 0, 1]))), None)
            if kind == *b"dref" && matches!(&entry, b"url " | b"alis") =>
        {
            wanted(table)
        }
        _ => Err(Declined("samples may be in another file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_letters_or_numbers() {
        let of = |code| language(code).map(Option::unwrap_or_default);
        assert_eq!(of(0x55c4).as_deref(), Ok("und"));
        assert_eq!(of(0x10b5).as_deref(), Ok("deu"));
        assert_eq!(of(1).as_deref(), Ok("fra"));
        assert_eq!(of(0x7fff).as_deref(), Ok(""));
        assert!(language(18).is_err() && language(0x3ff).is_err());
    }
}
