//! Reads the header of a PNG image, the format of most logos, and derives from it what ffprobe would report, without
//! starting a process.
//!
//! Left to ffprobe are animated images (APNG), and those with chunks that only some versions of FFmpeg use: `cICP` and
//! `eXIf`.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use png::{BitDepth, ColorType, Decoder, Info};

use super::report::{Format, Packet, PacketFlags, RawStream, Report};

/// FFmpeg rejects images that are much larger (`av_image_check_size2`).
const MAX_PIXELS: u64 = 1 << 27;

/// Reports a file; `None` if it is left to ffprobe.
pub(super) async fn read_report(path: &Path) -> Option<Report> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || read(&path))
        .await
        .ok()
        .flatten()
}

fn read(path: &Path) -> Option<Report> {
    let reader = Decoder::new(BufReader::new(File::open(path).ok()?))
        .read_info()
        .ok()?;
    let info = reader.info();
    let is_unsupported = info.animation_control.is_some()
        || info.coding_independent_code_points.is_some()
        || info.exif_metadata.is_some()
        || !(1..MAX_PIXELS).contains(&(u64::from(info.width) * u64::from(info.height)));
    let format = pixel_format(info)?;
    let name = |name: &str| Some(name.to_owned());
    let stream = RawStream {
        codec_name: name("png"),
        codec_type: name("video"),
        width: info.width,
        height: info.height,
        // FFmpeg takes the pixel density for the sample aspect ratio.
        sample_aspect_ratio: info.pixel_dims.map(|dims| format!("{}:{}", dims.xppu, dims.yppu)),
        pix_fmt: name(format),
        color_range: name("pc"),
        // The frame rate of FFmpeg's image demuxers.
        r_frame_rate: name("25/1"),
        avg_frame_rate: name("25/1"),
        time_base: name("1/25"),
        // FFmpeg's `FF_LEVEL_UNKNOWN`.
        level: Some(-99),
        ..RawStream::default()
    };
    let packet = Packet {
        stream_index: 0,
        pts: Some(0),
        dts: Some(0),
        duration: Some(1),
        flags: PacketFlags {
            keyframe: true,
            discard: false,
        },
    };
    (!is_unsupported).then(|| Report {
        packets: vec![packet],
        streams: vec![stream],
        format: Format {
            format_name: "png_pipe".to_owned(),
            ..Format::default()
        },
    })
}

/// FFmpeg's pixel format for a PNG image (`libavcodec/pngdec.c`).
fn pixel_format(info: &Info<'_>) -> Option<&'static str> {
    let transparent = info.trns.is_some();
    Some(match (info.color_type, info.bit_depth, transparent) {
        (ColorType::Grayscale, BitDepth::One, _) => "monob",
        (ColorType::Grayscale, BitDepth::Sixteen, true) => "ya16be",
        (ColorType::Grayscale, BitDepth::Sixteen, false) => "gray16be",
        (ColorType::Grayscale, BitDepth::Eight, true) => "ya8",
        (ColorType::Grayscale, _, false) => "gray",
        (ColorType::Rgb, BitDepth::Eight, true) => "rgba",
        (ColorType::Rgb, BitDepth::Eight, false) => "rgb24",
        (ColorType::Rgb, BitDepth::Sixteen, true) => "rgba64be",
        (ColorType::Rgb, BitDepth::Sixteen, false) => "rgb48be",
        (ColorType::Indexed, _, _) => "pal8",
        (ColorType::GrayscaleAlpha, BitDepth::Eight, _) => "ya8",
        (ColorType::GrayscaleAlpha, BitDepth::Sixteen, _) => "ya16be",
        (ColorType::Rgba, BitDepth::Eight, _) => "rgba",
        (ColorType::Rgba, BitDepth::Sixteen, _) => "rgba64be",
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::ffmpeg::Tools;
    use crate::probe::inspect::build_media;
    use crate::probe::reader::MediaReader;

    /// What our reader and ffprobe report of an image, as text; `None` for the former if it leaves it to ffprobe.
    async fn probe_both_ways(tools: &Tools, path: &Path) -> (Option<String>, String) {
        let text = |media| format!("{media:?}");
        let ours = match read_report(path).await {
            Some(_) => {
                let reader = MediaReader::open(tools, path).await;
                Some(text(build_media(&reader, path, 1).await.unwrap()))
            }
            None => None,
        };
        let ffprobe = MediaReader::with_ffprobe(tools, path);
        (ours, text(build_media(&ffprobe, path, 1).await.unwrap()))
    }

    #[tokio::test]
    async fn all_pixel_formats_are_reported_as_ffprobe_does() {
        let tools = Tools::find().unwrap();
        let folder = tempfile::tempdir().unwrap();
        for format in [
            "rgba", "rgb24", "gray", "ya8", "pal8", "rgb48be", "rgba64be", "gray16be", "ya16be", "monob",
        ] {
            let path = folder.path().join(format!("{format}.png"));
            let status = Command::new(&tools.ffmpeg)
                .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=60x44,setsar=4/3"])
                .args(["-frames:v", "1", "-pix_fmt", format])
                .arg(&path)
                .status();
            assert!(status.unwrap().success());
            let (ours, ffprobe) = probe_both_ways(&tools, &path).await;
            assert_eq!(ours, Some(ffprobe), "{format}");
        }
    }

    #[tokio::test]
    async fn transparent_colors_change_the_pixel_format() {
        let tools = Tools::find().unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (color, depth, transparent) in [
            (ColorType::Rgb, BitDepth::Eight, &[0, 1, 0, 1, 0, 1][..]),
            (ColorType::Rgb, BitDepth::Sixteen, &[0, 1, 0, 1, 0, 1]),
            (ColorType::Grayscale, BitDepth::Eight, &[0, 1]),
            (ColorType::Grayscale, BitDepth::Sixteen, &[0, 1]),
            (ColorType::Grayscale, BitDepth::One, &[0, 1]),
            (ColorType::Grayscale, BitDepth::Four, &[]),
            (ColorType::Indexed, BitDepth::Two, &[128]),
        ] {
            let path = folder.path().join("image.png");
            let mut encoder = png::Encoder::new(File::create(&path).unwrap(), 8, 8);
            encoder.set_color(color);
            encoder.set_depth(depth);
            if color == ColorType::Indexed {
                encoder.set_palette(vec![7; 12]);
            }
            if !transparent.is_empty() {
                encoder.set_trns(transparent);
            }
            let row = color.samples() * 8 * depth as usize / 8;
            let mut writer = encoder.write_header().unwrap();
            writer.write_image_data(&vec![0; row * 8]).unwrap();
            writer.finish().unwrap();
            let (ours, ffprobe) = probe_both_ways(&tools, &path).await;
            assert_eq!(ours, Some(ffprobe), "{color:?} {depth:?}");
        }
    }

    #[tokio::test]
    async fn truncated_images_and_other_formats_are_left_to_ffprobe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image.png");
        for bytes in [
            &b""[..],
            b"\x89PNG\r\n\x1a\n",
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
            b"GIF89a",
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert!(read_report(&path).await.is_none());
        }
    }
}
