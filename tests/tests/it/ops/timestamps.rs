//! Files whose clocks are too coarse for their frames, begin elsewhere, or tell decoding times that FFmpeg seeks by.

use vidc_tests::fixture::{Studio, made};
use vidc_tests::media::{beeps, complaints, probe, stream};
use vidc_tests::picture::{frames, numbers};

use super::{about, studio};

fn with(name: &str, arguments: &str) -> Studio {
    let studio = studio(&[]);
    studio.write(name, std::fs::read(made(name, arguments)).unwrap());
    studio
}

/// A hundred frames of which each tells its number by its luma.
fn counted(rate: &str, options: &str) -> String {
    let picture =
        format!("-f lavfi -i color=black:s=64x48:r={rate}:d=20,geq=lum=20+2*N:cb=128:cr=128 -frames:v 100");
    format!("{picture} -c:v libx264 -preset veryfast -crf 4 -pix_fmt yuv420p -g 15 -bf 2 {options}")
}

/// Makes `late.mp4`: the picture of `count.mp4`, so many seconds later than a sound.
fn late(studio: &Studio, by: f64) {
    let arguments = format!(
        "-itsoffset {by} -i count.mp4 -f lavfi -i sine=d=20 -map 0 -map 1 -c:v copy -c:a aac late.mp4"
    );
    let made = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error"])
        .args(arguments.split_whitespace())
        .current_dir(studio.path(""))
        .status();
    assert!(made.unwrap().success());
}

/// The frames of a cut between two of them, as usual and encoded as a whole.
fn cuts_are_right(studio: &Studio, source: &str, made: &str, cuts: &[(i64, i64)]) {
    for (from, until) in cuts {
        for options in [&[][..], &["--exact"]] {
            let statement =
                format!("output(\"{made}\", from: input(\"{source}\") | trim({from}f..{until}f))");
            studio.run(&statement, options).expect(0);
            let path = studio.path(made);
            assert_eq!(
                numbers(&path),
                (*from..*until).collect::<Vec<_>>(),
                "{source} {from} {options:?}"
            );
            assert_eq!(complaints(&path), "", "{source} {from} {options:?}");
        }
    }
}

#[test]
fn frames_between_the_ticks_of_a_clock_are_all_there() {
    for (name, rate, options) in [
        ("coarse.mp4", "30000/1001", "-video_track_timescale 600"),
        ("coarse.mov", "24000/1001", "-video_track_timescale 600"),
        ("odd.mp4", "25", "-video_track_timescale 12345"),
        ("coarse.mkv", "60000/1001", ""),
    ] {
        let studio = with(name, &counted(rate, options));
        cuts_are_right(&studio, name, "out.mp4", &[(3, 41), (14, 78), (33, 95), (22, 54)]);
    }
}

/// FFmpeg seeks in MP4 by when frames are decoded.
#[test]
fn nothing_is_lost_before_keyframes_of_files_without_edit_lists() {
    for (name, options) in [
        ("plain.mp4", "-use_editlist 0"),
        ("fragments.mp4", "-movflags +frag_keyframe+empty_moov"),
    ] {
        let studio = with(name, &counted("25", options));
        cuts_are_right(
            &studio,
            name,
            "out.mp4",
            &[(28, 70), (29, 70), (30, 70), (44, 90), (31, 59)],
        );
    }
}

#[test]
fn a_picture_that_begins_between_frames_keeps_all_of_them() {
    let studio = with("count.mp4", &counted("25", ""));
    late(&studio, 0.51);
    for options in [&[][..], &["--exact"]] {
        studio
            .run(
                "output(\"out.mp4\", from: input(\"late.mp4\") | trim(40f..80f))",
                options,
            )
            .expect(0);
        let seen = numbers(&studio.path("out.mp4"));
        assert_eq!(seen, (27..67).collect::<Vec<_>>(), "{options:?}");
    }
}

/// FFmpeg counts how long it reads a picture from its first frame.
#[test]
fn a_picture_that_begins_later_than_its_sound_is_cut_where_it_should_be() {
    for (rate, by, until) in [("25", 0.2, 80), ("10", 0.1, 30)] {
        let studio = with("count.mp4", &counted(rate, ""));
        late(&studio, by);
        for options in [&[][..], &["--exact"]] {
            let statement = format!("output(\"out.mp4\", from: input(\"late.mp4\") | trim(0f..{until}f))");
            studio.run(&statement, options).expect(0);
            let seen = numbers(&studio.path("out.mp4"));
            assert_eq!(seen.len(), until, "{rate} {options:?}: {seen:?}");
        }
    }
}

#[test]
fn matroska_is_cut_into_matroska() {
    let studio = with("count.mkv", &counted("25", ""));
    let cut = "output(\"out.mkv\", from: input(\"count.mkv\") | trim(0.4s..3.6s))";
    let said = studio.run(cut, &[]).expect(0).stderr;
    assert!(!said.contains("full encode"), "{said}");
    assert_eq!(numbers(&studio.path("out.mkv")), (10..90).collect::<Vec<_>>());
}

#[test]
fn mpeg4_in_avi_is_copied_beyond_its_first_frames() {
    let source = "-f lavfi -i testsrc2=s=64x48:r=25:d=20 -c:v mpeg4 -q:v 3 -g 50";
    let studio = with("long.avi", source);
    let said = studio.run(
        "output(\"out.avi\", from: input(\"long.avi\") | trim(1.2s..18s))",
        &[],
    );
    let said = said.expect(0).stderr;
    assert!(!said.contains("full encode"), "{said}");
    let made = studio.path("out.avi");
    assert_eq!(frames(&made).len(), 420);
    let copied = super::copying::copied(&made, &studio.path("long.avi"));
    assert!(copied > 380, "{copied}");
}

/// Where a title ends, packets tell decoders anew what they must know.
#[test]
fn hevc_that_was_joined_can_be_cut_again() {
    let hevc = "-c:v libx265 -preset ultrafast -crf 8 -pix_fmt yuv420p \
                -x265-params log-level=error:keyint=15:min-keyint=15:scenecut=0:open-gop=0 -tag:v hvc1";
    let picture = format!("-f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128 {hevc}");
    let studio = with("hevc.mp4", &picture);
    studio.render(
        "output(\"titled.mp4\", from: input(\"hevc.mp4\") | overlay(color(gray, size: 8x8), position: top-left, during: 1.2s..1.6s))",
    );
    assert_eq!(
        stream(&probe(&studio.path("titled.mp4")), "video")["codec_name"],
        "hevc"
    );
    studio.render("output(\"cut.mp4\", from: input(\"titled.mp4\") | trim(0.4s..3.8s))");
    let cut = studio.path("cut.mp4");
    assert_eq!(complaints(&cut), "");
    let seen = numbers(&cut);
    assert_eq!(seen.len(), 85);
    for (at, number) in (10..).zip(&seen) {
        assert!(
            (at - number).abs() <= 3 && (*number == at || (30..40).contains(&at)),
            "{at}: {number}"
        );
    }
}

/// Seeking in Matroska goes to a keyframe, and past the packets of sound that began before it.
#[test]
fn a_sound_that_begins_before_its_picture_stays_in_time() {
    let source = "-f lavfi -i testsrc2=s=64x48:r=24000/1001:d=6 \
                  -f lavfi -i aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.04)':s=48000:d=6 \
                  -c:v libx264 -g 24 -bf 3 -pix_fmt yuv420p -c:a ac3";
    let studio = with("early.mkv", source);
    let clip = "input(\"early.mkv\")";
    studio.render(&format!(
        "output(\"out.mp4\", from: concat([{clip} | trim(..120f), {clip} | trim(24f..)]))"
    ));
    let heard = beeps(&studio.path("out.mp4"));
    let joint = 120.0 * 1001.0 / 24_000.0;
    let skipped = 24.0 * 1001.0 / 24_000.0;
    let expected = (0..6)
        .map(f64::from)
        .chain((2..6).map(|n| joint + f64::from(n) - skipped));
    let expected: Vec<f64> = expected.filter(|at| *at < joint || *at > joint + 0.5).collect();
    for at in &expected {
        assert!(
            heard.iter().any(|beep| (beep - at).abs() < 0.006),
            "{at}: {heard:?}"
        );
    }
    about(heard[0], 0.0, 0.006);
}
