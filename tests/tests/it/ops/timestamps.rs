//! Files with a coarse time base, a nonzero start or DTS that mislead FFmpeg's seeks.

use vidc_tests::fixture::{Fixture, generated_file};
use vidc_tests::media::{beeps, decode_errors, probe, stream};
use vidc_tests::video::{frame_numbers, frames};

use super::{assert_close, fixture};

fn with(name: &str, arguments: &str) -> Fixture {
    let fixture = fixture(&[]);
    fixture.write(name, std::fs::read(generated_file(name, arguments)).unwrap());
    fixture
}

/// A hundred frames, each with its number in its luma.
fn counted(rate: &str, options: &str) -> String {
    let picture =
        format!("-f lavfi -i color=black:s=64x48:r={rate}:d=20,geq=lum=20+2*N:cb=128:cr=128 -frames:v 100");
    format!("{picture} -c:v libx264 -preset veryfast -crf 4 -pix_fmt yuv420p -g 15 -bf 2 {options}")
}

/// Creates `late.mp4`: the video of `count.mp4`, delayed relative to its audio by a number of seconds.
fn late(fixture: &Fixture, by: f64) {
    let arguments = format!(
        "-itsoffset {by} -i count.mp4 -f lavfi -i sine=d=20 -map 0 -map 1 -c:v copy -c:a aac late.mp4"
    );
    let rendered = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error"])
        .args(arguments.split_whitespace())
        .current_dir(fixture.path(""))
        .status();
    assert!(rendered.unwrap().success());
}

/// Asserts the frames of cuts, both with smart render and with a full encode.
fn cuts_are_right(fixture: &Fixture, source: &str, rendered: &str, cuts: &[(i64, i64)]) {
    for (from, until) in cuts {
        for options in [&[][..], &["--exact"]] {
            let statement =
                format!("output(\"{rendered}\", from: input(\"{source}\") | trim({from}f..{until}f))");
            fixture.run(&statement, options).expect(0);
            let path = fixture.path(rendered);
            assert_eq!(
                frame_numbers(&path),
                (*from..*until).collect::<Vec<_>>(),
                "{source} {from} {options:?}"
            );
            assert_eq!(decode_errors(&path), "", "{source} {from} {options:?}");
        }
    }
}

#[test]
fn a_coarse_time_base_keeps_all_frames() {
    for (name, rate, options) in [
        ("coarse.mp4", "30000/1001", "-video_track_timescale 600"),
        ("coarse.mov", "24000/1001", "-video_track_timescale 600"),
        ("odd.mp4", "25", "-video_track_timescale 12345"),
        ("coarse.mkv", "60000/1001", ""),
    ] {
        let fixture = with(name, &counted(rate, options));
        cuts_are_right(
            &fixture,
            name,
            "out.mp4",
            &[(3, 41), (14, 78), (33, 95), (22, 54)],
        );
    }
}

/// FFmpeg seeks in MP4 by DTS.
#[test]
fn files_without_edit_lists_keep_frames_before_keyframes() {
    for (name, options) in [
        ("plain.mp4", "-use_editlist 0"),
        ("fragments.mp4", "-movflags +frag_keyframe+empty_moov"),
    ] {
        let fixture = with(name, &counted("25", options));
        cuts_are_right(
            &fixture,
            name,
            "out.mp4",
            &[(28, 70), (29, 70), (30, 70), (44, 90), (31, 59)],
        );
    }
}

#[test]
fn video_starting_between_frames_keeps_all_frames() {
    let fixture = with("count.mp4", &counted("25", ""));
    late(&fixture, 0.51);
    for options in [&[][..], &["--exact"]] {
        fixture
            .run(
                "output(\"out.mp4\", from: input(\"late.mp4\") | trim(40f..80f))",
                options,
            )
            .expect(0);
        let seen = frame_numbers(&fixture.path("out.mp4"));
        assert_eq!(seen, (27..67).collect::<Vec<_>>(), "{options:?}");
    }
}

/// FFmpeg measures the duration of a video from its first frame.
#[test]
fn video_starting_after_its_audio_is_cut_correctly() {
    for (rate, by, until) in [("25", 0.2, 80), ("10", 0.1, 30)] {
        let fixture = with("count.mp4", &counted(rate, ""));
        late(&fixture, by);
        for options in [&[][..], &["--exact"]] {
            let statement = format!("output(\"out.mp4\", from: input(\"late.mp4\") | trim(0f..{until}f))");
            fixture.run(&statement, options).expect(0);
            let seen = frame_numbers(&fixture.path("out.mp4"));
            assert_eq!(seen.len(), until, "{rate} {options:?}: {seen:?}");
        }
    }
}

#[test]
fn matroska_cuts_to_matroska_are_copied() {
    let fixture = with("count.mkv", &counted("25", ""));
    let cut = "output(\"out.mkv\", from: input(\"count.mkv\") | trim(0.4s..3.6s))";
    let stderr = fixture.run(cut, &[]).expect(0).stderr;
    assert!(!stderr.contains("full encode"), "{stderr}");
    assert_eq!(
        frame_numbers(&fixture.path("out.mkv")),
        (10..90).collect::<Vec<_>>()
    );
}

#[test]
fn mpeg4_in_avi_is_copied_after_its_first_frames() {
    let source = "-f lavfi -i testsrc2=s=64x48:r=25:d=20 -c:v mpeg4 -q:v 3 -g 50";
    let fixture = with("long.avi", source);
    let stderr = fixture.run(
        "output(\"out.avi\", from: input(\"long.avi\") | trim(1.2s..18s))",
        &[],
    );
    let stderr = stderr.expect(0).stderr;
    assert!(!stderr.contains("full encode"), "{stderr}");
    let rendered = fixture.path("out.avi");
    assert_eq!(frames(&rendered).len(), 420);
    let copied = super::smart_render::copied(&rendered, &fixture.path("long.avi"));
    assert!(copied > 380, "{copied}");
}

/// After a title, packets repeat the parameter sets in band.
#[test]
fn joined_hevc_can_be_cut_again() {
    let hevc = "-c:v libx265 -preset ultrafast -crf 8 -pix_fmt yuv420p \
                -x265-params log-level=error:keyint=15:min-keyint=15:scenecut=0:open-gop=0 -tag:v hvc1";
    let picture = format!("-f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128 {hevc}");
    let fixture = with("hevc.mp4", &picture);
    fixture.render(
        "output(\"titled.mp4\", from: input(\"hevc.mp4\") | overlay(color(gray, size: 8x8), position: top-left, during: 1.2s..1.6s))",
    );
    assert_eq!(
        stream(&probe(&fixture.path("titled.mp4")), "video")["codec_name"],
        "hevc"
    );
    fixture.render("output(\"cut.mp4\", from: input(\"titled.mp4\") | trim(0.4s..3.8s))");
    let cut = fixture.path("cut.mp4");
    assert_eq!(decode_errors(&cut), "");
    let seen = frame_numbers(&cut);
    assert_eq!(seen.len(), 85);
    for (at, number) in (10..).zip(&seen) {
        assert!(
            (at - number).abs() <= 3 && (*number == at || (30..40).contains(&at)),
            "{at}: {number}"
        );
    }
}

/// Seeking in Matroska goes to a keyframe, past the audio packets that started before it.
#[test]
fn audio_starting_before_its_video_stays_in_sync() {
    let source = "-f lavfi -i testsrc2=s=64x48:r=24000/1001:d=6 \
                  -f lavfi -i aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.04)':s=48000:d=6 \
                  -c:v libx264 -g 24 -bf 3 -pix_fmt yuv420p -c:a ac3";
    let fixture = with("early.mkv", source);
    let clip = "input(\"early.mkv\")";
    fixture.render(&format!(
        "output(\"out.mp4\", from: concat([{clip} | trim(..120f), {clip} | trim(24f..)]))"
    ));
    let heard = beeps(&fixture.path("out.mp4"));
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
    assert_close(heard[0], 0.0, 0.006);
}
