//! How loud things are, and when.

use std::process::Command;

use vidc_tests::fixture::made;
use vidc_tests::media::{beeps, count, flashes, probe, stream};
use vidc_tests::run;
use vidc_tests::sound::{loudness, sound};

use super::{about, studio};

#[test]
fn volume_mute_and_fades_are_measured() {
    let studio = studio(&["low.wav", "count.mp4"]);
    for (gain, expected) in [("-6dB", -12.04), ("-20dB", -26.02), ("3dB", -3.01)] {
        let quieter = sound(&studio.sound(&format!("input(\"low.wav\") | volume({gain})")));
        about(quieter.tone(300.0, 0.5, 1.5), expected, 0.1);
    }
    let faded = sound(&studio.sound("input(\"low.wav\") | fade(in: 1s, out: 1s)"));
    about(faded.tone(300.0, 1.2, 1.8), -6.0, 0.1);
    assert!(faded.level(0.0, 0.02) < -35.0 && faded.level(2.98, 3.0) < -35.0);
    let mute = probe(&studio.picture("input(\"count.mp4\") | mute"));
    assert_eq!((count(&mute, "video"), count(&mute, "audio")), (1, 0));
}

#[test]
fn mix_keeps_both_levels_and_the_first_length() {
    let studio = studio(&["low.wav", "high.wav"]);
    let mixed =
        sound(&studio.sound(
            "input(\"low.wav\") | mix(input(\"high.wav\") | trim(0s..1s), volume: -12dB, start: 500ms)",
        ));
    about(mixed.seconds(), 3.0, 0.01);
    about(mixed.tone(300.0, 0.6, 1.4), -6.0, 0.2);
    about(mixed.tone(300.0, 2.0, 2.8), -6.0, 0.2);
    about(mixed.tone(2000.0, 0.6, 1.4), -18.0, 0.2);
    assert!(mixed.tone(2000.0, 0.1, 0.4) < -60.0 && mixed.tone(2000.0, 1.6, 2.4) < -60.0);
    let longest = sound(
        &studio.sound("input(\"low.wav\") | trim(0s..1s) | mix(input(\"high.wav\"), duration: longest)"),
    );
    about(longest.seconds(), 3.0, 0.01);
}

#[test]
fn duck_makes_way_and_comes_back() {
    let studio = studio(&["low.wav", "burst.wav"]);
    for by in [6.0, 12.0] {
        let ducked = sound(&studio.sound(&format!(
            "input(\"low.wav\") | loop | trim(0s..4s) | duck(under: input(\"burst.wav\"), by: {by}dB)"
        )));
        about(ducked.tone(300.0, 0.2, 0.8), -6.0, 0.5);
        about(ducked.tone(300.0, 1.4, 1.9), -6.0 - by, 2.0);
        about(ducked.tone(300.0, 3.3, 3.8), -6.0, 0.7);
        assert!(
            ducked.tone(2000.0, 1.2, 1.8) < -50.0,
            "what it makes way for is not mixed in"
        );
    }
}

#[test]
fn loudness_meets_its_target_and_keeps_the_peak() {
    let studio = studio(&["low.wav", "burst.wav"]);
    for target in [-16.0, -23.0] {
        let clip = studio.sound(&format!(
            "input(\"low.wav\") | volume(-20dB) | loudness({target}LUFS, true-peak: -2dB)"
        ));
        let (integrated, peak) = loudness(&clip);
        about(integrated, target, 0.5);
        assert!(peak <= -1.9, "{peak} dBTP");
    }
}

#[test]
fn replaced_sound_is_as_long_as_the_picture() {
    let studio = studio(&["low.wav"]);
    for (seconds, fit, silent_end) in [(2, "trim", false), (5, "pad", true), (5, "loop", false)] {
        let replaced = sound(&studio.clip(&format!(
            "color(red, size: 64x48, duration: {seconds}s) | replace-audio(input(\"low.wav\"), fit: {fit})"
        )));
        let length = f64::from(seconds);
        about(replaced.seconds(), length, 0.01);
        assert_eq!(
            replaced.level(length - 0.5, length - 0.1) < -80.0,
            silent_end,
            "{fit}"
        );
    }
}

/// AAC has an encoder's priming before it, which is not to be heard again wherever it begins anew.
#[test]
fn compressed_sound_repeats_without_a_gap() {
    let music = made("music.m4a", "-f lavfi -i sine=440:r=44100:d=1.3 -c:a aac");
    let studio = studio(&[]);
    std::fs::copy(music, studio.path("music.m4a")).unwrap();
    studio.render(
        "output(\"out.mp4\", from: color(red, size: 64x48, duration: 5s) | replace-audio(input(\"music.m4a\"), fit: loop))",
    );
    let replaced = sound(&studio.path("out.mp4"));
    about(replaced.seconds(), 5.0, 0.03);
    for at in 1..48 {
        let (from, until) = (f64::from(at) / 10.0, f64::from(at + 1) / 10.0);
        assert!(replaced.level(from, until) > -30.0, "silent at {from}");
    }
}

#[test]
fn mono_beside_stereo_keeps_its_level() {
    let studio = studio(&["low.wav"]);
    studio.render("output(\"stereo.wav\", from: concat([silence(1s), input(\"low.wav\")]), audio: pcm)");
    about(sound(&studio.path("stereo.wav")).tone(300.0, 1.5, 2.5), -6.0, 0.2);
}

#[test]
fn channels_are_mixed_down_and_kept_apart() {
    let studio = studio(&["low.wav"]);
    let tones = ["300", "0", "2000", "80", "0", "0"].map(|tone| format!("0.25*sin(2*PI*{tone}*t)"));
    let film = made(
        "film.wav",
        &format!(
            "-f lavfi -i aevalsrc='{}':c=5.1:s=48000:d=2 -c:a pcm_s16le",
            tones.join("|")
        ),
    );
    std::fs::copy(film, studio.path("film.wav")).unwrap();
    let left = |pipeline: &str, channels: i64| {
        let path = studio.sound(pipeline);
        assert_eq!(stream(&probe(&path), "audio")["channels"], channels, "{pipeline}");
        sound(&path)
    };
    let stereo = left("input(\"film.wav\") | channels(stereo)", 2);
    about(stereo.tone(300.0, 0.5, 1.5), -12.0, 0.1);
    about(stereo.tone(2000.0, 0.5, 1.5), -15.0, 0.1);
    assert!(stereo.tone(80.0, 0.5, 1.5) < -70.0);
    let both = left(
        "concat([input(\"film.wav\"), input(\"low.wav\")]) | channels(stereo)",
        2,
    );
    about(both.tone(300.0, 0.5, 1.5), -12.0, 0.1);
    let there_and_back = left("input(\"low.wav\") | channels(stereo) | channels(mono)", 1);
    about(there_and_back.tone(300.0, 0.5, 1.5), -6.0, 0.1);
    let around = left("input(\"low.wav\") | channels(5.1)", 6);
    assert!(around.level(0.5, 1.5) < -80.0, "a voice is in the centre");
    let said = studio
        .run("output(\"o.wav\", from: input(\"low.wav\") | channels(6))", &[])
        .expect(1)
        .stderr;
    assert!(
        said.contains("expected one of mono, stereo, 5.1, 7.1, found the number 6"),
        "{said}"
    );
}

#[test]
fn another_sample_rate_sounds_the_same() {
    let studio = studio(&["low.wav"]);
    for rate in [16_000, 44_100] {
        let path = studio.sound(&format!("input(\"low.wav\") | resample({rate}Hz)"));
        assert_eq!(stream(&probe(&path), "audio")["sample_rate"], rate.to_string());
        let resampled = sound(&path);
        about(resampled.seconds(), 3.0, 0.001);
        about(resampled.tone(300.0, 0.5, 2.5), -6.0, 0.1);
    }
    let said = studio.run(
        "output(\"o.wav\", from: input(\"low.wav\") | resample(200Hz))",
        &[],
    );
    assert!(said.expect(1).stderr.contains("4kHz to 384kHz"));
}

/// Packets of sound reach over the ends of the clips they were taken from, and overlap where these meet.
#[test]
fn clips_put_together_packet_by_packet_keep_in_time() {
    let studio = studio(&["flash.mp4"]);
    let looped = studio.path("looped.mp4");
    run(Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-stream_loop", "9", "-i"])
        .arg(studio.path("flash.mp4"))
        .args(["-c", "copy"])
        .arg(&looped))
    .expect(0);
    studio
        .render("output(\"out.mp4\", from: input(\"looped.mp4\") | trim(0.5s..39.5s), video: h264(crf: 20))");
    let made = studio.path("out.mp4");
    let (beeps, flashes) = (beeps(&made), flashes(&made, 25.0));
    assert_eq!((beeps.len(), flashes.len()), (39, 39));
    for (beep, flash) in beeps.iter().zip(&flashes) {
        about(*beep, *flash, 0.045);
    }
}

/// Packets last for no whole number of microseconds, in which FFmpeg counts where to begin and to end.
#[test]
fn sound_is_joined_wherever_its_packets_begin() {
    let studio = studio(&[]);
    for rate in [44_100, 48_000] {
        let source = made("tone.m4a", &format!("-f lavfi -i sine=440:r={rate}:d=8 -c:a aac"));
        std::fs::copy(source, studio.path("tone.m4a")).unwrap();
        let clips = (0..20).map(|n| {
            let start = 0.25 * f64::from(n);
            format!("input(\"tone.m4a\") | trim({start}s..{}s)", start + 1.5)
        });
        let clips: Vec<String> = clips.collect();
        let said = studio
            .run(
                &format!("output(\"out.m4a\", from: concat([{}]))", clips.join(", ")),
                &[],
            )
            .expect(0)
            .stderr;
        assert!(!said.contains("full encode"), "{rate}: {said}");
        about(sound(&studio.path("out.m4a")).seconds(), 30.0, 0.03);
    }
}

/// FFmpeg puts the priming of AAC into Matroska as if it were to be heard, and moves the picture behind it.
#[test]
fn what_is_put_before_the_sound_in_matroska_moves_nothing() {
    let studio = studio(&["flash.mkv", "flash.mp4"]);
    let clips = "input(\"flash.mkv\") | trim(0.4s..3.4s), input(\"flash.mp4\"), input(\"flash.mkv\")";
    for options in [&[][..], &["--exact"]] {
        studio
            .run(&format!("output(\"out.mp4\", from: concat([{clips}]))"), options)
            .expect(0);
        let made = studio.path("out.mp4");
        let (beeps, flashes) = (beeps(&made), flashes(&made, 25.0));
        let expected = [0.6, 1.6, 2.6, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
        assert_eq!((beeps.len(), flashes.len()), (11, 11), "{options:?}");
        for (expected, (beep, flash)) in expected.iter().zip(beeps.iter().zip(&flashes)) {
            about(*flash, *expected, 0.001);
            about(*beep, *expected, 0.012);
        }
    }
}

#[test]
fn which_of_several_sounds_is_used_is_told() {
    let studio = studio(&[]);
    let two = "-f lavfi -i sine=300:d=1 -f lavfi -i sine=2000:d=1 -map 0 -map 1 -metadata:s:a:0 language=eng \
        -metadata:s:a:1 language=deu -disposition:a:0 0 -disposition:a:1 default -c:a flac";
    studio.write("two.mkv", std::fs::read(made("two.mkv", two)).unwrap());
    let run = studio.run("output(\"out.wav\", from: input(\"two.mkv\"))", &[]);
    let told = run.expect(0).stderr;
    assert!(
        told.contains("`two.mkv` has 2 audio tracks; stream 1 (`deu`) is used"),
        "{told}"
    );
    let heard = sound(&studio.path("out.wav"));
    assert!(heard.tone(2000.0, 0.2, 0.8) > heard.tone(300.0, 0.2, 0.8) + 30.0);
}
