//! Files as other programs leave them: copied from container to container, cut without encoding, mirrored, late.

use vidc_tests::fixture::{Studio, made, source};
use vidc_tests::media::{beeps, complaints, flashes, probe, stream};
use vidc_tests::picture::{frames, numbers};

use super::about;
use super::copying::copied;
use super::studio;

/// A studio with a file that arguments of ffmpeg make.
fn with(name: &str, arguments: &str) -> Studio {
    let studio = studio(&[]);
    studio.write(name, std::fs::read(made(name, arguments)).unwrap());
    studio
}

/// A source's path, as an argument of ffmpeg.
fn from(name: &str) -> String {
    format!("-i {}", source(name).display())
}

/// A file whose boxes of a kind are changed; each is given from behind its name on.
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

/// Their keyframes are intra pictures, before which nothing is shown that comes behind them; but they forget nothing, and
/// behind packets of another file they would be decoded with its parameter sets.
#[test]
fn open_groups_are_not_cut_where_nothing_leads() {
    let open = |tune: &str| {
        format!(
            "-f lavfi -i testsrc2=r=25:s=320x240:d=12 -c:v libx264 -tune {tune} -bf 1 -g 15 -keyint_min 15 \
             -sc_threshold 0 -x264-params open-gop=1:b-adapt=0:b-pyramid=none:scenecut=0"
        )
    };
    for container in ["mp4", "mkv"] {
        let (first, second) = (format!("first.{container}"), format!("second.{container}"));
        let studio = with(&first, &open("film"));
        studio.write(&second, std::fs::read(made(&second, &open("psnr"))).unwrap());
        studio.render(&format!(
            "output(\"out.mp4\", from: concat([input(\"{first}\") | trim(..1.2s), input(\"{second}\") | trim(10.8s..)]))"
        ));
        let made = frames(&studio.path("out.mp4"));
        assert_eq!(made.len(), 60, "{container}");
        let source = frames(&studio.path(&second));
        for (made, source) in made[30..].iter().zip(&source[270..]) {
            let psnr = made.psnr(source);
            assert!(psnr > 30.0, "{container}: {psnr}");
        }
    }
}

/// Matroska counts milliseconds, so that packets of sound come out of it unevenly.
#[test]
fn sound_that_was_in_matroska_stays_where_it_is() {
    let remuxed = format!("{} -c copy", from("flash.mkv"));
    let studio = with("remuxed.mp4", &remuxed);
    studio.render("output(\"out.mp4\", from: input(\"remuxed.mp4\") | trim(0.6s..3.6s))");
    let made = studio.path("out.mp4");
    let (beeps, flashes) = (beeps(&made), flashes(&made, 25.0));
    assert_eq!((beeps.len(), flashes.len()), (3, 3));
    for (number, (beep, flash)) in beeps.iter().zip(&flashes).enumerate() {
        about(*beep, 0.4 + number as f64, 0.012);
        about(*flash, 0.4 + number as f64, 0.001);
    }
}

#[test]
fn a_picture_that_begins_late_keeps_its_sound() {
    let flash = from("flash.mp4");
    let late = |by: f64| format!("-itsoffset {by} {flash} {flash} -map 0:v -map 1:a -c copy");
    // By less than a frame: there the file begins with its picture.
    let studio = with("lead.mp4", &late(0.03));
    studio.render("output(\"out.mp4\", from: input(\"lead.mp4\") | trim(..3.6s))");
    let heard = beeps(&studio.path("out.mp4"));
    for (number, beep) in heard.iter().rev().take(3).rev().enumerate() {
        about(*beep, 0.97 + number as f64, 0.008);
    }
    // By more, and cut where that is no matter.
    let studio = with("late.mp4", &late(0.52));
    studio.render("output(\"out.mp4\", from: input(\"late.mp4\") | trim(0.6s..3.6s))");
    let made = studio.path("out.mp4");
    for (number, (beep, flash)) in beeps(&made).iter().zip(flashes(&made, 25.0)).enumerate() {
        about(*beep, 0.4 + number as f64, 0.012);
        about(flash, 0.92 + number as f64, 0.001);
    }
    assert!(copied(&made, &studio.path("late.mp4")) > 50);
}

/// What a copy takes is the coded picture, which players mirror.
#[test]
fn mirrored_pictures_are_encoded_where_they_are_cut() {
    let studio = studio(&["swept.mp4"]);
    let upright = std::fs::read(studio.path("swept.mp4")).unwrap();
    // Only the picture's track has a size.
    let mirrored = patched(&upright, b"tkhd", |body| {
        if body[76..84] != [0; 8] {
            put(body, 40 + 16, -(1 << 16));
            put(body, 40 + 28, 90 << 16);
        }
    });
    studio.write("mirrored.mp4", mirrored);
    for (name, cut) in [("cut.mp4", " | trim(0.24s..3.6s)"), ("whole.mkv", "")] {
        studio.render(&format!("output(\"{name}\", from: input(\"mirrored.mp4\"){cut})"));
        let (made, source) = (frames(&studio.path(name)), frames(&studio.path("mirrored.mp4")));
        let skipped = source.len() - made.len();
        let first = if skipped == 0 { 0 } else { 6 };
        for (number, (made, source)) in made.iter().zip(&source[first..]).enumerate() {
            let psnr = made.psnr(source);
            assert!(psnr > 30.0, "{name}, frame {number}: {psnr}");
        }
    }
    // MP4 keeps the matrix.
    studio.render("output(\"whole.mp4\", from: input(\"mirrored.mp4\"))");
    assert_eq!(copied(&studio.path("whole.mp4"), &studio.path("swept.mp4")), 100);
}

/// What an edit list hides at the end, a copy would bring back.
#[test]
fn what_is_hidden_at_the_end_stays_hidden() {
    let studio = studio(&["count.mp4"]);
    let whole = std::fs::read(studio.path("count.mp4")).unwrap();
    // Of 4 s, 2.6 are shown; lists count in thousandths.
    let shown = patched(&whole, b"elst", |body| put(body, 8, 2600));
    let shown = patched(&shown, b"tkhd", |body| put(body, 20, 2600));
    let shown = patched(&shown, b"mvhd", |body| put(body, 16, 2600));
    studio.write("edited.mp4", shown);
    for (name, cut, first) in [
        ("whole.mp4", "", 0),
        ("whole.mkv", "", 0),
        ("end.mp4", " | trim(0.52s..)", 13),
        ("middle.mp4", " | trim(0.2s..2.2s)", 5),
    ] {
        studio.render(&format!("output(\"{name}\", from: input(\"edited.mp4\"){cut})"));
        let made = studio.path(name);
        let last = if name == "middle.mp4" { 55 } else { 65 };
        assert_eq!(numbers(&made), (first..last).collect::<Vec<i64>>(), "{name}");
        assert_eq!(complaints(&made), "", "{name}");
    }
}

/// Of files that do not begin at zero, what fits is still copied.
#[test]
fn files_may_begin_anywhere() {
    for (name, arguments, least) in [
        // The priming of the sound takes longer than a frame.
        (
            "quick.mkv",
            "-f lavfi -i testsrc2=s=160x90:r=60:d=4 -f lavfi -i sine=r=48000:d=4 -c:v libx264 -g 30 -c:a aac"
                .to_owned(),
            120,
        ),
        // A time that is no whole number of microseconds.
        (
            "unedited.mp4",
            "-f lavfi -i testsrc2=s=160x90:r=30:d=4 -c:v libx264 -bf 2 -g 15 -use_editlist 0".to_owned(),
            90,
        ),
    ] {
        let studio = with(name, &arguments);
        studio.render(&format!(
            "output(\"out.mp4\", from: input(\"{name}\") | trim(0s..3.5s))"
        ));
        let made = studio.path("out.mp4");
        let copied = copied(&made, &studio.path(name));
        assert!(copied >= least, "{name}: {copied}");
        let rate = stream(&probe(&made), "video")["avg_frame_rate"].clone();
        let (rate, source) = (rate.to_string(), frames(&studio.path(name)));
        let made = frames(&made);
        assert_eq!(made.len(), if rate.contains("60") { 210 } else { 105 }, "{name}");
        for (made, source) in made.iter().zip(&source) {
            assert!(made.psnr(source) > 30.0, "{name}");
        }
    }
}
