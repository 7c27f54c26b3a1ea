//! Running ffprobe, and its report as it writes it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use vidc_compiler::facts::Problem;
use vidc_compiler::time::{Rational, Time};

use super::reasons;
use crate::ffmpeg::{Tools, command, short};

/// How many packets, of all streams together, the first look takes in.
pub(super) const FIRST_PACKETS: usize = 600;

/// How long ffprobe may take for one file.
const LIMIT: Duration = Duration::from_secs(20);

/// The demuxers that media is read with. Left out are those that open other files or devices (playlists, `concat`,
/// `lavfi`), and those that take any text for a picture (`tty`).
const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,mxf,nut,ivf,dv,rm,\
    h264,hevc,m4v,mjpeg,obu,av1,yuv4mpegpipe,wav,w64,aiff,caf,au,mp3,aac,ac3,eac3,dts,flac,ape,tta,wv,amr,amrnb,amrwb,\
    gif,apng,image2,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,jpegxl_pipe,jpegxl_anim";

/// What of ffprobe's knowledge is asked for.
const ENTRIES: &str = "format=format_name,start_time,duration:format_tags:\
    stream=index,codec_name,codec_type,profile,level,width,height,sample_aspect_ratio,pix_fmt,field_order,\
    color_range,color_space,color_transfer,color_primaries,r_frame_rate,avg_frame_rate,time_base,start_pts,\
    duration_ts,bit_rate,nb_frames,extradata_hash,sample_fmt,sample_rate,channels,channel_layout:\
    stream_disposition=default,attached_pic,still_image:stream_tags:stream_side_data=rotation:\
    packet=stream_index,pts,dts,duration,flags";

/// ffprobe's report of a file.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    #[serde(default)]
    pub(super) packets: Vec<Packet>,
    #[serde(default)]
    pub(super) streams: Vec<RawStream>,
    pub(super) format: Format,
}

/// Of the whole file.
#[derive(Debug, Deserialize)]
pub(super) struct Format {
    pub(super) format_name: String,
    start_time: Option<String>,
    duration: Option<String>,
    #[serde(default)]
    pub(super) tags: Tags,
}

/// Metadata; the case of keys depends on the container.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Tags(BTreeMap<String, String>);

/// One packet; times in ticks of the stream's time base.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Packet {
    #[serde(default)]
    pub(super) stream_index: u32,
    pub(super) pts: Option<i64>,
    pub(super) dts: Option<i64>,
    pub(super) duration: Option<i64>,
    #[serde(default)]
    flags: String,
}

/// One stream.
#[derive(Debug, Deserialize)]
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
    sample_aspect_ratio: Option<String>,
    pub(super) pix_fmt: Option<String>,
    pub(super) field_order: Option<String>,
    pub(super) color_range: Option<String>,
    pub(super) color_space: Option<String>,
    pub(super) color_transfer: Option<String>,
    pub(super) color_primaries: Option<String>,
    r_frame_rate: Option<String>,
    avg_frame_rate: Option<String>,
    time_base: Option<String>,
    start_pts: Option<i64>,
    duration_ts: Option<i64>,
    bit_rate: Option<String>,
    nb_frames: Option<String>,
    pub(super) sample_fmt: Option<String>,
    sample_rate: Option<String>,
    #[serde(default)]
    pub(super) channels: u16,
    pub(super) channel_layout: Option<String>,
    pub(super) extradata_hash: Option<String>,
    #[serde(default)]
    pub(super) disposition: Disposition,
    #[serde(default)]
    pub(super) tags: Tags,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Disposition {
    #[serde(default)]
    pub(super) default: u8,
    #[serde(default)]
    pub(super) attached_pic: u8,
    #[serde(default)]
    pub(super) still_image: u8,
}

#[derive(Debug, Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

impl Tags {
    /// The value of a tag, letter case aside.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The value of the first tag whose name begins so, letter case aside: Matroska's `DURATION` and `DURATION-eng`.
    pub(super) fn beginning(&self, prefix: &str) -> Option<&str> {
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
    pub(super) fn is_key(&self) -> bool {
        self.flags.contains('K')
    }

    #[cfg(test)]
    pub(super) fn new(pts: i64, dts: i64, key: bool) -> Packet {
        Packet {
            stream_index: 0,
            pts: Some(pts),
            dts: Some(dts),
            duration: None,
            flags: if key { "K_" } else { "__" }.to_owned(),
        }
    }

    /// Its presentation time, or where the container keeps none (AVI) its decoding time; none if the file says that
    /// it is not shown.
    pub(super) fn time(&self) -> Option<i64> {
        match self.flags.contains('D') {
            true => None,
            false => self.pts.or(self.dts),
        }
    }
}

impl RawStream {
    /// Seconds a tick.
    pub(super) fn time_base(&self) -> Option<Rational> {
        self.time_base.as_deref().and_then(|text| ratio(text, '/'))
    }

    /// A number of ticks as time.
    pub(super) fn ticks(&self, ticks: i64) -> Option<Time> {
        Some(Time::new(self.time_base()?) * ticks)
    }

    pub(super) fn start(&self) -> Option<Time> {
        self.ticks(self.start_pts?)
    }

    pub(super) fn duration(&self) -> Option<Time> {
        self.ticks(self.duration_ts?)
            .filter(|duration| duration.is_positive())
    }

    /// FFmpeg's guess of the lowest rate that all timestamps fit.
    pub(super) fn base_rate(&self) -> Option<Rational> {
        self.r_frame_rate.as_deref().and_then(|text| ratio(text, '/'))
    }

    pub(super) fn average_rate(&self) -> Option<Rational> {
        self.avg_frame_rate.as_deref().and_then(|text| ratio(text, '/'))
    }

    pub(super) fn sample_aspect(&self) -> Option<Rational> {
        self.sample_aspect_ratio
            .as_deref()
            .and_then(|text| ratio(text, ':'))
    }

    pub(super) fn bit_rate(&self) -> Option<u64> {
        let text = self.bit_rate.as_deref().or_else(|| self.tags.beginning("BPS"));
        text.and_then(|text| text.parse().ok())
    }

    pub(super) fn frames(&self) -> Option<u64> {
        let text = self
            .nb_frames
            .as_deref()
            .or_else(|| self.tags.beginning("NUMBER_OF_FRAMES"));
        text.and_then(|text| text.parse().ok())
            .filter(|frames| *frames > 0)
    }

    pub(super) fn sample_rate(&self) -> Option<u32> {
        self.sample_rate
            .as_deref()
            .and_then(|text| text.parse().ok())
            .filter(|rate| *rate > 0)
    }

    /// Degrees counterclockwise by the display matrix, or clockwise by the older `rotate` tag, as degrees clockwise.
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

/// A positive ratio; none for `0/0`, `N/A` and the like.
fn ratio(text: &str, separator: char) -> Option<Rational> {
    let (numer, denom) = text.split_once(separator)?;
    let (numer, denom): (i64, i64) = (numer.parse().ok()?, denom.parse().ok()?);
    (numer > 0 && denom > 0).then(|| Rational::new(numer, denom))
}

/// ffprobe's report of a file, with its first packets.
pub(super) async fn report(tools: &Tools, path: &Path) -> Result<Report, Problem> {
    let interval = format!("%+#{FIRST_PACKETS}");
    let json = run(
        tools,
        path,
        &[
            "-read_intervals",
            &interval,
            "-show_data_hash",
            "md5",
            "-show_entries",
            ENTRIES,
        ],
    )
    .await?;
    parse(&json)
}

/// The packets of one stream, all of them or those from a time on, perhaps only for some length; seeks to a keyframe
/// before that time.
pub(super) async fn packets(
    tools: &Tools,
    path: &Path,
    stream: Option<u32>,
    from: Option<(Time, Option<Time>)>,
) -> Result<Vec<Packet>, Problem> {
    #[derive(Deserialize)]
    struct Packets {
        #[serde(default)]
        packets: Vec<Packet>,
    }
    let mut arguments = vec!["-show_entries", "packet=stream_index,pts,dts,duration,flags"];
    let stream = stream.map(|stream| stream.to_string());
    if let Some(stream) = &stream {
        arguments.extend(["-select_streams", stream]);
    }
    let interval = from.map(|(from, length)| {
        let length = length.map(|length| format!("+{}", length.decimal()));
        format!("{}%{}", from.decimal(), length.unwrap_or_default())
    });
    if let Some(interval) = &interval {
        arguments.extend(["-read_intervals", interval]);
    }
    let found: Packets = parse(&run(tools, path, &arguments).await?)?;
    Ok(found.packets)
}

fn parse<T: for<'a> Deserialize<'a>>(json: &[u8]) -> Result<T, Problem> {
    // Metadata may be in any character set.
    serde_json::from_str(&String::from_utf8_lossy(json))
        .map_err(|error| Problem::Unreadable(format!("ffprobe's report of it could not be read: {error}")))
}

async fn run(tools: &Tools, path: &Path, arguments: &[&str]) -> Result<Vec<u8>, Problem> {
    let input = format!("file:{}", path.to_string_lossy());
    let always = [
        "-v",
        "error",
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        FORMATS,
        "-of",
        "json=compact=1",
    ];
    let all = always
        .iter()
        .copied()
        .chain(arguments.iter().copied())
        .chain(["-i", &input]);
    let captured = short::capture(command(&tools.ffprobe, all), None, LIMIT)
        .await
        .map_err(|error| Problem::Unreadable(format!("ffprobe: {error}")))?;
    match captured.status.success() {
        true => Ok(captured.stdout),
        false => Err(Problem::Unreadable(reasons::human(&captured.stderr, &input))),
    }
}
