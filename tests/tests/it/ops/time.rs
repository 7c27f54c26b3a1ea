//! Timing operations: trim, concat, crossfades, fades, speed, delay, loop.

use vidc_tests::audio::decode_audio;
use vidc_tests::fixture::generated_file;
use vidc_tests::media::{beeps, flashes};
use vidc_tests::video::{frame_numbers, frames, is_close};

use super::{BLUE, RED, assert_close, fixture};

fn counted(range: std::ops::Range<i64>) -> Vec<i64> {
    range.collect()
}

#[test]
fn trim_is_exact_with_and_without_seeking() {
    let fixture = fixture(&["count.mp4"]);
    for (pipeline, expected) in [
        ("input(\"count.mp4\") | trim(1.24s..2s)", counted(31..50)),
        ("input(\"count.mp4\") | trim(0.4s..0.48s)", counted(10..12)),
        // Cuts are rounded to the nearest frame.
        ("input(\"count.mp4\") | trim(2.01s..3.03s)", counted(50..76)),
        ("input(\"count.mp4\") | trim(3.6s..)", counted(90..100)),
        (
            "input(\"count.mp4\") | trim(1s..3s) | trim(0.52s..1s)",
            counted(38..50),
        ),
        (
            "concat([input(\"count.mp4\") | trim(2s..3s), input(\"count.mp4\") | trim(0s..1s)]) | trim(0.8s..1.2s)",
            [counted(70..75), counted(0..5)].concat(),
        ),
        // One frame of the first clip, one of the second and one of the third.
        (
            "concat([input(\"count.mp4\") | trim(2s..3s), input(\"count.mp4\") | trim(0.4s..0.44s), \
             input(\"count.mp4\")]) | trim(0.96s..1.08s)",
            vec![74, 10, 0],
        ),
    ] {
        for options in [&[][..], &["--no-pass", "seek-pushdown"]] {
            let clip = fixture.clip_with(pipeline, options);
            assert_eq!(frame_numbers(&clip), expected, "{pipeline} with {options:?}");
            assert_close(decode_audio(&clip).seconds(), expected.len() as f64 / 25.0, 0.021);
        }
    }
}

/// FFmpeg repeats the last frame and exits with code 0.
#[test]
fn truncated_files_are_reported() {
    let fixture = fixture(&["count.mp4"]);
    let whole = generated_file(
        "whole.mkv",
        "-f lavfi -i testsrc2=s=320x180:r=25:d=8 -c:v libx264 -pix_fmt yuv420p",
    );
    let bytes = std::fs::read(whole).unwrap();
    fixture.write("short.mkv", &bytes[..bytes.len() * 6 / 10]);
    let stderr = fixture
        .run(
            "output(\"out.mkv\", from: concat([input(\"short.mkv\"), input(\"count.mp4\")]))",
            &[],
        )
        .expect(4)
        .stderr;
    assert!(stderr.contains("ends earlier than its header says"), "{stderr}");
    assert!(!fixture.path("out.mkv").exists());
}

#[test]
fn audio_and_video_stay_in_sync_through_cuts() {
    let fixture = fixture(&["flash.mp4"]);
    let clip = fixture.clip(
        "concat([input(\"flash.mp4\") | trim(0.52s..1.4s), input(\"flash.mp4\") | trim(1.72s..3.36s)])",
    );
    let (flashes, beeps) = (flashes(&clip, 25.0), beeps(&clip));
    for (found, expected) in flashes.iter().zip([0.48, 1.16, 2.16]) {
        assert_close(*found, expected, 0.001);
    }
    assert_eq!((flashes.len(), beeps.len()), (3, 3), "{flashes:?} {beeps:?}");
    for (flash, beep) in flashes.iter().zip(&beeps) {
        assert_close(*beep, *flash, 0.006);
    }
}

#[test]
fn concat_converts_clips_to_a_common_format() {
    let fixture = fixture(&["quarters.mp4", "tall.mp4"]);
    let clip = fixture.clip("concat([input(\"quarters.mp4\"), input(\"tall.mp4\")])");
    let frames = frames(&clip);
    assert!(frames.len().abs_diff(75) <= 1, "{}", frames.len());
    let last = frames.last().unwrap();
    assert_eq!((last.width, last.height), (160, 120));
    assert!(is_close(last.at(10, 60), [0; 3], 16) && is_close(last.at(60, 20), RED, 24));
    assert!(is_close(frames[10].at(4, 4), RED, 24));
    let sound = decode_audio(&clip);
    assert_close(sound.seconds(), 3.0, 0.03);
    assert!(sound.level(0.5, 1.5) > -30.0 && sound.level(2.2, 2.8) < -80.0);
}

#[test]
fn crossfades_mix_video_and_audio() {
    let fixture = fixture(&["low.wav", "high.wav"]);
    let clip = fixture.clip(
        "concat([color(red, size: 64x48, duration: 2s) | replace-audio(input(\"low.wav\")), \
                 color(blue, size: 64x48, duration: 2s) | replace-audio(input(\"high.wav\"))], \
                transition: xfade(fade, duration: 1s))",
    );
    let frames = frames(&clip);
    assert_eq!(frames.len(), 75);
    assert!(is_close(frames[20].at(30, 20), RED, 24) && is_close(frames[55].at(30, 20), BLUE, 24));
    let [red, _, blue] = frames[37].at(30, 20);
    assert!(
        (90..=165).contains(&red) && (90..=165).contains(&blue),
        "{red} {blue}"
    );
    let sound = decode_audio(&clip);
    assert_close(sound.tone(300.0, 0.2, 0.8), -6.0, 0.5);
    assert_close(sound.tone(2000.0, 2.2, 2.8), -6.0, 0.5);
    assert!(sound.tone(2000.0, 0.2, 0.8) < -50.0 && sound.tone(300.0, 2.2, 2.8) < -50.0);
    let (going, coming) = (sound.tone(300.0, 1.4, 1.6), sound.tone(2000.0, 1.4, 1.6));
    assert_close(going, coming, 1.0);
    assert!((-13.0..-7.0).contains(&going), "{going} dB in the middle");
}

#[test]
fn fades_start_and_end_black_and_silent() {
    let fixture = fixture(&["low.wav"]);
    let clip = fixture.clip(
        "color(red, size: 64x48, duration: 3s) | replace-audio(input(\"low.wav\")) | fade(in: 1s, out: 1s)",
    );
    let (frames, sound) = (frames(&clip), decode_audio(&clip));
    let red = |index: usize| f64::from(frames[index].at(30, 20)[0]);
    assert!(red(0) < 16.0 && red(74) < 24.0, "{} {}", red(0), red(74));
    assert_close(red(12), 126.0, 16.0);
    assert_close(red(37), 254.0, 4.0);
    assert_close(red(62), 126.0, 16.0);
    assert_close(sound.tone(300.0, 1.2, 1.8), -6.0, 0.3);
    for (from, to) in [(0.45, 0.55), (2.45, 2.55)] {
        assert!(sound.tone(300.0, from, to) < -8.0, "half way, it is quieter");
    }
    assert!(sound.level(0.0, 0.02) < -35.0 && sound.level(2.98, 3.0) < -35.0);
}

#[test]
fn speed_changes_the_pitch_only_on_request() {
    let fixture = fixture(&["count.mp4"]);
    let kept = fixture.clip("input(\"count.mp4\") | speed(2)");
    let seen = frame_numbers(&kept);
    assert!(seen.len().abs_diff(50) <= 1, "{seen:?}");
    for (index, number) in seen.iter().enumerate() {
        assert!(number.abs_diff(index as i64 * 2) <= 1, "{seen:?}");
    }
    let heard = decode_audio(&kept);
    assert_close(heard.seconds(), 2.0, 0.05);
    assert!(heard.tone(1000.0, 0.9, 1.0) > heard.tone(2000.0, 0.9, 1.0) + 20.0);
    let shifted = decode_audio(&fixture.clip("input(\"count.mp4\") | speed(2, pitch: shift)"));
    assert!(shifted.tone(2000.0, 0.9, 1.0) > shifted.tone(1000.0, 0.9, 1.0) + 20.0);
    let slow = frame_numbers(&fixture.clip("input(\"count.mp4\") | trim(0s..1s) | speed(0.5)"));
    assert!(slow.len().abs_diff(50) <= 1 && slow.is_sorted(), "{slow:?}");
}

#[test]
fn delay_moves_the_chosen_tracks() {
    let fixture = fixture(&["flash.mp4"]);
    for (operation, sound_at, picture_at) in [
        ("delay(200ms)", 1.2, 1.0),
        ("delay(-80ms)", 0.92, 1.0),
        ("delay(400ms, track: both)", 1.4, 1.4),
        ("delay(200ms, track: video)", 1.0, 1.2),
    ] {
        let clip = fixture.clip(&format!("input(\"flash.mp4\") | {operation}"));
        let (beeps, flashes) = (beeps(&clip), flashes(&clip, 25.0));
        let has = |found: &[f64], at: f64| found.iter().any(|time| (time - at).abs() < 0.006);
        assert!(has(&beeps, sound_at), "{operation}: {beeps:?}");
        assert!(has(&flashes, picture_at), "{operation}: {flashes:?}");
    }
}

/// Next to copied video, audio packets would be off by up to 10.7 ms.
#[test]
fn delay_next_to_copied_video_is_sample_exact() {
    let fixture = fixture(&["flash.mp4"]);
    for millis in [5, 30, 100, 500] {
        let delayed = format!("output(\"out.mp4\", from: input(\"flash.mp4\") | delay({millis}ms))");
        fixture.render(&delayed);
        for (number, beep) in beeps(&fixture.path("out.mp4"))
            .iter()
            .rev()
            .take(2)
            .rev()
            .enumerate()
        {
            assert_close(*beep, 2.0 + number as f64 + f64::from(millis) / 1000.0, 0.0025);
        }
    }
}

#[test]
fn loop_repeats_the_clip() {
    let fixture = fixture(&["count.mp4"]);
    let endless = fixture.clip("input(\"count.mp4\") | trim(2s..2.4s) | loop | trim(0s..1s)");
    let rounds = [counted(50..60), counted(50..60), counted(50..55)].concat();
    assert_eq!(frame_numbers(&endless), rounds);
    let clip = fixture.clip("input(\"count.mp4\") | trim(2s..2.4s) | loop(3)");
    assert_eq!(frame_numbers(&clip), counted(50..60).repeat(3));
}
