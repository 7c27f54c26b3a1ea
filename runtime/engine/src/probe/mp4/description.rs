//! Sample descriptions: which codec, and what its decoder is told beforehand (ISO/IEC 14496-12, 8.5.2 and 12).

use super::aac::Aac;
use super::avc::Avc;
use super::bytes::{Atoms, Bytes, Declined, Kind, Read, once, wanted};
use super::color::Color;

/// What a track holds.
#[derive(Debug)]
pub(super) enum Content {
    Picture(Box<Picture>),
    Sound(Aac),
    Text,
}

/// A picture by its description.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) avc: Avc,
    /// Whether packets may bring parameter sets of their own (ISO/IEC 14496-15, 5.3.3).
    pub(super) in_band_parameter_sets: bool,
    /// The container's word on colors, where decoders have none of the stream.
    pub(super) color: Color,
    /// The container's word on the shape of pixels.
    pub(super) sample_aspect: Option<(u32, u32)>,
    /// What decoders are given beforehand.
    pub(super) record: Vec<u8>,
    pub(super) width: u16,
    pub(super) height: u16,
}

/// What the one sample description is of (8.5.2).
pub(super) fn content(body: &[u8], handler: &Kind) -> Read<Content> {
    let mut bytes = Bytes::of(body);
    let (version, _) = bytes.full()?;
    let count = bytes.u32()?;
    let mut entries = Atoms::of(bytes.rest());
    let (0, 1, Some(Ok((format, body))), None) = (version, count, entries.next(), entries.next()) else {
        return Err(Declined("there is not one description of the samples"));
    };
    let mut bytes = Bytes::of(body);
    bytes.skip(6)?;
    if bytes.u16()? != 1 {
        return Err(Declined("samples may be in another file"));
    }
    match (handler, &format) {
        (b"vide", b"avc1" | b"avc3") => {
            picture(bytes, format == *b"avc3").map(|picture| Content::Picture(Box::new(picture)))
        }
        (b"soun", b"mp4a") => sound(bytes).map(Content::Sound),
        (b"sbtl" | b"text" | b"subt", b"tx3g" | b"text") => Ok(Content::Text),
        _ => Err(Declined(
            "it holds something other than H.264, AAC and timed text",
        )),
    }
}

/// A visual sample entry (12.1.3).
fn picture(mut bytes: Bytes<'_>, in_band_parameter_sets: bool) -> Read<Picture> {
    bytes.skip(16)?;
    let (width, height) = (bytes.u16()?, bytes.u16()?);
    bytes.skip(50)?;
    let (mut record, mut color, mut aspect) = (None, None, None);
    for atom in Atoms::of(bytes.rest()) {
        let (kind, body) = atom?;
        match &kind {
            b"avcC" => once(&mut record, body)?,
            b"colr" => once(&mut color, body)?,
            b"pasp" => once(&mut aspect, body)?,
            // One field a frame; FFmpeg looks at no more of it (QuickTime File Format, "Field handling").
            b"fiel" if body.first() == Some(&1) => {}
            b"btrt" | b"gama" | b"free" => {}
            _ => return Err(Declined("a picture's description holds an unknown box")),
        }
    }
    let record = wanted(record)?;
    let avc = Avc::of(record)?;
    if (avc.width, avc.height) != (u32::from(width), u32::from(height)) {
        return Err(Declined("a picture has two sizes"));
    }
    Ok(Picture {
        avc,
        in_band_parameter_sets,
        color: color.map_or(Ok(Color::default()), Color::of_box)?,
        sample_aspect: aspect.map(sample_aspect).transpose()?,
        record: record.to_vec(),
        width,
        height,
    })
}

/// Width of a pixel over its height (12.1.4).
fn sample_aspect(body: &[u8]) -> Read<(u32, u32)> {
    let mut bytes = Bytes::of(body);
    match (bytes.u32()?, bytes.u32()?) {
        (across @ 1..=32_767, down @ 1..=32_767) => Ok((across, down)),
        _ => Err(Declined("pixels are of an odd shape")),
    }
}

/// An audio sample entry (12.2.3), or QuickTime's of two more versions.
fn sound(mut bytes: Bytes<'_>) -> Read<Aac> {
    let version = bytes.u16()?;
    bytes.skip(18)?;
    match version {
        0 => {}
        1 => bytes.skip(16)?,
        2 => bytes.skip(36)?,
        _ => return Err(Declined("sound is described in an unknown version")),
    }
    let mut stream = None;
    for atom in Atoms::of(bytes.rest()) {
        let (kind, body) = atom?;
        match &kind {
            b"esds" => once(&mut stream, body)?,
            b"wave" => {
                for atom in Atoms::of(body) {
                    match atom? {
                        (kind, body) if kind == *b"esds" => once(&mut stream, body)?,
                        (kind, _) if matches!(&kind, b"frma" | b"mp4a" | b"\0\0\0\0") => {}
                        _ => return Err(Declined("a sound's description holds an unknown box")),
                    }
                }
            }
            // The layout of channels is as the decoder says.
            b"chan" | b"btrt" | b"free" => {}
            _ => return Err(Declined("a sound's description holds an unknown box")),
        }
    }
    Aac::of(wanted(stream)?)
}
