//! Which frames are seen when: of files whose frames are unevenly spaced, interlaced, or shown in another order than they
//! are decoded in; and to the very last of a transition.

use vidc_tests::fixture::{Studio, made};
use vidc_tests::media::{probe, stream};
use vidc_tests::picture::{frames, numbers};

use super::{WHITE, about, studio};

/// A hundred frames of which each tells its number by its luma.
const COUNTED: &str = "-f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128";

fn with(name: &str, arguments: &str) -> Studio {
    let studio = studio(&[]);
    studio.write(name, std::fs::read(made(name, arguments)).unwrap());
    studio
}

/// Six frames, the ones numbered 0, 6, 20, 22, 52 and 80, each seen until the next would come.
fn held(options: &str) -> String {
    format!(
        "{COUNTED},select='eq(n,0)+eq(n,6)+eq(n,20)+eq(n,22)+eq(n,52)+eq(n,80)' -fps_mode vfr \
         -c:v libx264 -crf 0 -preset ultrafast -pix_fmt yuv420p {options}"
    )
}

fn times(runs: &[(i64, usize)]) -> Vec<i64> {
    let runs = runs.iter().map(|(number, count)| vec![*number; *count]);
    runs.collect::<Vec<_>>().concat()
}

#[test]
fn uneven_frames_are_seen_until_the_next_comes() {
    for options in ["-bf 0 -g 2", "-bf 3 -g 3 -x264-params b-adapt=0"] {
        let studio = with("held.mp4", &held(options));
        for pass in ["none", "all"] {
            let cut = |range: &str| {
                let statement = format!(
                    "output(\"out.mkv\", from: input(\"held.mp4\") | trim({range}), video: h264(crf: 0, preset: ultrafast))"
                );
                let options: &[&str] = match pass {
                    "none" => &[],
                    _ => &["--no-pass", "seek-pushdown"],
                };
                studio.run(&statement, options).expect(0);
                numbers(&studio.path("out.mkv"))
            };
            assert_eq!(cut("1s..2s"), times(&[(22, 24)]), "{options}");
            assert_eq!(
                cut("1.5s..3.5s"),
                times(&[(22, 14), (52, 27), (80, 1)]),
                "{options}"
            );
            // A moment before a keyframe.
            assert_eq!(cut("2s..2.5s"), times(&[(22, 2), (52, 10)]), "{options}");
        }
    }
}

#[test]
fn what_is_drawn_on_uneven_frames_is_seen_when_it_is_asked_for() {
    let studio = with("held.mp4", &held("-bf 0"));
    let drawn = "overlay(color(white, size: 64x48, fps: 24), during: 1s..2s)";
    let made = frames(&studio.picture(&format!("input(\"held.mp4\") | {drawn}")));
    let white: Vec<usize> = (0..made.len())
        .filter(|index| made[*index].at(30, 20) == WHITE)
        .collect();
    assert_eq!(white, (24..48).collect::<Vec<_>>());
}

#[test]
fn that_frames_become_even_is_told_where_they_are_opened() {
    let studio = with("held.mp4", &held("-bf 0"));
    let told = |statements: &str| studio.run(statements, &[]).expect(0).stderr;
    let encoded = told("let clip = input(\"held.mp4\")\noutput(\"o.mp4\", from: clip | flip(horizontal))");
    assert!(
        encoded.contains("variable frame rate: converted to constant 24 fps"),
        "{encoded}"
    );
    assert!(encoded.contains("| let clip = input("), "{encoded}");
    let copied = told("output(\"o.mp4\", from: input(\"held.mp4\"))");
    assert!(!copied.contains("variable frame rate"), "{copied}");
}

/// FFmpeg tells the end of a crossfade as the time at which its first clip ends.
#[test]
fn transitions_keep_their_last_frame() {
    let studio = studio(&["count.mp4"]);
    let clip = |range: &str| format!("input(\"count.mp4\") | trim({range}) | mute");
    let fading = format!(
        "concat([{}, {}], transition: xfade(fade, duration: 200ms))",
        clip("0s..1s"),
        clip("2s..3s")
    );
    let last = |pipeline: &str, count: usize| {
        let made = numbers(&studio.picture(pipeline));
        (made.len(), made[made.len() - count..].to_vec())
    };
    assert_eq!(last(&fading, 3), (45, vec![72, 73, 74]));
    let joined = format!("concat([{fading}, {}])", clip("3.2s..4s"));
    assert_eq!(
        last(&joined, 22),
        (65, [vec![73, 74], (80..100).collect()].concat())
    );
    assert_eq!(
        last(&format!("{fading} | fps(50)"), 4),
        (90, vec![73, 73, 74, 74])
    );
    assert_eq!(last(&format!("{fading} | loop(count: 2)"), 2), (90, vec![73, 74]));
    let slower = last(&format!("{fading} | speed(0.5)"), 4);
    assert_eq!(slower, (90, vec![73, 73, 74, 74]));
}

/// In MP4, FFmpeg seeks by when frames are decoded, so it finds keyframes that are shown after the time.
#[test]
fn cuts_before_the_keyframe_of_an_open_group_lose_nothing() {
    let h264 = "-c:v libx264 -crf 10 -bf 4 -g 15 -x264-params open-gop=1:b-adapt=0:scenecut=0";
    let hevc = "-c:v libx265 -crf 8 -preset ultrafast \
                -x265-params log-level=error:keyint=15:min-keyint=15:scenecut=0:open-gop=1:bframes=4:b-adapt=0 -tag:v hvc1";
    for (name, codec) in [("open.mp4", h264), ("hevc.mp4", hevc)] {
        let studio = with(name, &format!("{COUNTED} -pix_fmt yuv420p {codec}"));
        for first in [26, 27, 28, 29, 30, 43, 44, 45] {
            let millis = first * 40;
            let cut = format!("input(\"{name}\") | trim({millis}ms..{}ms)", millis + 200);
            let made = numbers(&studio.picture(&cut));
            assert_eq!(made, (first..first + 5).collect::<Vec<_>>(), "{name}");
            studio.render(&format!(
                "output(\"o.png\", from: input(\"{name}\"), video: frame(at: {millis}ms))"
            ));
            assert_eq!(numbers(&studio.path("o.png")), [first], "{name}");
        }
    }
}

/// FFmpeg takes the first stream that is used for the beginning of the file.
#[test]
fn a_transport_stream_begins_when_its_sound_does() {
    let late = "-itsoffset 0.74 -f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128 \
                -f lavfi -i sine=1000:r=48000:d=4 -c:v libx264 -crf 5 -pix_fmt yuv420p -c:a aac -f mpegts";
    let studio = with("late.ts", late);
    let cut = "input(\"late.ts\") | trim(2s..3s)";
    let with_sound = numbers(&studio.clip(cut));
    let without = numbers(&studio.picture(&format!("{cut} | mute")));
    assert_eq!(without, with_sound);
    assert_eq!(without.len(), 25);
    let probed = probe(&studio.path("late.ts"));
    let start = |kind: &str| {
        stream(&probed, kind)["start_time"]
            .as_str()
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    let late = start("video") - start("audio");
    assert!(late > 0.7);
    about(without[0] as f64, (2.0 - late) * 25.0, 0.51);
    assert_eq!(without, (without[0]..without[0] + 25).collect::<Vec<_>>());
}

#[test]
fn interlaced_frames_become_progressive() {
    let bars = "-f lavfi -i color=black:s=128x96:r=50:d=2,geq=lum='16+200*lt(mod(X+8*N,64),32)':cb=128:cr=128,\
                tinterlace=interleave_top -c:v mpeg2video -q:v 2 -flags +ildct+ilme -top 1 -pix_fmt yuv420p";
    let studio = with("bars.mov", bars);
    assert!(frames(&studio.path("bars.mov"))[10].combing() > 20.0);
    let run = studio.run(
        "output(\"o.mp4\", from: input(\"bars.mov\") | trim(400ms..1.2s), video: h264(crf: 5))",
        &[],
    );
    let told = run.expect(0).stderr;
    assert!(told.contains("interlaced"), "{told}");
    let made = frames(&studio.path("o.mp4"));
    assert_eq!(made.len(), 20);
    for frame in &made {
        assert!(frame.combing() < 5.0, "{}", frame.combing());
    }
}
