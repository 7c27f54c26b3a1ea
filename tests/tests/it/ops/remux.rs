//! Files written by other programs: remuxed, cut without encoding, mirrored, or with a late start.

use vidc_tests::fixture::{Fixture, generated_file, source};
use vidc_tests::media::{beeps, decode_errors, flashes, probe, stream};
use vidc_tests::video::{frame_numbers, frames};

use super::assert_close;
use super::fixture;
use super::smart_render::copied;

/// Creates a fixture with a file generated from FFmpeg arguments.
fn with(name: &str, arguments: &str) -> Fixture {
    let fixture = fixture(&[]);
    fixture.write(name, std::fs::read(generated_file(name, arguments)).unwrap());
    fixture
}

/// A source's path, as an FFmpeg argument.
fn from(name: &str) -> String {
    format!("-i {}", source(name).display())
}

/// Patches every box of a type in a file; `change` receives the box from after its type.
fn patched(file: &[u8], kind: &[u8; 4], mut change: impl FnMut(&mut [u8])) -> Vec<u8> {
    let mut file = file.to_vec();
    let found = |file: &[u8], from: usize| {
        let rest = file[from..].windows(4).position(|name| name == kind);
        rest.map(|place| from + place + 4)
    };
    let mut place = 0;
    while let Some(body) = found(&file, place) {
        change(&mut file[body..]);
        place = body;
    }
    file
}

fn put(body: &mut [u8], place: usize, number: i32) {
    body[place..place + 4].copy_from_slice(&number.to_be_bytes());
}

/// The keyframes of an open GOP without leading pictures are intra pictures, but not IDR: they do not reset the decoder,
/// so after packets of another file they would be decoded with its parameter sets.
#[test]
fn open_gops_without_leading_pictures_are_not_cut() {
    let open = |tune: &str| {
        format!(
            "-f lavfi -i testsrc2=r=25:s=320x240:d=12 -c:v libx264 -tune {tune} -bf 1 -g 15 -keyint_min 15 \
             -sc_threshold 0 -x264-params open-gop=1:b-adapt=0:b-pyramid=none:scenecut=0"
        )
    };
    for container in ["mp4", "mkv"] {
        let (first, second) = (format!("first.{container}"), format!("second.{container}"));
        let fixture = with(&first, &open("film"));
        fixture.write(
            &second,
            std::fs::read(generated_file(&second, &open("psnr"))).unwrap(),
        );
        fixture.render(&format!(
            "output(\"out.mp4\", from: concat([input(\"{first}\") | trim(..1.2s), input(\"{second}\") | trim(10.8s..)]))"
        ));
        let rendered = frames(&fixture.path("out.mp4"));
        assert_eq!(rendered.len(), 60, "{container}");
        let source = frames(&fixture.path(&second));
        for (rendered, source) in rendered[30..].iter().zip(&source[270..]) {
            let psnr = rendered.psnr(source);
            assert!(psnr > 30.0, "{container}: {psnr}");
        }
    }
}

/// Matroska's time base is 1 ms, so the PTS of audio packets are unevenly spaced.
#[test]
fn audio_from_matroska_keeps_its_timing() {
    let remuxed = format!("{} -c copy", from("flash.mkv"));
    let fixture = with("remuxed.mp4", &remuxed);
    fixture.render("output(\"out.mp4\", from: input(\"remuxed.mp4\") | trim(0.6s..3.6s))");
    let rendered = fixture.path("out.mp4");
    let (beeps, flashes) = (beeps(&rendered), flashes(&rendered, 25.0));
    assert_eq!((beeps.len(), flashes.len()), (3, 3));
    for (number, (beep, flash)) in beeps.iter().zip(&flashes).enumerate() {
        assert_close(*beep, 0.4 + number as f64, 0.012);
        assert_close(*flash, 0.4 + number as f64, 0.001);
    }
}

#[test]
fn late_video_keeps_its_audio() {
    let flash = from("flash.mp4");
    let late = |by: f64| format!("-itsoffset {by} {flash} {flash} -map 0:v -map 1:a -c copy");
    // By less than a frame: the file starts with its video.
    let fixture = with("lead.mp4", &late(0.03));
    fixture.render("output(\"out.mp4\", from: input(\"lead.mp4\") | trim(..3.6s))");
    let heard = beeps(&fixture.path("out.mp4"));
    for (number, beep) in heard.iter().rev().take(3).rev().enumerate() {
        assert_close(*beep, 0.97 + number as f64, 0.008);
    }
    // By more, and cut where the offset does not matter.
    let fixture = with("late.mp4", &late(0.52));
    fixture.render("output(\"out.mp4\", from: input(\"late.mp4\") | trim(0.6s..3.6s))");
    let rendered = fixture.path("out.mp4");
    for (number, (beep, flash)) in beeps(&rendered).iter().zip(flashes(&rendered, 25.0)).enumerate() {
        assert_close(*beep, 0.4 + number as f64, 0.012);
        assert_close(flash, 0.92 + number as f64, 0.001);
    }
    assert!(copied(&rendered, &fixture.path("late.mp4")) > 50);
}

/// A stream copy keeps the coded frames, which players mirror.
#[test]
fn mirrored_video_is_encoded_when_cut() {
    let fixture = fixture(&["swept.mp4"]);
    let upright = std::fs::read(fixture.path("swept.mp4")).unwrap();
    // Only the video track has a size.
    let mirrored = patched(&upright, b"tkhd", |body| {
        if body[76..84] != [0; 8] {
            put(body, 40 + 16, -(1 << 16));
            put(body, 40 + 28, 90 << 16);
        }
    });
    fixture.write("mirrored.mp4", mirrored);
    for (name, cut) in [("cut.mp4", " | trim(0.24s..3.6s)"), ("whole.mkv", "")] {
        fixture.render(&format!("output(\"{name}\", from: input(\"mirrored.mp4\"){cut})"));
        let (rendered, source) = (frames(&fixture.path(name)), frames(&fixture.path("mirrored.mp4")));
        let skipped = source.len() - rendered.len();
        let first = if skipped == 0 { 0 } else { 6 };
        for (number, (rendered, source)) in rendered.iter().zip(&source[first..]).enumerate() {
            let psnr = rendered.psnr(source);
            assert!(psnr > 30.0, "{name}, frame {number}: {psnr}");
        }
    }
    // MP4 keeps the matrix.
    fixture.render("output(\"whole.mp4\", from: input(\"mirrored.mp4\"))");
    assert_eq!(
        copied(&fixture.path("whole.mp4"), &fixture.path("swept.mp4")),
        100
    );
}

/// A stream copy would reveal frames that an edit list trims at the end.
#[test]
fn frames_trimmed_by_edit_lists_stay_hidden() {
    let fixture = fixture(&["count.mp4"]);
    let whole = std::fs::read(fixture.path("count.mp4")).unwrap();
    // 2.6 s of 4 s are shown; edit lists count in thousandths of a second.
    let shown = patched(&whole, b"elst", |body| put(body, 8, 2600));
    let shown = patched(&shown, b"tkhd", |body| put(body, 20, 2600));
    let shown = patched(&shown, b"mvhd", |body| put(body, 16, 2600));
    fixture.write("edited.mp4", shown);
    for (name, cut, first) in [
        ("whole.mp4", "", 0),
        ("whole.mkv", "", 0),
        ("end.mp4", " | trim(0.52s..)", 13),
        ("middle.mp4", " | trim(0.2s..2.2s)", 5),
    ] {
        fixture.render(&format!("output(\"{name}\", from: input(\"edited.mp4\"){cut})"));
        let rendered = fixture.path(name);
        let last = if name == "middle.mp4" { 55 } else { 65 };
        assert_eq!(
            frame_numbers(&rendered),
            (first..last).collect::<Vec<i64>>(),
            "{name}"
        );
        assert_eq!(decode_errors(&rendered), "", "{name}");
    }
}

/// Files that do not start at zero are still copied where possible.
#[test]
fn files_may_start_at_any_time() {
    for (name, arguments, least) in [
        // The audio priming is longer than a frame.
        (
            "quick.mkv",
            "-f lavfi -i testsrc2=s=160x90:r=60:d=4 -f lavfi -i sine=r=48000:d=4 -c:v libx264 -g 30 -c:a aac"
                .to_owned(),
            120,
        ),
        // A start time that is not a whole number of microseconds.
        (
            "unedited.mp4",
            "-f lavfi -i testsrc2=s=160x90:r=30:d=4 -c:v libx264 -bf 2 -g 15 -use_editlist 0".to_owned(),
            90,
        ),
    ] {
        let fixture = with(name, &arguments);
        fixture.render(&format!(
            "output(\"out.mp4\", from: input(\"{name}\") | trim(0s..3.5s))"
        ));
        let rendered = fixture.path("out.mp4");
        let copied = copied(&rendered, &fixture.path(name));
        assert!(copied >= least, "{name}: {copied}");
        let rate = stream(&probe(&rendered), "video")["avg_frame_rate"].clone();
        let (rate, source) = (rate.to_string(), frames(&fixture.path(name)));
        let rendered = frames(&rendered);
        assert_eq!(
            rendered.len(),
            if rate.contains("60") { 210 } else { 105 },
            "{name}"
        );
        for (rendered, source) in rendered.iter().zip(&source) {
            assert!(rendered.psnr(source) > 30.0, "{name}");
        }
    }
}
