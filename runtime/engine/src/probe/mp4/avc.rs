//! What decoders are told of an H.264 picture beforehand (ISO/IEC 14496-15, 5.3.3; ITU-T H.264, 7.4.2.1 and annex E).

use h264_reader::nal::sps::{ChromaFormat, ConstraintFlags, FrameMbsFlags, SeqParameterSet};
use h264_reader::rbsp::{BitReader, decode_nal};

use super::bytes::{Bytes, Declined, Read};
use super::color::Color;

/// A picture as its sequence parameter set describes it.
#[derive(Debug, PartialEq)]
pub(super) struct Avc {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) profile: &'static str,
    pub(super) level: i32,
    /// `yuv420p` and the like, of a limited range.
    chroma: &'static str,
    depth: u8,
    /// Width of a pixel over its height.
    pub(super) sample_aspect: Option<(u16, u16)>,
    pub(super) color: Color,
    /// How many bytes tell the length of what follows them in a packet.
    pub(super) length_size: u8,
}

impl Avc {
    /// Of an `avcC` box, if there is one sequence parameter set, so that no packet can choose another.
    pub(super) fn of(record: &[u8]) -> Read<Avc> {
        let mut bytes = Bytes::of(record);
        if bytes.u8()? != 1 {
            return Err(Declined("an avcC box is of an unknown version"));
        }
        bytes.skip(3)?;
        let length_size = (bytes.u8()? & 3) + 1;
        if bytes.u8()? & 31 != 1 {
            return Err(Declined("there is not one sequence parameter set"));
        }
        let length = usize::from(bytes.u16()?);
        let unit = bytes.take(length)?;
        let pictures = bytes.u8()?;
        for _ in 0..pictures {
            let length = usize::from(bytes.u16()?);
            bytes.skip(length)?;
        }
        if pictures == 0 {
            return Err(Declined("there is no parameter set"));
        }
        Avc::of_set(unit, length_size)
    }

    /// Of a sequence parameter set.
    pub(super) fn of_set(unit: &[u8], length_size: u8) -> Read<Avc> {
        // Type 7 (7.4.1).
        if unit.first().is_none_or(|head| head & 0x9f != 7) {
            return Err(Declined("there is no parameter set"));
        }
        let unreadable = Declined("a sequence parameter set cannot be read");
        let unit = decode_nal(unit).map_err(|_| unreadable)?;
        let set = SeqParameterSet::from_bits(BitReader::new(&*unit)).map_err(|_| unreadable)?;
        Avc::described(&set, length_size)
    }

    fn described(set: &SeqParameterSet, length_size: u8) -> Read<Avc> {
        if set.frame_mbs_flags != FrameMbsFlags::Frames {
            return Err(Declined("a picture may be interlaced"));
        }
        let chroma = match set.chroma_info.chroma_format {
            ChromaFormat::YUV420 => "420p",
            ChromaFormat::YUV422 => "422p",
            ChromaFormat::YUV444 if !set.chroma_info.separate_colour_plane_flag => "444p",
            _ => return Err(Declined("a picture has unusual colors")),
        };
        let depth = set.chroma_info.bit_depth_luma_minus8;
        if depth != set.chroma_info.bit_depth_chroma_minus8 || !matches!(depth, 0 | 2) {
            return Err(Declined("a picture has an unusual depth"));
        }
        let size = set.pixel_dimensions().ok();
        let (width, height) = size.ok_or(Declined("a picture has no size"))?;
        let vui = set.vui_parameters.as_ref();
        let signal = vui.and_then(|vui| vui.video_signal_type.as_ref());
        let description = signal.and_then(|signal| signal.colour_description.as_ref());
        let color = Color {
            full: signal.map(|signal| signal.video_full_range_flag),
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
        if sample_aspect.is_some_and(|(across, down)| !sensible(width, height, across, down)) {
            return Err(Declined("pixels are of an odd shape"));
        }
        Ok(Avc {
            width,
            height,
            profile: profile(u8::from(set.profile_idc), set.constraint_flags)?,
            level: i32::from(set.level_idc),
            chroma,
            depth: depth + 8,
            sample_aspect,
            color,
            length_size,
        })
    }

    /// FFmpeg's name of the pixel format: of eight bits, those of the full range have a `j`.
    pub(super) fn pixel_format(&self, full: bool) -> String {
        match (self.depth, full) {
            (8, true) => format!("yuvj{}", self.chroma),
            (8, false) => format!("yuv{}", self.chroma),
            (depth, _) => format!("yuv{}{depth}le", self.chroma),
        }
    }
}

/// FFmpeg does not believe a shape of pixels by which nothing would be left of the picture.
fn sensible(width: u32, height: u32, across: u16, down: u16) -> bool {
    let (across, down) = (u64::from(across), u64::from(down));
    match across < down {
        true => u64::from(width) * across / down > 0,
        false => u64::from(height) * down / across > 0,
    }
}

/// FFmpeg's name of a profile.
fn profile(number: u8, constraints: ConstraintFlags) -> Read<&'static str> {
    Ok(match (number, constraints.flag1(), constraints.flag3()) {
        (66, true, _) => "Constrained Baseline",
        (66, false, _) => "Baseline",
        (77, ..) => "Main",
        (100, ..) => "High",
        (110, _, false) => "High 10",
        (110, _, true) => "High 10 Intra",
        (122, _, false) => "High 4:2:2",
        (122, _, true) => "High 4:2:2 Intra",
        (244, _, false) => "High 4:4:4 Predictive",
        _ => return Err(Declined("a picture has an unusual profile")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x264 of 320×240 pixels of 4:3 in the High profile, as FFmpeg stores it.
    const RECORD: &[u8] = &[
        1, 100, 0, 13, 255, 225, 0, 25, 103, 100, 0, 13, 172, 217, 65, 65, 251, 14, 16, 0, 0, 3, 0, 16, 0, 0,
        3, 3, 192, 241, 66, 153, 96, 1, 0, 6, 104, 235, 227, 203, 34, 192, 253, 248, 248, 0,
    ];

    #[test]
    fn a_record_of_a_plain_picture() {
        let avc = Avc::of(RECORD).unwrap();
        assert_eq!((avc.width, avc.height), (320, 240));
        assert_eq!((avc.profile, avc.level), ("High", 13));
        assert_eq!(avc.sample_aspect, Some((4, 3)));
        assert_eq!(avc.pixel_format(false), "yuv420p");
        assert_eq!(avc.pixel_format(true), "yuvj420p");
    }

    #[test]
    fn a_record_that_leaves_a_choice_is_declined() {
        for (place, byte) in [(0, 2), (5, 226), (5, 224), (8, 104), (9, 83)] {
            let mut record = RECORD.to_vec();
            record[place] = byte;
            assert!(Avc::of(&record).is_err(), "{place}");
        }
    }

    #[test]
    fn a_short_record_is_declined_at_every_length() {
        // Behind the parameter sets, the color format is said once more.
        for length in 0..RECORD.len() - 4 {
            assert!(Avc::of(&RECORD[..length]).is_err(), "{length}");
        }
    }
}
