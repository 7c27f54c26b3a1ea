//! What decoders are told of AAC sound beforehand (ISO/IEC 14496-1, 7.2.6; ISO/IEC 14496-3, 1.6.2).

use super::bytes::{Bytes, Declined, Read};

/// Sound in AAC-LC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Aac {
    pub(super) sample_rate: u32,
    pub(super) channels: u16,
    /// FFmpeg's name of the layout.
    pub(super) layout: &'static str,
}

/// ISO/IEC 14496-3, table 1.18.
const RATES: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];

/// FFmpeg's layouts of the channel configurations from 1 on (table 1.19). Above 6, what a file says and what it means
/// differ.
const LAYOUTS: [(u16, &str); 6] = [
    (1, "mono"),
    (2, "stereo"),
    (3, "3.0"),
    (4, "4.0"),
    (5, "5.0"),
    (6, "5.1"),
];

impl Aac {
    /// Of an `esds` box (ISO/IEC 14496-14, 5.6).
    pub(super) fn of(body: &[u8]) -> Read<Aac> {
        let mut bytes = Bytes::of(body);
        bytes.full()?;
        let mut stream = descriptor(&mut bytes, 3)?;
        stream.skip(2)?;
        // Flags for fields that would follow; the lower bits are a priority.
        if stream.u8()? & 0xe0 != 0 {
            return Err(Declined("sound depends on something else"));
        }
        let mut decoder = descriptor(&mut stream, 4)?;
        // Table 5 of ISO/IEC 14496-1: ISO/IEC 14496-3.
        if decoder.u8()? != 0x40 {
            return Err(Declined("sound is not AAC"));
        }
        decoder.skip(12)?;
        Aac::configured(descriptor(&mut decoder, 5)?.rest())
    }

    /// By an `AudioSpecificConfig` (ISO/IEC 14496-3, 1.6.2.1 and 4.4.1).
    fn configured(config: &[u8]) -> Read<Aac> {
        let [first, second, rest @ ..] = config else {
            return Err(Declined("sound is not described"));
        };
        let bits = u16::from_be_bytes([*first, *second]);
        let (kind, rate, channels, flags) = (bits >> 11, (bits >> 7) & 15, (bits >> 3) & 15, bits & 7);
        // Two is AAC-LC. The flags stand for frames of 960 samples, a core coder, and an extension.
        if kind != 2 || flags != 0 {
            return Err(Declined("sound is not plain AAC-LC"));
        }
        let rate = RATES.get(usize::from(rate));
        let sample_rate = *rate.ok_or(Declined("sound has an unusual rate"))?;
        match rest {
            // That spectral band replication is not used (1.6.6.2).
            [0x56, 0xe5, 0x00] => {}
            // It may be used unsaid; at higher rates, nobody does.
            [] if sample_rate > 24_000 => {}
            _ => return Err(Declined("sound may have more than AAC-LC")),
        }
        let layout = usize::from(channels)
            .checked_sub(1)
            .and_then(|index| LAYOUTS.get(index));
        let (channels, layout) = *layout.ok_or(Declined("sound has an unusual layout"))?;
        Ok(Aac {
            sample_rate,
            channels,
            layout,
        })
    }
}

/// What is in a descriptor of a kind; its size is written in groups of seven bits (ISO/IEC 14496-1, 8.3.3).
fn descriptor<'a>(bytes: &mut Bytes<'a>, kind: u8) -> Read<Bytes<'a>> {
    if bytes.u8()? != kind {
        return Err(Declined("sound is described in an unusual order"));
    }
    let mut size = 0;
    for _ in 0..4 {
        let byte = bytes.u8()?;
        size = size << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(Bytes::of(bytes.take(size)?));
        }
    }
    Err(Declined("a descriptor is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_and_what_is_not() {
        let stereo = Aac {
            sample_rate: 48_000,
            channels: 2,
            layout: "stereo",
        };
        assert_eq!(Aac::configured(&[0x11, 0x90]), Ok(stereo));
        assert_eq!(Aac::configured(&[0x11, 0x90, 0x56, 0xe5, 0x00]), Ok(stereo));
        let mono = Aac::configured(&[0x12, 0x08, 0x56, 0xe5, 0x00]).unwrap();
        assert_eq!((mono.sample_rate, mono.layout), (44_100, "mono"));
        for (config, what) in [
            (&[0x11, 0x90, 0x56, 0xe5, 0x80][..], "SBR"),
            (&[0x13, 0x10], "a low rate that says nothing of SBR"),
            (&[0x2b, 0x11, 0x88, 0x00], "HE-AAC"),
            (&[0x11, 0x94], "960 samples"),
            (&[0x11, 0x80], "a layout of its own"),
            (&[0x17, 0x90], "a rate of its own"),
            (&[0x11, 0xb8], "eight channels"),
            (&[0x11], "half of it"),
        ] {
            assert!(Aac::configured(config).is_err(), "{what}");
        }
    }

    #[test]
    fn sizes_of_descriptors() {
        let read = |bytes: &[u8]| descriptor(&mut Bytes::of(bytes), 5).map(|bytes| bytes.rest().to_vec());
        assert_eq!(read(&[5, 0x80, 0x80, 0x80, 2, 1, 2, 3]), Ok(vec![1, 2]));
        assert_eq!(read(&[5, 1, 9]), Ok(vec![9]));
        assert!(read(&[5, 0xff, 0xff, 0xff, 0xff, 0]).is_err());
        assert!(read(&[5, 4, 1]).is_err());
        assert!(read(&[4, 1, 1]).is_err());
    }
}
