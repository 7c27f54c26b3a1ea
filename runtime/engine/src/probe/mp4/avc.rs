//! The decoder configuration of an H.264 stream (ISO/IEC 14496-15, 5.3.3; ITU-T H.264, 7.4.2.1 and annex E).

use h264_reader::nal::sps::{ChromaFormat, ConstraintFlags, FrameMbsFlags, SeqParameterSet};
use h264_reader::rbsp::{BitReader, decode_nal};
use mp4_atom::Avcc;

use super::box_reader::{Parsed, Unsupported};
use super::color::ColorInfo;

/// The facts about an H.264 stream that its SPS states.
#[derive(Debug, PartialEq)]
pub(super) struct AvcConfig {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) profile: &'static str,
    pub(super) level: i32,
    /// Chroma subsampling as in FFmpeg's pixel formats: `420p`, `422p` or `444p`.
    chroma: &'static str,
    bit_depth: u8,
    /// Width of a pixel over its height.
    pub(super) sample_aspect: Option<(u16, u16)>,
    pub(super) color: ColorInfo,
    /// The size in bytes of the length field before each NAL unit of a sample.
    pub(super) length_size: u8,
}

impl AvcConfig {
    /// Reads a decoder configuration record with exactly one SPS, so that no sample can select another.
    pub(super) fn from_record(record: &Avcc) -> Parsed<AvcConfig> {
        let [sps] = record.sequence_parameter_sets.as_slice() else {
            return Err(Unsupported("an avcC box does not have exactly one SPS"));
        };
        if record.picture_parameter_sets.is_empty() {
            return Err(Unsupported("an avcC box has no PPS"));
        }
        AvcConfig::from_sps(sps, record.length_size)
    }

    /// Reads a sequence parameter set NAL unit.
    pub(super) fn from_sps(nal_unit: &[u8], length_size: u8) -> Parsed<AvcConfig> {
        // NAL unit type 7 (7.4.1).
        if nal_unit.first().is_none_or(|header| header & 0x9f != 7) {
            return Err(Unsupported("an SPS has another NAL unit type"));
        }
        let invalid = Unsupported("an SPS cannot be parsed");
        let rbsp = decode_nal(nal_unit).map_err(|_| invalid)?;
        let sps = SeqParameterSet::from_bits(BitReader::new(&*rbsp)).map_err(|_| invalid)?;
        AvcConfig::from_parsed_sps(&sps, length_size)
    }

    fn from_parsed_sps(sps: &SeqParameterSet, length_size: u8) -> Parsed<AvcConfig> {
        if sps.frame_mbs_flags != FrameMbsFlags::Frames {
            return Err(Unsupported("video may be interlaced"));
        }
        let chroma = match sps.chroma_info.chroma_format {
            ChromaFormat::YUV420 => "420p",
            ChromaFormat::YUV422 => "422p",
            ChromaFormat::YUV444 if !sps.chroma_info.separate_colour_plane_flag => "444p",
            _ => return Err(Unsupported("video has an unusual chroma format")),
        };
        let bit_depth = sps.chroma_info.bit_depth_luma_minus8;
        if bit_depth != sps.chroma_info.bit_depth_chroma_minus8 || !matches!(bit_depth, 0 | 2) {
            return Err(Unsupported("video has an unusual bit depth"));
        }
        let size = sps.pixel_dimensions().ok();
        let (width, height) = size.ok_or(Unsupported("an SPS has no valid frame size"))?;
        let vui = sps.vui_parameters.as_ref();
        let signal = vui.and_then(|vui| vui.video_signal_type.as_ref());
        let description = signal.and_then(|signal| signal.colour_description.as_ref());
        let color = ColorInfo {
            full_range: signal.map(|signal| signal.video_full_range_flag),
            description: description.map(|description| {
                [
                    description.colour_primaries,
                    description.transfer_characteristics,
                    description.matrix_coefficients,
                ]
            }),
        };
        let aspect = vui.and_then(|vui| vui.aspect_ratio_info.as_ref());
        let sample_aspect = aspect.and_then(|aspect| aspect.get());
        if sample_aspect
            .is_some_and(|(horizontal, vertical)| !is_plausible_aspect(width, height, horizontal, vertical))
        {
            return Err(Unsupported("a sample aspect ratio is out of range"));
        }
        Ok(AvcConfig {
            width,
            height,
            profile: profile_name(u8::from(sps.profile_idc), sps.constraint_flags)?,
            level: i32::from(sps.level_idc),
            chroma,
            bit_depth: bit_depth + 8,
            sample_aspect,
            color,
            length_size,
        })
    }

    /// FFmpeg's name of the pixel format; 8-bit formats of full range have a `j`.
    pub(super) fn pixel_format(&self, full_range: bool) -> String {
        match (self.bit_depth, full_range) {
            (8, true) => format!("yuvj{}", self.chroma),
            (8, false) => format!("yuv{}", self.chroma),
            (depth, _) => format!("yuv{}{depth}le", self.chroma),
        }
    }
}

/// Whether FFmpeg accepts a sample aspect ratio: it ignores those that would scale a dimension to zero.
fn is_plausible_aspect(width: u32, height: u32, horizontal: u16, vertical: u16) -> bool {
    let (horizontal, vertical) = (u64::from(horizontal), u64::from(vertical));
    match horizontal < vertical {
        true => u64::from(width) * horizontal / vertical > 0,
        false => u64::from(height) * vertical / horizontal > 0,
    }
}

/// FFmpeg's name of a profile.
fn profile_name(profile_idc: u8, constraints: ConstraintFlags) -> Parsed<&'static str> {
    Ok(match (profile_idc, constraints.flag1(), constraints.flag3()) {
        (66, true, _) => "Constrained Baseline",
        (66, false, _) => "Baseline",
        (77, ..) => "Main",
        (100, ..) => "High",
        (110, _, false) => "High 10",
        (110, _, true) => "High 10 Intra",
        (122, _, false) => "High 4:2:2",
        (122, _, true) => "High 4:2:2 Intra",
        (244, _, false) => "High 4:4:4 Predictive",
        _ => return Err(Unsupported("video has an unusual profile")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::mp4::box_reader::decode_body;

    /// The record that FFmpeg stores for x264 video of 320×240 pixels, sample aspect ratio 4:3, High profile.
    const RECORD: &[u8] = &[
        1, 100, 0, 13, 255, 225, 0, 25, 103, 100, 0, 13, 172, 217, 65, 65, 251, 14, 16, 0, 0, 3, 0, 16, 0, 0,
        3, 3, 192, 241, 66, 153, 96, 1, 0, 6, 104, 235, 227, 203, 34, 192, 253, 248, 248, 0,
    ];

    fn parse(record: &[u8]) -> Parsed<AvcConfig> {
        AvcConfig::from_record(&decode_body(record)?)
    }

    #[test]
    fn a_record_of_x264_is_parsed() {
        let avc = parse(RECORD).unwrap();
        assert_eq!((avc.width, avc.height), (320, 240));
        assert_eq!((avc.profile, avc.level), ("High", 13));
        assert_eq!(avc.sample_aspect, Some((4, 3)));
        assert_eq!(avc.pixel_format(false), "yuv420p");
        assert_eq!(avc.pixel_format(true), "yuvj420p");
    }

    #[test]
    fn records_without_exactly_one_valid_sps_are_unsupported() {
        for (offset, byte) in [(0, 2), (5, 226), (5, 224), (8, 104), (9, 83)] {
            let mut record = RECORD.to_vec();
            record[offset] = byte;
            assert!(parse(&record).is_err(), "{offset}");
        }
    }

    #[test]
    fn truncated_records_are_unsupported_at_every_length() {
        // The last four bytes are the optional chroma format and bit depths.
        for length in 0..RECORD.len() - 4 {
            assert!(parse(&RECORD[..length]).is_err(), "{length}");
        }
    }
}
