//! Runs ffprobe.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use vidc_compiler::facts::Problem;
use vidc_compiler::time::Time;

use super::ffprobe_errors;
use super::report::{FIRST_PACKETS, Packet, PacketFlags, Report, SideData};
use crate::ffmpeg::{Tools, capture, command};

/// How long one run of ffprobe may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The demuxers that may read media. Excluded are those that open other files or devices (playlists, `concat`, `lavfi`),
/// and those that take any text for video (`tty`).
pub(super) const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,mxf,nut,ivf,dv,rm,\
    h264,hevc,m4v,mjpeg,obu,av1,yuv4mpegpipe,wav,w64,aiff,caf,au,mp3,aac,ac3,eac3,dts,flac,ape,tta,wv,amr,amrnb,amrwb,\
    gif,apng,image2,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,jpegxl_pipe,jpegxl_anim";

/// The report entries that are read.
const ENTRIES: &str = "format=format_name,start_time,duration:format_tags:\
    stream=index,codec_name,codec_type,profile,level,width,height,sample_aspect_ratio,pix_fmt,field_order,\
    color_range,color_space,color_transfer,color_primaries,r_frame_rate,avg_frame_rate,time_base,start_pts,\
    duration_ts,bit_rate,nb_frames,extradata_hash,sample_fmt,sample_rate,channels,channel_layout:\
    stream_disposition=default,attached_pic,still_image:stream_tags:stream_side_data=rotation,displaymatrix:\
    packet=stream_index,pts,dts,duration,flags";

/// Reads a report of a file, with its first packets.
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

/// Reads the side data of the first frame of a still image. The Exif orientation of photos is there and not in the side
/// data of the stream.
pub(super) async fn frame_side_data(tools: &Tools, path: &Path) -> Result<Vec<SideData>, Problem> {
    #[derive(Deserialize)]
    struct Frame {
        #[serde(default)]
        side_data_list: Vec<SideData>,
    }
    #[derive(Deserialize)]
    struct Frames {
        #[serde(default)]
        frames: Vec<Frame>,
    }
    let entries = "frame=pict_type:frame_side_data=rotation,displaymatrix";
    let arguments = [
        "-read_intervals",
        "%+#1",
        "-show_frames",
        "-show_entries",
        entries,
    ];
    let found: Frames = parse(&run(tools, path, &arguments).await?)?;
    let first = found.frames.into_iter().next();
    Ok(first.map(|frame| frame.side_data_list).unwrap_or_default())
}

/// Reads the packets of one stream or of all: the whole file, or from the keyframe before a start time for an optional
/// duration.
pub(super) async fn packets(
    tools: &Tools,
    path: &Path,
    stream: Option<u32>,
    window: Option<(Time, Option<Time>)>,
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
    let interval = window.map(|(start, duration)| {
        let duration = duration.map(|duration| format!("+{}", duration.decimal()));
        format!("{}%{}", start.decimal(), duration.unwrap_or_default())
    });
    if let Some(interval) = &interval {
        arguments.extend(["-read_intervals", interval]);
    }
    let found: Packets = parse(&run(tools, path, &arguments).await?)?;
    Ok(found.packets)
}

/// Whether keyframes of an H.264 stream after the first are only recovery points of a gradual decoder refresh. FFmpeg skips
/// those if it decodes keyframes only; with open GOPs, it skips some others as well. Reads the file up to a time.
pub(super) async fn has_gradual_decoder_refresh(
    tools: &Tools,
    path: &Path,
    stream: u32,
    until: Time,
) -> Result<bool, Problem> {
    #[derive(Deserialize)]
    #[serde(tag = "type", rename_all = "lowercase")]
    enum Entry {
        Packet { flags: PacketFlags },
        Frame {},
    }
    #[derive(Deserialize)]
    struct Found {
        #[serde(default)]
        packets_and_frames: Vec<Entry>,
    }
    let stream = stream.to_string();
    let beginning = format!("%+{}", until.decimal());
    let arguments = [
        "-skip_frame",
        "nokey",
        "-select_streams",
        &stream,
        "-read_intervals",
        &beginning,
        "-show_packets",
        "-show_frames",
        "-show_entries",
        "packet=flags:frame=key_frame",
    ];
    let found: Found = parse(&run(tools, path, &arguments).await?)?;
    let entries = &found.packets_and_frames;
    let keyframes = entries
        .iter()
        .filter(|entry| matches!(entry, Entry::Packet { flags } if flags.keyframe && !flags.discard));
    let decoded = entries.iter().filter(|entry| matches!(entry, Entry::Frame {}));
    Ok(keyframes.count() > 1 && decoded.count() < 2)
}

fn parse<T: for<'a> Deserialize<'a>>(json: &[u8]) -> Result<T, Problem> {
    // Metadata may be in any character encoding.
    serde_json::from_str(&String::from_utf8_lossy(json))
        .map_err(|error| Problem::Unreadable(format!("ffprobe's report could not be parsed: {error}")))
}

async fn run(tools: &Tools, path: &Path, arguments: &[&str]) -> Result<Vec<u8>, Problem> {
    let input = format!("file:{}", path.to_string_lossy());
    let common = [
        "-v",
        "error",
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        FORMATS,
        "-of",
        "json=compact=1",
    ];
    let all = common
        .iter()
        .copied()
        .chain(arguments.iter().copied())
        .chain(["-i", &input]);
    let captured = capture::capture(command(&tools.ffprobe, all), None, TIMEOUT)
        .await
        .map_err(|error| Problem::Unreadable(format!("ffprobe: {error}")))?;
    match captured.status.success() {
        true => Ok(captured.stdout),
        false => Err(Problem::Unreadable(ffprobe_errors::explain(
            &captured.stderr,
            &input,
        ))),
    }
}
