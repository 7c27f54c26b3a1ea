//! Colors are what they were, for a player that goes by what a file says of them.

use std::collections::BTreeSet;
use std::path::Path;

use vidc_tests::fixture::{Studio, made};
use vidc_tests::media::{decode, probe, stream};
use vidc_tests::picture::{Rgb, frames, near};

use super::{RED, studio};

/// The color of a pixel in every frame, decoded by what the file says of its colors.
fn seen(path: &Path, (x, y): (usize, usize)) -> Vec<Rgb> {
    let crop = format!("crop=2:2:{x}:{y}");
    let options = ["-an", "-vf", &crop, "-pix_fmt", "rgb24", "-f", "rawvideo"];
    let pixels = decode(path, &options);
    pixels
        .chunks_exact(12)
        .map(|four| [four[0], four[1], four[2]])
        .collect()
}

#[track_caller]
fn all_are(path: &Path, place: (usize, usize), color: Rgb, tolerance: u8) {
    let seen = seen(path, place);
    assert!(!seen.is_empty());
    for (index, found) in seen.iter().enumerate() {
        assert!(
            near(*found, color, tolerance),
            "{found:?} instead of {color:?} in frame {index}"
        );
    }
}

/// How far FFmpeg's rounding goes where a whole clip is brought from one matrix to another.
const COARSE: u8 = 5;

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
fn red_of_hd_and_sd_is_the_same_red() {
    let clips = [
        "hd.mp4",
        "sd.mp4",
        "untagged-hd.mp4",
        "untagged-sd.mp4",
        "pal.mp4",
    ];
    let studio = studio(&clips);
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
        let made = studio.picture(&format!("concat([{}], fit: fill)", parts.join(", ")));
        assert_eq!(tags(&made), expected, "{first}");
        assert_eq!(seen(&made, (300, 200)).len(), 15);
        all_are(&made, (300, 200), RED, COARSE);
    }
}

#[test]
fn what_becomes_of_colors_is_told() {
    let studio = studio(&["hd.mp4", "sd.mp4"]);
    let run = studio.run(
        "output(\"o.mp4\", from: concat([input(\"hd.mp4\"), input(\"sd.mp4\")]))",
        &[],
    );
    let told = run.expect(0).stderr;
    assert!(told.contains("colors by BT.601 become those of BT.709"), "{told}");
}

/// Logos and cards are RGB, which FFmpeg mixes as SD video unless it is told.
#[test]
fn red_that_is_drawn_is_red() {
    let studio = studio(&["hd.mp4", "sd.mp4", "logo.png"]);
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
            let made = studio.picture(&format!("{} | {drawn}", card(size)));
            all_are(&made, (8, 8), RED, tolerance);
            all_are(&made, (20, 20), RED, tolerance);
        }
    }
    let slide = studio.picture("concat([image(\"logo.png\", duration: 120ms)], size: 1280x720)");
    all_are(&slide, (640, 360), RED, 3);
    assert_eq!(tags(&slide), HD);
    for painted in [
        "pad(1400x800, color: red)",
        "fit(1280x900, color: red)",
        "rotate(10deg, color: red)",
    ] {
        let made = studio.picture(&format!("input(\"hd.mp4\") | trim(0s..120ms) | {painted}"));
        all_are(&made, (0, 0), RED, 3);
        all_are(&made, (500, 400), RED, 3);
        assert_eq!(tags(&made), HD, "{painted}");
    }
}

/// FFmpeg's filters for letters and fades mix as SD video whatever the picture is. Tolerances are x264's.
#[test]
fn letters_and_fades_have_their_color() {
    const SKY: Rgb = [29, 161, 242];
    let studio = studio(&[]);
    for size in ["1280x720", "640x480"] {
        let card = format!("color(white, size: {size}, duration: 120ms)");
        let (width, height) = size.split_once('x').unwrap();
        let middle = (
            width.parse::<usize>().unwrap() / 2,
            height.parse::<usize>().unwrap() / 2,
        );
        for drawn in [
            // Letters that are all filled.
            "text(\"███\", color: #1da1f2, size: 50%)",
            "text(\"x\", color: #1da1f2, box: #1da1f2, padding: 100px)",
            "cues([{during: 0s..1s, text: \"x\"}], color: #1da1f2, box: #1da1f2, padding: 100px, position: center)",
        ] {
            all_are(&studio.picture(&format!("{card} | {drawn}")), middle, SKY, 4);
        }
        let faded = studio.picture(&format!("{card} | fade(in: 80ms, color: #1da1f2)"));
        let first = seen(&faded, middle)[0];
        assert!(near(first, SKY, 4), "{first:?}");
    }
}

#[test]
fn every_form_of_a_picture_is_as_red() {
    let studio = studio(&["hd.mp4", "untagged-hd.mp4", "sd.mp4"]);
    for clip in ["hd.mp4", "untagged-hd.mp4", "sd.mp4"] {
        let clip = format!("input(\"{clip}\") | trim(0s..200ms)");
        studio.render(&format!(
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
            let made = studio.path(name);
            for found in seen(&made, (100, 100)) {
                assert!(near(found, RED, 6), "{clip} in {name}: {found:?}");
            }
        }
    }
}

/// Copies stand beside each other only if they say the same of their colors.
#[test]
fn copies_have_the_same_tags() {
    let studio = studio(&["hd.mp4", "untagged-hd.mp4", "pal.mp4"]);
    for clip in ["hd.mp4", "untagged-hd.mp4", "pal.mp4"] {
        // Two seconds, cut between keyframes: the ends are encoded.
        studio.render(&format!(
            "output(\"o.mp4\", from: input(\"{clip}\") | trim(200ms..1.8s))"
        ));
        let (made, source) = (studio.path("o.mp4"), studio.path(clip));
        assert_eq!(tags(&made), tags(&source), "{clip}");
        assert_eq!(distinct_tags(&made), 1, "{clip}");
        let copied = copied(&made, &source);
        assert!(copied > 10, "{clip}: {copied} packets are copied");
    }
    studio.render("output(\"o.mp4\", from: concat([input(\"hd.mp4\"), input(\"pal.mp4\")]))");
    let made = studio.path("o.mp4");
    assert_eq!(tags(&made), HD);
    assert_eq!(distinct_tags(&made), 1);
    all_are(&made, (300, 200), RED, COARSE);
    assert!(copied(&made, &studio.path("hd.mp4")) > 10);
    assert_eq!(copied(&made, &studio.path("pal.mp4")), 0);
}

/// How many of a file's packets are another's.
fn copied(made: &Path, source: &Path) -> usize {
    let known: Vec<String> = vidc_tests::media::packets(source)
        .into_iter()
        .map(|(hash, _)| hash)
        .collect();
    let made = vidc_tests::media::packets(made);
    made.iter().filter(|(hash, _)| known.contains(hash)).count()
}

/// How many different things the frames of a file say of their colors.
fn distinct_tags(path: &Path) -> usize {
    let said = vidc_tests::run(
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
    let lines = said.expect(0).stdout;
    let four = |line: &str| line.split(',').take(4).map(str::to_owned).collect::<Vec<_>>();
    let frames = lines.lines().filter(|line| !line.is_empty());
    frames.map(four).collect::<std::collections::BTreeSet<_>>().len()
}

/// PQ and HLG together become SDR; alone each stays what it is.
#[test]
fn two_kinds_of_hdr_become_sdr() {
    let studio = studio(&["pq.mp4", "hlg.mp4"]);
    let render = |clips: &str| {
        let statements =
            format!("output(\"o.mp4\", from: concat([{clips}]), video: h265(preset: ultrafast))");
        let told = studio.run(&statements, &[]).expect(0).stderr;
        (tags(&studio.path("o.mp4")), told)
    };
    let (tags, told) = render("input(\"pq.mp4\"), input(\"hlg.mp4\")");
    assert_eq!(tags, HD);
    assert!(told.contains("HDR becomes SDR"), "{told}");
    let (tags, _) = render("input(\"hlg.mp4\"), input(\"hlg.mp4\")");
    assert_eq!(tags, ["bt2020nc", "bt2020", "arib-std-b67", "tv"]);
}

/// What is only looked at is in 8 bits, and so in SDR.
#[test]
fn a_preview_of_hdr_is_what_a_poster_is() {
    let studio = studio(&["pq.mp4", "hlg.mp4"]);
    for clip in ["pq.mp4", "hlg.mp4"] {
        studio.render(&format!(
            "let clip = input(\"{clip}\")\noutput(\"o.mp4\", from: clip)\noutput(\"p.png\", from: clip, video: frame(at: 1s))"
        ));
        frame(&studio, "1s");
        let (poster, preview) = (studio.path("p.png"), studio.path("frame.png"));
        assert_eq!(frames(&preview), frames(&poster), "{clip}");
        let poster = probe(&preview);
        assert_eq!(stream(&poster, "video")["pix_fmt"], "rgb24");
    }
}

fn frame(studio: &Studio, at: &str) {
    vidc_tests::run(vidc_tests::vidc(crate::VIDC, &studio.path("")).args([
        "preview",
        "--frame",
        at,
        "--show",
        "o.mp4",
        "recipe.vidc",
    ]))
    .expect(0);
}

/// FFmpeg's `overlay` and `hue` compress a full range, and say nothing of it.
#[test]
fn a_full_range_stays_whole_under_what_is_drawn() {
    let studio = studio(&["logo.png"]);
    let full = "-f lavfi -i color=black:s=128x96:r=25:d=1,drawbox=x=iw/2:c=white:t=fill,scale=out_range=pc,format=yuvj420p \
                -color_range pc -c:v libx264 -crf 5";
    studio.write("full.mp4", std::fs::read(made("full.mp4", full)).unwrap());
    for done in [
        "overlay(image(\"logo.png\") | scale(8x8))",
        "grayscale",
        "flip(vertical)",
    ] {
        let made = studio.picture(&format!("input(\"full.mp4\") | {done}"));
        all_are(&made, (40, 50), [0, 0, 0], 3);
        all_are(&made, (100, 50), [255, 255, 255], 3);
    }
}

/// `zscale` knows nothing of what a file leaves open.
#[test]
fn hdr_that_is_half_tagged_becomes_sdr() {
    let studio = studio(&["pq.mp4"]);
    let bare = "-f lavfi -i color=0x949494:s=320x180:r=25:d=2,scale=out_range=tv,format=yuv420p10le -c:v libx265 \
                -preset ultrafast -x265-params log-level=error -tag:v hvc1 -color_trc smpte2084";
    studio.write("bare.mp4", std::fs::read(made("bare.mp4", bare)).unwrap());
    let shown = |clip: &str| {
        seen(
            &studio.picture(&format!("input(\"{clip}\") | trim(0s..80ms)")),
            (20, 20),
        )
    };
    assert_eq!(shown("bare.mp4"), shown("pq.mp4"));
}

#[test]
fn ten_bits_stay_ten_under_a_logo() {
    let studio = studio(&["logo.png"]);
    let ramp = "-f lavfi -i color=black:s=1024x64:r=25:d=0.2,format=yuv420p10le,geq=lum='64+X*0.8':cb=512:cr=512 \
                -c:v libx265 -x265-params log-level=error:lossless=1 -tag:v hvc1";
    studio.write("ramp.mp4", std::fs::read(made("ramp.mp4", ramp)).unwrap());
    studio.render(
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
    let row = decode(&studio.path("o.mp4"), &options);
    let levels: BTreeSet<[u8; 2]> = row[..2048]
        .chunks_exact(2)
        .map(|pair| [pair[0], pair[1]])
        .collect();
    assert!(levels.len() > 600, "{}", levels.len());
}
