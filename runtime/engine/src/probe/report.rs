//! ffprobe's report of a file, under ffprobe's names.

use std::collections::BTreeMap;

use serde::Deserialize;
use vidc_compiler::time::{Rational, Time};

/// How many packets of all streams together are read while probing.
pub(super) const FIRST_PACKETS: usize = 600;

/// A report of a file.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Report {
    #[serde(default)]
    pub(super) packets: Vec<Packet>,
    #[serde(default)]
    pub(super) streams: Vec<RawStream>,
    pub(super) format: Format,
}

impl Report {
    /// The stream with the given index in the file.
    pub(super) fn stream(&self, index: u32) -> Option<&RawStream> {
        self.streams.iter().find(|stream| stream.index == index)
    }
}

/// ffprobe's `format` section: facts about the whole file.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Format {
    pub(super) format_name: String,
    pub(super) start_time: Option<String>,
    pub(super) duration: Option<String>,
    #[serde(default)]
    pub(super) tags: Tags,
}

/// Metadata tags. The case of their names depends on the container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Tags(BTreeMap<String, String>);

/// One packet, with times in ticks of the stream's time base.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Packet {
    #[serde(default)]
    pub(super) stream_index: u32,
    pub(super) pts: Option<i64>,
    pub(super) dts: Option<i64>,
    pub(super) duration: Option<i64>,
    #[serde(default)]
    pub(super) flags: PacketFlags,
}

/// The flags of a packet; ffprobe writes one letter for each.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(from = "String")]
pub(super) struct PacketFlags {
    /// Decoding can begin with it (`K`).
    pub(super) keyframe: bool,
    /// It is decoded because others need it, but not presented (`D`).
    pub(super) discard: bool,
}

impl From<String> for PacketFlags {
    fn from(letters: String) -> PacketFlags {
        PacketFlags {
            keyframe: letters.contains('K'),
            discard: letters.contains('D'),
        }
    }
}

/// ffprobe's `stream` section.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct RawStream {
    pub(super) index: u32,
    pub(super) codec_name: Option<String>,
    pub(super) codec_type: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) level: Option<i32>,
    #[serde(default)]
    pub(super) width: u32,
    #[serde(default)]
    pub(super) height: u32,
    pub(super) sample_aspect_ratio: Option<String>,
    pub(super) pix_fmt: Option<String>,
    pub(super) field_order: Option<String>,
    pub(super) color_range: Option<String>,
    pub(super) color_space: Option<String>,
    pub(super) color_transfer: Option<String>,
    pub(super) color_primaries: Option<String>,
    pub(super) r_frame_rate: Option<String>,
    pub(super) avg_frame_rate: Option<String>,
    pub(super) time_base: Option<String>,
    pub(super) start_pts: Option<i64>,
    pub(super) duration_ts: Option<i64>,
    pub(super) bit_rate: Option<String>,
    pub(super) nb_frames: Option<String>,
    pub(super) sample_fmt: Option<String>,
    pub(super) sample_rate: Option<String>,
    #[serde(default)]
    pub(super) channels: u16,
    pub(super) channel_layout: Option<String>,
    pub(super) extradata_hash: Option<String>,
    #[serde(default)]
    pub(super) disposition: Disposition,
    #[serde(default)]
    pub(super) tags: Tags,
    #[serde(default)]
    pub(super) side_data_list: Vec<SideData>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Disposition {
    #[serde(default)]
    pub(super) default: u8,
    #[serde(default)]
    pub(super) attached_pic: u8,
    #[serde(default)]
    pub(super) still_image: u8,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct SideData {
    pub(super) rotation: Option<f64>,
    /// A dump of a 3×3 matrix, one row per line, each after an offset and a colon.
    pub(super) displaymatrix: Option<String>,
}

impl Tags {
    pub(super) fn from_pairs<const N: usize>(pairs: [(&str, &str); N]) -> Tags {
        let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        Tags(pairs.into_iter().map(owned).collect())
    }

    /// The value of a tag, ignoring case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The value of the first tag whose name begins with `prefix`, ignoring case: Matroska's `DURATION` and
    /// `DURATION-eng`.
    pub(super) fn get_by_prefix(&self, prefix: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| {
                key.get(..prefix.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
            })
            .map(|(_, value)| value.as_str())
    }
}

impl Format {
    /// Whether the file is a single image: FFmpeg reads those with `image2` or a `…_pipe` demuxer, and AVIF and HEIF with
    /// that of MP4.
    pub(super) fn is_still_image(&self) -> bool {
        let brand = self.tags.get("major_brand").unwrap_or_default();
        self.format_name == "image2"
            || self.format_name.ends_with("_pipe")
            || matches!(brand, "avif" | "heic" | "heix" | "mif1")
    }

    pub(super) fn start(&self) -> Option<Time> {
        self.start_time.as_deref().and_then(Time::parse_decimal)
    }

    pub(super) fn duration(&self) -> Option<Time> {
        self.duration
            .as_deref()
            .and_then(Time::parse_decimal)
            .filter(|duration| duration.is_positive())
    }
}

impl Packet {
    /// Whether decoding can begin with it.
    pub(super) fn is_keyframe(&self) -> bool {
        self.flags.keyframe
    }

    #[cfg(test)]
    pub(super) fn new(pts: i64, dts: i64, keyframe: bool) -> Packet {
        Packet {
            stream_index: 0,
            pts: Some(pts),
            dts: Some(dts),
            duration: None,
            flags: PacketFlags {
                keyframe,
                discard: false,
            },
        }
    }

    /// Its PTS, or its DTS if the container has no PTS (AVI); `None` if it is not presented.
    pub(super) fn presented_at(&self) -> Option<i64> {
        match self.flags.discard {
            true => None,
            false => self.pts.or(self.dts),
        }
    }
}

impl RawStream {
    /// Seconds per tick.
    pub(super) fn time_base(&self) -> Option<Rational> {
        self.time_base.as_deref().and_then(|text| parse_ratio(text, '/'))
    }

    /// Converts ticks to time.
    pub(super) fn ticks_to_time(&self, ticks: i64) -> Option<Time> {
        Some(Time::new(self.time_base()?) * ticks)
    }

    pub(super) fn start(&self) -> Option<Time> {
        self.ticks_to_time(self.start_pts?)
    }

    pub(super) fn duration(&self) -> Option<Time> {
        self.ticks_to_time(self.duration_ts?)
            .filter(|duration| duration.is_positive())
    }

    /// FFmpeg's estimate of the lowest frame rate that all timestamps fit.
    pub(super) fn base_frame_rate(&self) -> Option<Rational> {
        self.r_frame_rate
            .as_deref()
            .and_then(|text| parse_ratio(text, '/'))
    }

    pub(super) fn average_frame_rate(&self) -> Option<Rational> {
        self.avg_frame_rate
            .as_deref()
            .and_then(|text| parse_ratio(text, '/'))
    }

    pub(super) fn sample_aspect(&self) -> Option<Rational> {
        self.sample_aspect_ratio
            .as_deref()
            .and_then(|text| parse_ratio(text, ':'))
    }

    pub(super) fn bit_rate(&self) -> Option<u64> {
        let text = self
            .bit_rate
            .as_deref()
            .or_else(|| self.tags.get_by_prefix("BPS"));
        text.and_then(|text| text.parse().ok())
    }

    pub(super) fn frame_count(&self) -> Option<u64> {
        let text = self
            .nb_frames
            .as_deref()
            .or_else(|| self.tags.get_by_prefix("NUMBER_OF_FRAMES"));
        text.and_then(|text| text.parse().ok())
            .filter(|frames| *frames > 0)
    }

    pub(super) fn sample_rate(&self) -> Option<u32> {
        self.sample_rate
            .as_deref()
            .and_then(|text| text.parse().ok())
            .filter(|rate| *rate > 0)
    }

    /// Whether the display matrix mirrors the video.
    pub(super) fn is_mirrored(&self) -> bool {
        let matrix = self
            .side_data_list
            .iter()
            .find_map(|data| data.displaymatrix.as_deref());
        let rows = matrix.into_iter().flat_map(str::lines);
        let numbers: Vec<i64> = rows
            .filter_map(|row| row.split_once(':'))
            .flat_map(|(_, numbers)| numbers.split_whitespace())
            .filter_map(|number| number.parse().ok())
            .collect();
        match numbers[..] {
            [a, b, _, c, d, ..] => i128::from(a) * i128::from(d) < i128::from(b) * i128::from(c),
            _ => false,
        }
    }

    /// The clockwise rotation in degrees: by the display matrix (which ffprobe reports counterclockwise), or by the older
    /// `rotate` tag.
    pub(super) fn rotation(&self) -> f64 {
        let matrix = self
            .side_data_list
            .iter()
            .find_map(|data| data.rotation)
            .map(|degrees| -degrees);
        let tag = || self.tags.get("rotate").and_then(|text| text.parse().ok());
        matrix
            .or_else(tag)
            .filter(|degrees: &f64| degrees.is_finite())
            .unwrap_or(0.0)
    }
}

/// Parses a positive ratio; `None` for `0/0`, `N/A` and the like.
fn parse_ratio(text: &str, separator: char) -> Option<Rational> {
    let (numer, denom) = text.split_once(separator)?;
    let (numer, denom): (i64, i64) = (numer.parse().ok()?, denom.parse().ok()?);
    (numer > 0 && denom > 0).then(|| Rational::new(numer, denom))
}
