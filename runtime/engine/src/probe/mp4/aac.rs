//! The decoder configuration of an AAC stream (ISO/IEC 14496-1, 7.2.6; ISO/IEC 14496-3, 1.6.2).

use super::box_reader::{ByteReader, Parsed, Unsupported};

/// The facts about an AAC-LC stream that its AudioSpecificConfig states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct AacConfig {
    pub(super) sample_rate: u32,
    pub(super) channels: u16,
    /// FFmpeg's name of the channel layout.
    pub(super) layout: &'static str,
}

/// ISO/IEC 14496-3, table 1.18.
const SAMPLE_RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

/// FFmpeg's layouts of the channel configurations from 1 on (table 1.19). For those above 6, files and the standard
/// disagree.
const LAYOUTS: [(u16, &str); 6] = [
    (1, "mono"),
    (2, "stereo"),
    (3, "3.0"),
    (4, "4.0"),
    (5, "5.0"),
    (6, "5.1"),
];

/// Descriptor tags (ISO/IEC 14496-1, table 1).
const ES_DESCRIPTOR: u8 = 3;
const DECODER_CONFIG: u8 = 4;
const DECODER_SPECIFIC_INFO: u8 = 5;

impl AacConfig {
    /// Parses an `esds` box (ISO/IEC 14496-14, 5.6).
    pub(super) fn from_esds(body: &[u8]) -> Parsed<AacConfig> {
        let mut bytes = ByteReader::new(body);
        bytes.version_and_flags()?;
        let mut stream = read_descriptor(&mut bytes, ES_DESCRIPTOR)?;
        stream.skip(2)?;
        // Three flags for optional fields; the lower bits are the stream's priority.
        if stream.u8()? & 0xe0 != 0 {
            return Err(Unsupported("an audio stream depends on another one"));
        }
        let mut decoder = read_descriptor(&mut stream, DECODER_CONFIG)?;
        // Object type 0x40 is ISO/IEC 14496-3 audio (ISO/IEC 14496-1, table 5).
        if decoder.u8()? != 0x40 {
            return Err(Unsupported("an audio stream is not AAC"));
        }
        decoder.skip(12)?;
        AacConfig::from_audio_specific_config(read_descriptor(&mut decoder, DECODER_SPECIFIC_INFO)?.rest())
    }

    /// Parses an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1 and 4.4.1).
    fn from_audio_specific_config(config: &[u8]) -> Parsed<AacConfig> {
        let [first, second, rest @ ..] = config else {
            return Err(Unsupported("an AudioSpecificConfig is too short"));
        };
        let bits = u16::from_be_bytes([*first, *second]);
        let (object_type, rate, channels, flags) = (bits >> 11, (bits >> 7) & 15, (bits >> 3) & 15, bits & 7);
        // Object type 2 is AAC-LC. The flags announce frames of 960 samples, a core coder, and an extension.
        if object_type != 2 || flags != 0 {
            return Err(Unsupported("an audio stream is not plain AAC-LC"));
        }
        let rate = SAMPLE_RATES.get(usize::from(rate));
        let sample_rate = *rate.ok_or(Unsupported("audio has an unusual sample rate"))?;
        match rest {
            // Explicit signaling that spectral band replication is not used (1.6.6.2).
            [0x56, 0xe5, 0x00] => {}
            // It may be signaled implicitly, but no encoder does so at higher rates.
            [] if sample_rate > 24_000 => {}
            _ => return Err(Unsupported("audio may be HE-AAC")),
        }
        let layout = usize::from(channels)
            .checked_sub(1)
            .and_then(|index| LAYOUTS.get(index));
        let (channels, layout) = *layout.ok_or(Unsupported("audio has an unusual channel layout"))?;
        Ok(AacConfig {
            sample_rate,
            channels,
            layout,
        })
    }
}

/// Reads a descriptor with the given tag. Its size is in groups of seven bits (ISO/IEC 14496-1, 8.3.3).
fn read_descriptor<'a>(bytes: &mut ByteReader<'a>, tag: u8) -> Parsed<ByteReader<'a>> {
    if bytes.u8()? != tag {
        return Err(Unsupported("the descriptors of esds are in an unusual order"));
    }
    let mut size = 0;
    for _ in 0..4 {
        let byte = bytes.u8()?;
        size = size << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(ByteReader::new(bytes.take(size)?));
        }
    }
    Err(Unsupported("a descriptor is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_aac_lc_is_supported() {
        let parse = AacConfig::from_audio_specific_config;
        let stereo = AacConfig {
            sample_rate: 48_000,
            channels: 2,
            layout: "stereo",
        };
        assert_eq!(parse(&[0x11, 0x90]), Ok(stereo));
        assert_eq!(parse(&[0x11, 0x90, 0x56, 0xe5, 0x00]), Ok(stereo));
        let mono = parse(&[0x12, 0x08, 0x56, 0xe5, 0x00]).unwrap();
        assert_eq!((mono.sample_rate, mono.layout), (44_100, "mono"));
        for (config, kind) in [
            (&[0x11, 0x90, 0x56, 0xe5, 0x80][..], "SBR"),
            (&[0x13, 0x10], "a low rate without explicit signaling of SBR"),
            (&[0x2b, 0x11, 0x88, 0x00], "HE-AAC"),
            (&[0x11, 0x94], "frames of 960 samples"),
            (&[0x11, 0x80], "a program config element"),
            (&[0x17, 0x90], "an explicit sample rate"),
            (&[0x11, 0xb8], "eight channels"),
            (&[0x11], "truncated"),
        ] {
            assert!(parse(config).is_err(), "{kind}");
        }
    }

    #[test]
    fn descriptor_sizes_take_one_to_four_bytes() {
        let read =
            |bytes: &[u8]| read_descriptor(&mut ByteReader::new(bytes), 5).map(|bytes| bytes.rest().to_vec());
        assert_eq!(read(&[5, 0x80, 0x80, 0x80, 2, 1, 2, 3]), Ok(vec![1, 2]));
        assert_eq!(read(&[5, 1, 9]), Ok(vec![9]));
        assert!(read(&[5, 0xff, 0xff, 0xff, 0xff, 0]).is_err());
        assert!(read(&[5, 4, 1]).is_err());
        assert!(read(&[4, 1, 1]).is_err());
    }
}
