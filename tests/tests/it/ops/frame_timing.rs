//! Frame times of VFR and interlaced files and of files with B-frames, and the last frames of transitions.

use vidc_tests::fixture::{Fixture, generated_file};
use vidc_tests::media::{probe, stream};
use vidc_tests::video::{frame_numbers, frames};

use super::{WHITE, assert_close, fixture};

/// A hundred frames, each with its number in its luma.
const COUNTED: &str = "-f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128";

fn with(name: &str, arguments: &str) -> Fixture {
    let fixture = fixture(&[]);
    fixture.write(name, std::fs::read(generated_file(name, arguments)).unwrap());
    fixture
}

/// Six frames, numbered 0, 6, 20, 22, 52 and 80, each held until the next one starts.
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
fn vfr_frames_last_until_the_next() {
    for options in ["-bf 0 -g 2", "-bf 3 -g 3 -x264-params b-adapt=0"] {
        let fixture = with("held.mp4", &held(options));
        for pass in ["none", "all"] {
            let cut = |range: &str| {
                let statement = format!(
                    "output(\"out.mkv\", from: input(\"held.mp4\") | trim({range}), video: h264(crf: 0, preset: ultrafast))"
                );
                let options: &[&str] = match pass {
                    "none" => &[],
                    _ => &["--no-pass", "seek-pushdown"],
                };
                fixture.run(&statement, options).expect(0);
                frame_numbers(&fixture.path("out.mkv"))
            };
            assert_eq!(cut("1s..2s"), times(&[(22, 24)]), "{options}");
            assert_eq!(
                cut("1.5s..3.5s"),
                times(&[(22, 14), (52, 27), (80, 1)]),
                "{options}"
            );
            // Just before a keyframe.
            assert_eq!(cut("2s..2.5s"), times(&[(22, 2), (52, 10)]), "{options}");
        }
    }
}

#[test]
fn overlays_on_vfr_video_appear_on_time() {
    let fixture = with("held.mp4", &held("-bf 0"));
    let drawn = "overlay(color(white, size: 64x48, fps: 24), during: 1s..2s)";
    let rendered = frames(&fixture.video_clip(&format!("input(\"held.mp4\") | {drawn}")));
    let white: Vec<usize> = (0..rendered.len())
        .filter(|index| rendered[*index].at(30, 20) == WHITE)
        .collect();
    assert_eq!(white, (24..48).collect::<Vec<_>>());
}

#[test]
fn vfr_conversion_is_reported_at_the_input() {
    let fixture = with("held.mp4", &held("-bf 0"));
    let stderr = |statements: &str| fixture.run(statements, &[]).expect(0).stderr;
    let encoded = stderr("let clip = input(\"held.mp4\")\noutput(\"o.mp4\", from: clip | flip(horizontal))");
    assert!(
        encoded.contains("variable frame rate: converted to constant 24 fps"),
        "{encoded}"
    );
    assert!(encoded.contains("| let clip = input("), "{encoded}");
    let copied = stderr("output(\"o.mp4\", from: input(\"held.mp4\"))");
    assert!(!copied.contains("variable frame rate"), "{copied}");
}

/// FFmpeg's `xfade` ends with its first clip.
#[test]
fn transitions_keep_their_last_frame() {
    let fixture = fixture(&["count.mp4"]);
    let clip = |range: &str| format!("input(\"count.mp4\") | trim({range}) | mute");
    let fading = format!(
        "concat([{}, {}], transition: xfade(fade, duration: 200ms))",
        clip("0s..1s"),
        clip("2s..3s")
    );
    let last = |pipeline: &str, count: usize| {
        let rendered = frame_numbers(&fixture.video_clip(pipeline));
        (rendered.len(), rendered[rendered.len() - count..].to_vec())
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

/// FFmpeg seeks in MP4 by DTS, so it finds keyframes whose PTS is after the requested time.
#[test]
fn cuts_before_an_open_gop_keep_all_frames() {
    let h264 = "-c:v libx264 -crf 10 -bf 4 -g 15 -x264-params open-gop=1:b-adapt=0:scenecut=0";
    let hevc = "-c:v libx265 -crf 8 -preset ultrafast \
                -x265-params log-level=error:keyint=15:min-keyint=15:scenecut=0:open-gop=1:bframes=4:b-adapt=0 -tag:v hvc1";
    for (name, codec) in [("open.mp4", h264), ("hevc.mp4", hevc)] {
        let fixture = with(name, &format!("{COUNTED} -pix_fmt yuv420p {codec}"));
        for first in [26, 27, 28, 29, 30, 43, 44, 45] {
            let millis = first * 40;
            let cut = format!("input(\"{name}\") | trim({millis}ms..{}ms)", millis + 200);
            let rendered = frame_numbers(&fixture.video_clip(&cut));
            assert_eq!(rendered, (first..first + 5).collect::<Vec<_>>(), "{name}");
            fixture.render(&format!(
                "output(\"o.png\", from: input(\"{name}\"), video: frame(at: {millis}ms))"
            ));
            assert_eq!(frame_numbers(&fixture.path("o.png")), [first], "{name}");
        }
    }
}

/// FFmpeg takes the start of the first stream in use as the start of the file.
#[test]
fn a_transport_stream_starts_with_its_audio() {
    let late = "-itsoffset 0.74 -f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128 \
                -f lavfi -i sine=1000:r=48000:d=4 -c:v libx264 -crf 5 -pix_fmt yuv420p -c:a aac -f mpegts";
    let fixture = with("late.ts", late);
    let cut = "input(\"late.ts\") | trim(2s..3s)";
    let with_sound = frame_numbers(&fixture.clip(cut));
    let without = frame_numbers(&fixture.video_clip(&format!("{cut} | mute")));
    assert_eq!(without, with_sound);
    assert_eq!(without.len(), 25);
    let probed = probe(&fixture.path("late.ts"));
    let start = |kind: &str| {
        stream(&probed, kind)["start_time"]
            .as_str()
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    let late = start("video") - start("audio");
    assert!(late > 0.7);
    assert_close(without[0] as f64, (2.0 - late) * 25.0, 0.51);
    assert_eq!(without, (without[0]..without[0] + 25).collect::<Vec<_>>());
}

#[test]
fn interlaced_frames_become_progressive() {
    let bars = "-f lavfi -i color=black:s=128x96:r=50:d=2,geq=lum='16+200*lt(mod(X+8*N,64),32)':cb=128:cr=128,\
                tinterlace=interleave_top -c:v mpeg2video -q:v 2 -flags +ildct+ilme -top 1 -pix_fmt yuv420p";
    let fixture = with("bars.mov", bars);
    assert!(frames(&fixture.path("bars.mov"))[10].combing() > 20.0);
    let run = fixture.run(
        "output(\"o.mp4\", from: input(\"bars.mov\") | trim(400ms..1.2s), video: h264(crf: 5))",
        &[],
    );
    let stderr = run.expect(0).stderr;
    assert!(stderr.contains("interlaced"), "{stderr}");
    let rendered = frames(&fixture.path("o.mp4"));
    assert_eq!(rendered.len(), 20);
    for frame in &rendered {
        assert!(frame.combing() < 5.0, "{}", frame.combing());
    }
}
