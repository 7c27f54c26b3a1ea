//! Audio operations: levels and timing.

use std::process::Command;

use vidc_tests::audio::{decode_audio, loudness};
use vidc_tests::fixture::generated_file;
use vidc_tests::media::{beeps, count, flashes, probe, stream};
use vidc_tests::run;

use super::{assert_close, fixture};

#[test]
fn volume_mute_and_fades_are_measured() {
    let fixture = fixture(&["low.wav", "count.mp4"]);
    for (gain, expected) in [("-6dB", -12.04), ("-20dB", -26.02), ("3dB", -3.01)] {
        let quieter = decode_audio(&fixture.audio_clip(&format!("input(\"low.wav\") | volume({gain})")));
        assert_close(quieter.tone(300.0, 0.5, 1.5), expected, 0.1);
    }
    let faded = decode_audio(&fixture.audio_clip("input(\"low.wav\") | fade(in: 1s, out: 1s)"));
    assert_close(faded.tone(300.0, 1.2, 1.8), -6.0, 0.1);
    assert!(faded.level(0.0, 0.02) < -35.0 && faded.level(2.98, 3.0) < -35.0);
    let mute = probe(&fixture.video_clip("input(\"count.mp4\") | mute"));
    assert_eq!((count(&mute, "video"), count(&mute, "audio")), (1, 0));
}

#[test]
fn mix_keeps_both_levels_and_the_first_length() {
    let fixture = fixture(&["low.wav", "high.wav"]);
    let mixed = decode_audio(&fixture.audio_clip(
        "input(\"low.wav\") | mix(input(\"high.wav\") | trim(0s..1s), volume: -12dB, start: 500ms)",
    ));
    assert_close(mixed.seconds(), 3.0, 0.01);
    assert_close(mixed.tone(300.0, 0.6, 1.4), -6.0, 0.2);
    assert_close(mixed.tone(300.0, 2.0, 2.8), -6.0, 0.2);
    assert_close(mixed.tone(2000.0, 0.6, 1.4), -18.0, 0.2);
    assert!(mixed.tone(2000.0, 0.1, 0.4) < -60.0 && mixed.tone(2000.0, 1.6, 2.4) < -60.0);
    let longest = decode_audio(
        &fixture
            .audio_clip("input(\"low.wav\") | trim(0s..1s) | mix(input(\"high.wav\"), duration: longest)"),
    );
    assert_close(longest.seconds(), 3.0, 0.01);
}

#[test]
fn duck_lowers_and_restores_the_volume() {
    let fixture = fixture(&["low.wav", "burst.wav"]);
    for by in [6.0, 12.0] {
        let ducked = decode_audio(&fixture.audio_clip(&format!(
            "input(\"low.wav\") | loop | trim(0s..4s) | duck(under: input(\"burst.wav\"), by: {by}dB)"
        )));
        assert_close(ducked.tone(300.0, 0.2, 0.8), -6.0, 0.5);
        assert_close(ducked.tone(300.0, 1.4, 1.9), -6.0 - by, 2.0);
        assert_close(ducked.tone(300.0, 3.3, 3.8), -6.0, 0.7);
        assert!(
            ducked.tone(2000.0, 1.2, 1.8) < -50.0,
            "what it makes way for is not mixed in"
        );
    }
}

#[test]
fn loudness_meets_its_target_and_keeps_the_peak() {
    let fixture = fixture(&["low.wav", "burst.wav"]);
    for target in [-16.0, -23.0] {
        let clip = fixture.audio_clip(&format!(
            "input(\"low.wav\") | volume(-20dB) | loudness({target}LUFS, true-peak: -2dB)"
        ));
        let (integrated, peak) = loudness(&clip);
        assert_close(integrated, target, 0.5);
        assert!(peak <= -1.9, "{peak} dBTP");
    }
}

#[test]
fn replaced_audio_lasts_as_long_as_the_video() {
    let fixture = fixture(&["low.wav"]);
    for (seconds, fit, silent_end) in [(2, "trim", false), (5, "pad", true), (5, "loop", false)] {
        let replaced = decode_audio(&fixture.clip(&format!(
            "color(red, size: 64x48, duration: {seconds}s) | replace-audio(input(\"low.wav\"), fit: {fit})"
        )));
        let length = f64::from(seconds);
        assert_close(replaced.seconds(), length, 0.01);
        assert_eq!(
            replaced.level(length - 0.5, length - 0.1) < -80.0,
            silent_end,
            "{fit}"
        );
    }
}

/// AAC starts with encoder priming, which must not be audible when the clip repeats.
#[test]
fn compressed_audio_loops_without_a_gap() {
    let music = generated_file("music.m4a", "-f lavfi -i sine=440:r=44100:d=1.3 -c:a aac");
    let fixture = fixture(&[]);
    std::fs::copy(music, fixture.path("music.m4a")).unwrap();
    fixture.render(
        "output(\"out.mp4\", from: color(red, size: 64x48, duration: 5s) | replace-audio(input(\"music.m4a\"), fit: loop))",
    );
    let replaced = decode_audio(&fixture.path("out.mp4"));
    assert_close(replaced.seconds(), 5.0, 0.03);
    for at in 1..48 {
        let (from, until) = (f64::from(at) / 10.0, f64::from(at + 1) / 10.0);
        assert!(replaced.level(from, until) > -30.0, "silent at {from}");
    }
}

#[test]
fn mono_mixed_with_stereo_keeps_its_level() {
    let fixture = fixture(&["low.wav"]);
    fixture.render("output(\"stereo.wav\", from: concat([silence(1s), input(\"low.wav\")]), audio: pcm)");
    assert_close(
        decode_audio(&fixture.path("stereo.wav")).tone(300.0, 1.5, 2.5),
        -6.0,
        0.2,
    );
}

#[test]
fn channels_are_downmixed_and_kept_separate() {
    let fixture = fixture(&["low.wav"]);
    let tones = ["300", "0", "2000", "80", "0", "0"].map(|tone| format!("0.25*sin(2*PI*{tone}*t)"));
    let film = generated_file(
        "film.wav",
        &format!(
            "-f lavfi -i aevalsrc='{}':c=5.1:s=48000:d=2 -c:a pcm_s16le",
            tones.join("|")
        ),
    );
    std::fs::copy(film, fixture.path("film.wav")).unwrap();
    let left = |pipeline: &str, channels: i64| {
        let path = fixture.audio_clip(pipeline);
        assert_eq!(stream(&probe(&path), "audio")["channels"], channels, "{pipeline}");
        decode_audio(&path)
    };
    let stereo = left("input(\"film.wav\") | channels(stereo)", 2);
    assert_close(stereo.tone(300.0, 0.5, 1.5), -12.0, 0.1);
    assert_close(stereo.tone(2000.0, 0.5, 1.5), -15.0, 0.1);
    assert!(stereo.tone(80.0, 0.5, 1.5) < -70.0);
    let both = left(
        "concat([input(\"film.wav\"), input(\"low.wav\")]) | channels(stereo)",
        2,
    );
    assert_close(both.tone(300.0, 0.5, 1.5), -12.0, 0.1);
    let there_and_back = left("input(\"low.wav\") | channels(stereo) | channels(mono)", 1);
    assert_close(there_and_back.tone(300.0, 0.5, 1.5), -6.0, 0.1);
    let around = left("input(\"low.wav\") | channels(5.1)", 6);
    assert!(around.level(0.5, 1.5) < -80.0, "a voice is in the centre");
    let stderr = fixture
        .run("output(\"o.wav\", from: input(\"low.wav\") | channels(6))", &[])
        .expect(1)
        .stderr;
    assert!(
        stderr.contains("expected one of mono, stereo, 5.1, 7.1, found the number 6"),
        "{stderr}"
    );
}

#[test]
fn resampling_keeps_the_signal() {
    let fixture = fixture(&["low.wav"]);
    for rate in [16_000, 44_100] {
        let path = fixture.audio_clip(&format!("input(\"low.wav\") | resample({rate}Hz)"));
        assert_eq!(stream(&probe(&path), "audio")["sample_rate"], rate.to_string());
        let resampled = decode_audio(&path);
        assert_close(resampled.seconds(), 3.0, 0.001);
        assert_close(resampled.tone(300.0, 0.5, 2.5), -6.0, 0.1);
    }
    let stderr = fixture.run(
        "output(\"o.wav\", from: input(\"low.wav\") | resample(200Hz))",
        &[],
    );
    assert!(stderr.expect(1).stderr.contains("4kHz to 384kHz"));
}

/// Audio packets extend beyond the ends of the clips they were taken from, and overlap at the joins.
#[test]
fn clips_joined_by_packets_stay_in_sync() {
    let fixture = fixture(&["flash.mp4"]);
    let looped = fixture.path("looped.mp4");
    run(Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-stream_loop", "9", "-i"])
        .arg(fixture.path("flash.mp4"))
        .args(["-c", "copy"])
        .arg(&looped))
    .expect(0);
    fixture
        .render("output(\"out.mp4\", from: input(\"looped.mp4\") | trim(0.5s..39.5s), video: h264(crf: 20))");
    let rendered = fixture.path("out.mp4");
    let (beeps, flashes) = (beeps(&rendered), flashes(&rendered, 25.0));
    assert_eq!((beeps.len(), flashes.len()), (39, 39));
    for (beep, flash) in beeps.iter().zip(&flashes) {
        assert_close(*beep, *flash, 0.045);
    }
}

/// Packet durations are not whole microseconds, the unit in which FFmpeg counts start and end times.
#[test]
fn audio_is_joined_at_any_packet_boundary() {
    let fixture = fixture(&[]);
    for rate in [44_100, 48_000] {
        let source = generated_file("tone.m4a", &format!("-f lavfi -i sine=440:r={rate}:d=8 -c:a aac"));
        std::fs::copy(source, fixture.path("tone.m4a")).unwrap();
        let clips = (0..20).map(|n| {
            let start = 0.25 * f64::from(n);
            format!("input(\"tone.m4a\") | trim({start}s..{}s)", start + 1.5)
        });
        let clips: Vec<String> = clips.collect();
        let stderr = fixture
            .run(
                &format!("output(\"out.m4a\", from: concat([{}]))", clips.join(", ")),
                &[],
            )
            .expect(0)
            .stderr;
        assert!(!stderr.contains("full encode"), "{rate}: {stderr}");
        assert_close(decode_audio(&fixture.path("out.m4a")).seconds(), 30.0, 0.03);
    }
}

/// FFmpeg writes AAC priming to Matroska as audible samples and delays the video accordingly.
#[test]
fn audio_priming_in_matroska_moves_nothing() {
    let fixture = fixture(&["flash.mkv", "flash.mp4"]);
    let clips = "input(\"flash.mkv\") | trim(0.4s..3.4s), input(\"flash.mp4\"), input(\"flash.mkv\")";
    for options in [&[][..], &["--exact"]] {
        fixture
            .run(&format!("output(\"out.mp4\", from: concat([{clips}]))"), options)
            .expect(0);
        let rendered = fixture.path("out.mp4");
        let (beeps, flashes) = (beeps(&rendered), flashes(&rendered, 25.0));
        let expected = [0.6, 1.6, 2.6, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
        assert_eq!((beeps.len(), flashes.len()), (11, 11), "{options:?}");
        for (expected, (beep, flash)) in expected.iter().zip(beeps.iter().zip(&flashes)) {
            assert_close(*flash, *expected, 0.001);
            assert_close(*beep, *expected, 0.012);
        }
    }
}

#[test]
fn the_chosen_audio_track_is_reported() {
    let fixture = fixture(&[]);
    let two = "-f lavfi -i sine=300:d=1 -f lavfi -i sine=2000:d=1 -map 0 -map 1 -metadata:s:a:0 language=eng \
        -metadata:s:a:1 language=deu -disposition:a:0 0 -disposition:a:1 default -c:a flac";
    fixture.write("two.mkv", std::fs::read(generated_file("two.mkv", two)).unwrap());
    let run = fixture.run("output(\"out.wav\", from: input(\"two.mkv\"))", &[]);
    let stderr = run.expect(0).stderr;
    assert!(
        stderr.contains("`two.mkv` has 2 audio tracks; stream 1 (`deu`) is used"),
        "{stderr}"
    );
    let heard = decode_audio(&fixture.path("out.wav"));
    assert!(heard.tone(2000.0, 0.2, 0.8) > heard.tone(300.0, 0.2, 0.8) + 30.0);
}
