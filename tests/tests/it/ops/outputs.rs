//! Containers, codecs, posters and bit-exact stream copies.

use std::path::Path;
use std::process::Command;

use vidc_tests::media::{decode_errors, figure, probe, stream};
use vidc_tests::run;
use vidc_tests::video::frame_numbers;

use super::{assert_close, fixture};

/// A hash of the packets of a track.
fn packets(path: &Path, track: &str) -> String {
    run(Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(path)
        .args(["-map", track, "-c", "copy", "-f", "streamhash", "-"]))
    .expect(0)
    .stdout
}

#[test]
fn untouched_tracks_are_copied() {
    let fixture = fixture(&["count.mp4"]);
    fixture.render(
        "input count = \"count.mp4\"\n\
         output(\"both.mp4\", from: count)\n\
         output(\"quiet.mp4\", from: count | volume(-6dB))\n\
         output(\"small.mp4\", from: count | scale(32x24), video: h264(preset: ultrafast))",
    );
    let source = fixture.path("count.mp4");
    for (rendered, picture, sound) in [
        ("both.mp4", true, true),
        ("quiet.mp4", true, false),
        ("small.mp4", false, true),
    ] {
        let made_at = fixture.path(rendered);
        let same = |track| packets(&source, track) == packets(&made_at, track);
        assert_eq!((same("0:v"), same("0:a")), (picture, sound), "{rendered}");
    }
}

#[test]
fn posters_show_the_frame_at_their_time() {
    let fixture = fixture(&["count.mp4"]);
    fixture.render(
        "input count = \"count.mp4\"\n\
         output(\"first.png\", from: count)\n\
         output(\"later.png\", from: count, video: frame(at: 2.52s))",
    );
    assert_eq!(frame_numbers(&fixture.path("first.png")), [0]);
    assert_eq!(frame_numbers(&fixture.path("later.png")), [63]);
}

/// Between two frames the earlier one is on screen; after the last frame, the last one.
#[test]
fn posters_of_vfr_video_show_the_frame_on_screen() {
    let fixture = fixture(&["held.mp4"]);
    for (at, frame) in [
        ("0s", 0),
        ("230ms", 0),
        ("240ms", 6),
        ("400ms", 6),
        ("1s", 22),
        ("2.079s", 22),
        ("2.08s", 52),
        ("3.19s", 52),
        ("3.23s", 80),
    ] {
        fixture.render(&format!(
            "output(\"at.png\", from: input(\"held.mp4\"), video: frame(at: {at}))"
        ));
        assert_eq!(frame_numbers(&fixture.path("at.png")), [frame], "{at}");
    }
}

#[test]
fn every_codec_is_written_to_its_containers() {
    let fixture = fixture(&["quarters.mp4"]);
    let rendered = [
        ("a.mp4", "h264", "mp3"),
        ("b.mp4", "h265(preset: ultrafast)", "opus"),
        ("c.mov", "mpeg4", "pcm"),
        ("d.mkv", "vp9(speed: 8)", "flac"),
        ("e.webm", "vp9(speed: 8)", "vorbis"),
        ("f.avi", "mpeg4", "mp3"),
    ];
    let mut recipe = "let clip = input(\"quarters.mp4\") | trim(0s..400ms)\n".to_owned();
    for (name, video, audio) in rendered {
        recipe += &format!("output(\"{name}\", from: clip, video: {video}, audio: {audio})\n");
    }
    recipe += "output(\"g.gif\", from: clip)\n";
    fixture.render(&recipe);
    for (name, video, audio) in rendered {
        let path = fixture.path(name);
        assert_eq!(decode_errors(&path), "", "{name}");
        let probed = probe(&path);
        let codec = |kind| {
            stream(&probed, kind)["codec_name"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let asked = video.split('(').next().unwrap().replace("h265", "hevc");
        assert_eq!(codec("video"), asked, "{name}");
        assert!(codec("audio").starts_with(audio), "{name}: {}", codec("audio"));
        assert_close(figure(&probed["format"], "duration").unwrap(), 0.4, 0.08);
    }
    assert_eq!(
        stream(&probe(&fixture.path("g.gif")), "video")["codec_name"],
        "gif"
    );
}
