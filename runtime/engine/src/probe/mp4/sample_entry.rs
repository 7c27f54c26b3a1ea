//! Sample entries: the codec of a track and its decoder configuration (ISO/IEC 14496-12, 8.5.2 and 12).

use mp4_atom::{Audio, Avcc, Pasp, Visual};

use super::aac::AacConfig;
use super::avc::AvcConfig;
use super::box_reader::{Boxes, ByteReader, FourCc, Parsed, Unsupported, decode_body, required, set_once};
use super::color::ColorInfo;

/// The largest sample entry that is read, in bytes; those with an ICC profile take a few KiB.
const MAX_ENTRY_BYTES: usize = 256 << 10;

/// The sample entry of a track.
#[derive(Debug)]
pub(super) enum SampleEntry {
    Video(Box<VideoEntry>),
    Audio(AacConfig),
    Text,
}

/// A sample entry of H.264 video.
#[derive(Debug)]
pub(super) struct VideoEntry {
    pub(super) avc: AvcConfig,
    /// Whether samples may contain parameter sets (`avc3`; ISO/IEC 14496-15, 5.3.3).
    pub(super) in_band_parameter_sets: bool,
    /// Color information of the container, which counts where the stream has none.
    pub(super) color: ColorInfo,
    /// Sample aspect ratio of the container.
    pub(super) sample_aspect: Option<(u32, u32)>,
    /// The AVC decoder configuration record, FFmpeg's extradata.
    pub(super) extradata: Vec<u8>,
    pub(super) width: u16,
    pub(super) height: u16,
}

/// Parses a sample description box (8.5.2) with one entry. Also returns the bytes of that entry.
pub(super) fn parse_sample_description<'a>(
    body: &'a [u8],
    handler: &FourCc,
) -> Parsed<(SampleEntry, &'a [u8])> {
    let mut bytes = ByteReader::new(body);
    let (version, _) = bytes.version_and_flags()?;
    let count = bytes.u32()?;
    let entry_bytes = bytes.rest();
    let mut entries = Boxes::new(entry_bytes);
    let (0, 1, Some(Ok((format, body))), None) = (version, count, entries.next(), entries.next()) else {
        return Err(Unsupported("a track does not have exactly one sample entry"));
    };
    if entry_bytes.len() > MAX_ENTRY_BYTES {
        return Err(Unsupported("a sample entry is too large"));
    }
    let mut bytes = ByteReader::new(body);
    bytes.skip(6)?;
    if bytes.u16()? != 1 {
        return Err(Unsupported("samples may be in another file"));
    }
    let entry = match (handler, &format) {
        (b"vide", b"avc1" | b"avc3") => {
            SampleEntry::Video(Box::new(parse_video_entry(body, format == *b"avc3")?))
        }
        (b"soun", b"mp4a") => SampleEntry::Audio(parse_audio_entry(body)?),
        (b"sbtl" | b"text" | b"subt", b"tx3g" | b"text") => SampleEntry::Text,
        _ => {
            return Err(Unsupported("it has a track that is not H.264, AAC or timed text"));
        }
    };
    Ok((entry, entry_bytes))
}

/// Parses a visual sample entry (12.1.3).
fn parse_video_entry(body: &[u8], in_band_parameter_sets: bool) -> Parsed<VideoEntry> {
    let mut bytes = ByteReader::new(body);
    let visual: Visual = bytes.sample_entry()?;
    let (mut record, mut color, mut aspect) = (None, None, None);
    for child in Boxes::new(bytes.rest()) {
        let (box_type, body) = child?;
        match &box_type {
            b"avcC" => set_once(&mut record, body)?,
            b"colr" => set_once(&mut color, body)?,
            b"pasp" => set_once(&mut aspect, body)?,
            // Progressive; FFmpeg ignores the rest of it then (QuickTime File Format, "Field handling").
            b"fiel" if body.first() == Some(&1) => {}
            b"btrt" | b"gama" | b"free" => {}
            _ => return Err(Unsupported("a video sample entry has an unknown box")),
        }
    }
    let record = required(record)?;
    let avc = AvcConfig::from_record(&decode_body::<Avcc>(record)?)?;
    if (avc.width, avc.height) != (u32::from(visual.width), u32::from(visual.height)) {
        return Err(Unsupported("the sample entry and the SPS differ in frame size"));
    }
    Ok(VideoEntry {
        avc,
        in_band_parameter_sets,
        color: color.map_or(Ok(ColorInfo::default()), ColorInfo::from_colr)?,
        sample_aspect: aspect.map(parse_sample_aspect).transpose()?,
        extradata: record.to_vec(),
        width: visual.width,
        height: visual.height,
    })
}

/// Parses a pixel aspect ratio box (12.1.4): the width of a pixel over its height.
fn parse_sample_aspect(body: &[u8]) -> Parsed<(u32, u32)> {
    let aspect: Pasp = decode_body(body)?;
    match (aspect.h_spacing, aspect.v_spacing) {
        (horizontal @ 1..=32_767, vertical @ 1..=32_767) => Ok((horizontal, vertical)),
        _ => Err(Unsupported("a sample aspect ratio is out of range")),
    }
}

/// Parses an audio sample entry (12.2.3), or QuickTime's versions 1 and 2 of it.
fn parse_audio_entry(body: &[u8]) -> Parsed<AacConfig> {
    let mut bytes = ByteReader::new(body);
    bytes.sample_entry::<Audio>()?;
    let mut descriptor = None;
    for child in Boxes::new(bytes.rest()) {
        let (box_type, body) = child?;
        match &box_type {
            b"esds" => set_once(&mut descriptor, body)?,
            b"wave" => {
                for child in Boxes::new(body) {
                    match child? {
                        (box_type, body) if box_type == *b"esds" => set_once(&mut descriptor, body)?,
                        (box_type, _) if matches!(&box_type, b"frma" | b"mp4a" | b"\0\0\0\0") => {}
                        _ => return Err(Unsupported("an audio sample entry has an unknown box")),
                    }
                }
            }
            // The channel layout is that of the AudioSpecificConfig.
            b"chan" | b"btrt" | b"free" => {}
            _ => return Err(Unsupported("an audio sample entry has an unknown box")),
        }
    }
    AacConfig::from_esds(required(descriptor)?)
}
