//! Colors are preserved for players that honor a file's color tags.

use std::collections::BTreeSet;
use std::path::Path;

use vidc_tests::fixture::{Fixture, generated_file};
use vidc_tests::media::{decode, probe, stream};
use vidc_tests::video::{Rgb, frames, is_close};

use super::{RED, fixture};

/// The color of a pixel in every frame, decoded according to the file's color tags.
fn pixel_colors(path: &Path, (x, y): (usize, usize)) -> Vec<Rgb> {
    let crop = format!("crop=2:2:{x}:{y}");
    let options = ["-an", "-vf", &crop, "-pix_fmt", "rgb24", "-f", "rawvideo"];
    let pixels = decode(path, &options);
    pixels
        .chunks_exact(12)
        .map(|four| [four[0], four[1], four[2]])
        .collect()
}

#[track_caller]
fn assert_all_pixels(path: &Path, place: (usize, usize), color: Rgb, tolerance: u8) {
    let seen = pixel_colors(path, place);
    assert!(!seen.is_empty());
    for (index, found) in seen.iter().enumerate() {
        assert!(
            is_close(*found, color, tolerance),
            "{found:?} instead of {color:?} in frame {index}"
        );
    }
}

/// FFmpeg's rounding error when a whole clip is converted from one matrix to another.
const MATRIX_TOLERANCE: u8 = 5;

/// Matrix, primaries, transfer function and range of a file.
fn tags(path: &Path) -> [String; 4] {
    let probed = probe(path);
    let video = stream(&probed, "video");
    ["color_space", "color_primaries", "color_transfer", "color_range"]
        .map(|name| video[name].as_str().unwrap_or_default().to_owned())
}

const HD: [&str; 4] = ["bt709", "bt709", "bt709", "tv"];
const SD: [&str; 4] = ["smpte170m", "smpte170m", "smpte170m", "tv"];

#[test]
fn hd_and_sd_red_are_equal() {
    let clips = [
        "hd.mp4",
        "sd.mp4",
        "untagged-hd.mp4",
        "untagged-sd.mp4",
        "pal.mp4",
    ];
    let fixture = fixture(&clips);
    for (first, expected) in [
        ("hd.mp4", HD),
        ("untagged-hd.mp4", HD),
        ("sd.mp4", SD),
        ("untagged-sd.mp4", SD),
        ("pal.mp4", SD),
    ] {
        let rest = clips.iter().filter(|clip| **clip != first);
        let parts: Vec<String> = std::iter::once(&first)
            .chain(rest)
            .map(|clip| format!("input(\"{clip}\") | trim(0s..120ms)"))
            .collect();
        let rendered = fixture.video_clip(&format!("concat([{}], fit: fill)", parts.join(", ")));
        assert_eq!(tags(&rendered), expected, "{first}");
        assert_eq!(pixel_colors(&rendered, (300, 200)).len(), 15);
        assert_all_pixels(&rendered, (300, 200), RED, MATRIX_TOLERANCE);
    }
}

#[test]
fn color_conversions_are_reported() {
    let fixture = fixture(&["hd.mp4", "sd.mp4"]);
    let run = fixture.run(
        "output(\"o.mp4\", from: concat([input(\"hd.mp4\"), input(\"sd.mp4\")]))",
        &[],
    );
    let stderr = run.expect(0).stderr;
    assert!(stderr.contains("BT.601 becomes BT.709"), "{stderr}");
}

/// Logos and solid colors are RGB, which FFmpeg converts as SD video unless a matrix is set.
#[test]
fn overlaid_red_stays_red() {
    let fixture = fixture(&["hd.mp4", "sd.mp4", "logo.png"]);
    let card = |size: &str| format!("color(black, size: {size}, duration: 120ms)");
    for size in ["1280x720", "640x480"] {
        for (drawn, tolerance) in [
            ("overlay(image(\"logo.png\"))", 3),
            ("overlay(image(\"logo.png\") | opacity(0.999))", 3),
            ("overlay(color(red, size: 64x64))", 3),
            (
                "pip(image(\"logo.png\"), position: top-left, width: 64px, margin: 0px)",
                3,
            ),
            ("overlay(input(\"hd.mp4\"))", 3),
            ("overlay(input(\"sd.mp4\"))", 3),
            (
                "pip(input(\"hd.mp4\"), position: top-left, width: 64px, margin: 0px, border: 16px, border-color: red)",
                3,
            ),
        ] {
            let rendered = fixture.video_clip(&format!("{} | {drawn}", card(size)));
            assert_all_pixels(&rendered, (8, 8), RED, tolerance);
            assert_all_pixels(&rendered, (20, 20), RED, tolerance);
        }
    }
    let slide = fixture.video_clip("concat([image(\"logo.png\", duration: 120ms)], size: 1280x720)");
    assert_all_pixels(&slide, (640, 360), RED, 3);
    assert_eq!(tags(&slide), HD);
    for painted in [
        "pad(1400x800, color: red)",
        "fit(1280x900, color: red)",
        "rotate(10deg, color: red)",
    ] {
        let rendered = fixture.video_clip(&format!("input(\"hd.mp4\") | trim(0s..120ms) | {painted}"));
        assert_all_pixels(&rendered, (0, 0), RED, 3);
        assert_all_pixels(&rendered, (500, 400), RED, 3);
        assert_eq!(tags(&rendered), HD, "{painted}");
    }
}

/// FFmpeg's text and fade filters convert colors as SD video in any color space. Tolerances are x264's.
#[test]
fn text_and_fades_keep_their_color() {
    const SKY: Rgb = [29, 161, 242];
    let fixture = fixture(&[]);
    for size in ["1280x720", "640x480"] {
        let card = format!("color(white, size: {size}, duration: 120ms)");
        let (width, height) = size.split_once('x').unwrap();
        let middle = (
            width.parse::<usize>().unwrap() / 2,
            height.parse::<usize>().unwrap() / 2,
        );
        for drawn in [
            // Block characters, which fill their cells.
            "text(\"███\", color: #1da1f2, size: 50%)",
            "text(\"x\", color: #1da1f2, box: #1da1f2, padding: 100px)",
            "cues([{during: 0s..1s, text: \"x\"}], color: #1da1f2, box: #1da1f2, padding: 100px, position: center)",
        ] {
            assert_all_pixels(&fixture.video_clip(&format!("{card} | {drawn}")), middle, SKY, 4);
        }
        let faded = fixture.video_clip(&format!("{card} | fade(in: 80ms, color: #1da1f2)"));
        let first = pixel_colors(&faded, middle)[0];
        assert!(is_close(first, SKY, 4), "{first:?}");
    }
}

#[test]
fn every_output_format_keeps_red() {
    let fixture = fixture(&["hd.mp4", "untagged-hd.mp4", "sd.mp4"]);
    for clip in ["hd.mp4", "untagged-hd.mp4", "sd.mp4"] {
        let clip = format!("input(\"{clip}\") | trim(0s..200ms)");
        fixture.render(&format!(
            "let clip = {clip} | scale(width: 320px)\n\
             output(\"o.png\", from: {clip})\n\
             output(\"o.jpg\", from: {clip})\n\
             output(\"o.gif\", from: clip)\n\
             output(\"o.mp4\", from: clip)\n\
             output(\"o.webm\", from: clip)\n\
             output(\"o.avi\", from: clip)\n\
             output(\"hevc.mp4\", from: clip, video: h265)"
        ));
        for name in ["o.png", "o.jpg", "o.gif", "o.mp4", "o.webm", "o.avi", "hevc.mp4"] {
            let rendered = fixture.path(name);
            for found in pixel_colors(&rendered, (100, 100)) {
                assert!(is_close(found, RED, 6), "{clip} in {name}: {found:?}");
            }
        }
    }
}

/// Copied packets are joined only if their color tags are equal.
#[test]
fn copies_have_the_same_tags() {
    let fixture = fixture(&["hd.mp4", "untagged-hd.mp4", "pal.mp4"]);
    for clip in ["hd.mp4", "untagged-hd.mp4", "pal.mp4"] {
        // Two seconds, cut between keyframes: the ends are encoded.
        fixture.render(&format!(
            "output(\"o.mp4\", from: input(\"{clip}\") | trim(200ms..1.8s))"
        ));
        let (rendered, source) = (fixture.path("o.mp4"), fixture.path(clip));
        assert_eq!(tags(&rendered), tags(&source), "{clip}");
        assert_eq!(distinct_tags(&rendered), 1, "{clip}");
        let copied = copied(&rendered, &source);
        assert!(copied > 10, "{clip}: {copied} packets are copied");
    }
    fixture.render("output(\"o.mp4\", from: concat([input(\"hd.mp4\"), input(\"pal.mp4\")]))");
    let rendered = fixture.path("o.mp4");
    assert_eq!(tags(&rendered), HD);
    assert_eq!(distinct_tags(&rendered), 1);
    assert_all_pixels(&rendered, (300, 200), RED, MATRIX_TOLERANCE);
    assert!(copied(&rendered, &fixture.path("hd.mp4")) > 10);
    assert_eq!(copied(&rendered, &fixture.path("pal.mp4")), 0);
}

/// The number of packets of a file that are also in the source.
fn copied(rendered: &Path, source: &Path) -> usize {
    let known: Vec<String> = vidc_tests::media::packets(source)
        .into_iter()
        .map(|(hash, _)| hash)
        .collect();
    let rendered = vidc_tests::media::packets(rendered);
    rendered.iter().filter(|(hash, _)| known.contains(hash)).count()
}

/// The number of distinct color tags among the frames of a file.
fn distinct_tags(path: &Path) -> usize {
    let stderr = vidc_tests::run(
        std::process::Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-select_streams",
                "v:0",
                "-of",
                "csv=p=0",
                "-show_entries",
            ])
            .arg("frame=color_range,color_space,color_primaries,color_transfer")
            .arg(path),
    );
    let lines = stderr.expect(0).stdout;
    let four = |line: &str| line.split(',').take(4).map(str::to_owned).collect::<Vec<_>>();
    let frames = lines.lines().filter(|line| !line.is_empty());
    frames.map(four).collect::<std::collections::BTreeSet<_>>().len()
}

/// PQ and HLG together become SDR; each alone stays unchanged.
#[test]
fn mixed_hdr_formats_become_sdr() {
    let fixture = fixture(&["pq.mp4", "hlg.mp4"]);
    let render = |clips: &str| {
        let statements =
            format!("output(\"o.mp4\", from: concat([{clips}]), video: h265(preset: ultrafast))");
        let stderr = fixture.run(&statements, &[]).expect(0).stderr;
        (tags(&fixture.path("o.mp4")), stderr)
    };
    let (tags, stderr) = render("input(\"pq.mp4\"), input(\"hlg.mp4\")");
    assert_eq!(tags, HD);
    assert!(stderr.contains("HDR becomes SDR"), "{stderr}");
    let (tags, _) = render("input(\"hlg.mp4\"), input(\"hlg.mp4\")");
    assert_eq!(tags, ["bt2020nc", "bt2020", "arib-std-b67", "tv"]);
}

/// Previews have 8 bits, and therefore SDR colors.
#[test]
fn hdr_previews_equal_posters() {
    let fixture = fixture(&["pq.mp4", "hlg.mp4"]);
    for clip in ["pq.mp4", "hlg.mp4"] {
        fixture.render(&format!(
            "let clip = input(\"{clip}\")\noutput(\"o.mp4\", from: clip)\noutput(\"p.png\", from: clip, video: frame(at: 1s))"
        ));
        frame(&fixture, "1s");
        let (poster, preview) = (fixture.path("p.png"), fixture.path("frame.png"));
        assert_eq!(frames(&preview), frames(&poster), "{clip}");
        let poster = probe(&preview);
        assert_eq!(stream(&poster, "video")["pix_fmt"], "rgb24");
    }
}

fn frame(fixture: &Fixture, at: &str) {
    vidc_tests::run(vidc_tests::vidc(crate::VIDC, &fixture.path("")).args([
        "preview",
        "--frame",
        at,
        "--show",
        "o.mp4",
        "recipe.vidc",
    ]))
    .expect(0);
}

/// FFmpeg's `overlay` and `hue` silently compress full-range video.
#[test]
fn full_range_survives_overlays_and_filters() {
    let fixture = fixture(&["logo.png"]);
    let full = "-f lavfi -i color=black:s=128x96:r=25:d=1,drawbox=x=iw/2:c=white:t=fill,scale=out_range=pc,format=yuvj420p \
                -color_range pc -c:v libx264 -crf 5";
    fixture.write(
        "full.mp4",
        std::fs::read(generated_file("full.mp4", full)).unwrap(),
    );
    for done in [
        "overlay(image(\"logo.png\") | scale(8x8))",
        "grayscale",
        "flip(vertical)",
    ] {
        let rendered = fixture.video_clip(&format!("input(\"full.mp4\") | {done}"));
        assert_all_pixels(&rendered, (40, 50), [0, 0, 0], 3);
        assert_all_pixels(&rendered, (100, 50), [255, 255, 255], 3);
    }
}

/// `zscale` does not assume defaults for missing tags.
#[test]
fn partially_tagged_hdr_becomes_sdr() {
    let fixture = fixture(&["pq.mp4"]);
    let bare = "-f lavfi -i color=0x949494:s=320x180:r=25:d=2,scale=out_range=tv,format=yuv420p10le -c:v libx265 \
                -preset ultrafast -x265-params log-level=error -tag:v hvc1 -color_trc smpte2084";
    fixture.write(
        "bare.mp4",
        std::fs::read(generated_file("bare.mp4", bare)).unwrap(),
    );
    let shown = |clip: &str| {
        pixel_colors(
            &fixture.video_clip(&format!("input(\"{clip}\") | trim(0s..80ms)")),
            (20, 20),
        )
    };
    assert_eq!(shown("bare.mp4"), shown("pq.mp4"));
}

#[test]
fn overlays_keep_ten_bits() {
    let fixture = fixture(&["logo.png"]);
    let ramp = "-f lavfi -i color=black:s=1024x64:r=25:d=0.2,format=yuv420p10le,geq=lum='64+X*0.8':cb=512:cr=512 \
                -c:v libx265 -x265-params log-level=error:lossless=1 -tag:v hvc1";
    fixture.write(
        "ramp.mp4",
        std::fs::read(generated_file("ramp.mp4", ramp)).unwrap(),
    );
    fixture.render(
        "output(\"o.mp4\", from: input(\"ramp.mp4\") | overlay(image(\"logo.png\") | scale(8x8)) | flip(vertical), \
         video: h265(crf: 0))",
    );
    let options = [
        "-frames:v",
        "1",
        "-vf",
        "crop=1024:2:0:20",
        "-pix_fmt",
        "gray10le",
        "-f",
        "rawvideo",
    ];
    let row = decode(&fixture.path("o.mp4"), &options);
    let levels: BTreeSet<[u8; 2]> = row[..2048]
        .chunks_exact(2)
        .map(|pair| [pair[0], pair[1]])
        .collect();
    assert!(levels.len() > 600, "{}", levels.len());
}
