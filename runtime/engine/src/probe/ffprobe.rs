//! Running ffprobe.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use vidc_compiler::facts::Problem;
use vidc_compiler::time::Time;

use super::reasons;
use super::report::{FIRST_PACKETS, Flags, Packet, Report, SideData};
use crate::ffmpeg::{Tools, capture, command};

/// How long ffprobe may take for one file.
const LIMIT: Duration = Duration::from_secs(20);

/// The demuxers that media is read with. Left out are those that open other files or devices (playlists, `concat`,
/// `lavfi`), and those that take any text for a picture (`tty`).
pub(super) const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,mxf,nut,ivf,dv,rm,\
    h264,hevc,m4v,mjpeg,obu,av1,yuv4mpegpipe,wav,w64,aiff,caf,au,mp3,aac,ac3,eac3,dts,flac,ape,tta,wv,amr,amrnb,amrwb,\
    gif,apng,image2,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,jpegxl_pipe,jpegxl_anim";

/// What of ffprobe's knowledge is asked for.
const ENTRIES: &str = "format=format_name,start_time,duration:format_tags:\
    stream=index,codec_name,codec_type,profile,level,width,height,sample_aspect_ratio,pix_fmt,field_order,\
    color_range,color_space,color_transfer,color_primaries,r_frame_rate,avg_frame_rate,time_base,start_pts,\
    duration_ts,bit_rate,nb_frames,extradata_hash,sample_fmt,sample_rate,channels,channel_layout:\
    stream_disposition=default,attached_pic,still_image:stream_tags:stream_side_data=rotation,displaymatrix:\
    packet=stream_index,pts,dts,duration,flags";

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

/// What the frame of a still picture says of how it is shown: photos have their orientation (Exif) there, and not in what is
/// said of the stream.
pub(super) async fn side_data_of_frame(tools: &Tools, path: &Path) -> Result<Vec<SideData>, Problem> {
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

/// Whether keyframes of an H.264 stream but the first are only points of recovery: FFmpeg, told to decode only
/// keyframes, leaves those out. Of open groups, it loses some others as well. Looks at the file's beginning, so far.
pub(super) async fn gradual_decoder_refresh(
    tools: &Tools,
    path: &Path,
    stream: u32,
    until: Time,
) -> Result<bool, Problem> {
    #[derive(Deserialize)]
    #[serde(tag = "type", rename_all = "lowercase")]
    enum Entry {
        Packet { flags: Flags },
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
    let keys = entries
        .iter()
        .filter(|entry| matches!(entry, Entry::Packet { flags } if flags.key && !flags.dropped));
    let dts = entries.iter().filter(|entry| matches!(entry, Entry::Frame {}));
    Ok(keys.count() > 1 && dts.count() < 2)
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
    let captured = capture::capture(command(&tools.ffprobe, all), None, LIMIT)
        .await
        .map_err(|error| Problem::Unreadable(format!("ffprobe: {error}")))?;
    match captured.status.success() {
        true => Ok(captured.stdout),
        false => Err(Problem::Unreadable(reasons::human(&captured.stderr, &input))),
    }
}
