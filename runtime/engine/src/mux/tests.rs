//! What is made here and what FFmpeg makes must be the same packets at the same times.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use vidc_compiler::facts::Version;
use vidc_compiler::plan::{
    Destination, Expected, FilterGraph, Names, PartId, Run, RunInput, RunOutput, RunSource, Segment,
    SegmentSource, Track, TrackKind, TrackSource, argv, lists,
};
use vidc_compiler::time::{Rational, Time};

use super::mux;
use crate::cancel::Cancel;
use crate::ffmpeg::Tools;

const PICTURE: &str = "-f lavfi -i testsrc2=s=160x120:r=25:d=4";
const SOUND: &str = "-f lavfi -i aevalsrc='0.3*sin(2*PI*(200+300*t)*t)':s=48000:d=4";
const X264: &str = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 25 -bf 3";

/// A directory with files that FFmpeg makes.
struct Bench {
    directory: tempfile::TempDir,
    tools: Tools,
    /// Who makes the outputs, which their names begin with.
    maker: &'static str,
}

impl Names for Bench {
    fn media(&self, key: &str) -> String {
        self.path(key).to_string_lossy().into_owned()
    }
    fn artifact(&self, _: PartId) -> String {
        self.media("part")
    }
    fn list(&self, input: usize) -> String {
        self.media(&format!("{input}.ffconcat"))
    }
    fn file(&self, _: usize) -> String {
        String::new()
    }
    fn output(&self, index: usize) -> String {
        self.media(&format!("{}-{index}.mp4", self.maker))
    }
    fn gain(&self, _: usize, _: Rational) -> String {
        String::new()
    }
}

impl Bench {
    fn new() -> Bench {
        Bench {
            directory: tempfile::tempdir().unwrap(),
            tools: Tools::find().unwrap(),
            maker: "theirs",
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn ffmpeg<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        let run = Command::new(&self.tools.ffmpeg)
            .args(["-nostdin", "-v", "error", "-y"])
            .args(arguments)
            .current_dir(self.directory.path())
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    }

    /// Runs ffmpeg with the words of some arguments; the last names the file it makes.
    fn made(&self, arguments: &str) {
        self.ffmpeg(arguments.split_whitespace().map(|word| word.replace('\'', "")));
    }

    /// When packets are, which can be begun with, and what is seen and heard of them.
    fn told(&self, name: &str) -> (Vec<String>, Vec<String>) {
        let entries = "packet=stream_index,pts,dts,flags";
        let probe = Command::new(&self.tools.ffprobe)
            .args(["-v", "error", "-of", "csv", "-show_entries", entries, name])
            .current_dir(self.directory.path())
            .output()
            .unwrap();
        let mut packets: Vec<String> = String::from_utf8(probe.stdout)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect();
        packets.sort();
        let dts = [
            "-xerror",
            "-err_detect",
            "explode",
            "-i",
            name,
            "-map",
            "0",
            "-f",
            "framehash",
            "-",
        ];
        let mut frames: Vec<String> = self.ffmpeg(dts).lines().map(str::to_owned).collect();
        frames.retain(|line| !line.starts_with('#'));
        frames.sort();
        (frames, packets)
    }

    /// Has FFmpeg and us do the same.
    async fn agrees(&mut self, what: &str, run: &Run) {
        self.maker = "theirs";
        for (input, list) in lists(run, self) {
            std::fs::write(self.list(input), list).unwrap();
        }
        let (arguments, _) = argv(run, self).vector(Version { major: 5, minor: 1 }, "");
        self.ffmpeg(arguments);
        self.maker = "ours";
        assert!(mux(run, self, &Cancel::never()).await, "{what}");
        for index in 0..run.outputs.len() {
            let (theirs, ours) = (
                self.told(&format!("theirs-{index}.mp4")),
                self.told(&format!("ours-{index}.mp4")),
            );
            assert!(!ours.1.is_empty() && !ours.0.is_empty(), "{what}");
            for (kind, ours, theirs) in [("packets", ours.1, theirs.1), ("frames", ours.0, theirs.0)] {
                let missing = theirs.iter().filter(|line| !ours.contains(line));
                let more = ours.iter().filter(|line| !theirs.contains(line));
                let differ: Vec<&String> = more.chain(missing).take(8).collect();
                assert!(
                    differ.is_empty() && ours.len() == theirs.len(),
                    "{what}, output {index}: {kind}: {differ:#?}"
                );
            }
        }
    }

    async fn is_left(&mut self, run: &Run) {
        self.maker = "ours";
        assert!(!mux(run, self, &Cancel::never()).await);
    }
}

/// A file from one time to another, for so many hundredths of a second.
fn segment(file: &str, from: i64, until: Option<i64>, length: i64) -> Segment {
    Segment {
        source: SegmentSource::Media {
            key: file.to_owned(),
            from: Time::millis(10 * from),
            until: until.map(|until| Time::millis(10 * until)),
        },
        length: Time::millis(10 * length),
    }
}

fn input(source: RunSource, options: &[(&str, &str)]) -> RunInput {
    RunInput {
        source,
        seek: None,
        from_keyframe: false,
        duration: None,
        options: named(options),
    }
}

fn joined(segments: Vec<Segment>) -> RunInput {
    let options = [("f", "concat"), ("safe", "0"), ("protocol_whitelist", "file")];
    input(RunSource::Concat(segments), &options)
}

fn named(options: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    options.iter().map(owned).collect()
}

fn track(kind: TrackKind, (input, stream): (usize, u32), options: &[(&str, &str)]) -> Track {
    Track {
        kind,
        source: TrackSource::Stream { input, stream },
        encoder: "copy".to_owned(),
        options: named(options),
        metadata: Vec::new(),
    }
}

fn run(keeps_clocks: bool, inputs: Vec<RunInput>, tracks: Vec<Track>) -> Run {
    let options = [
        ("map_metadata", "-1"),
        ("map_chapters", "-1"),
        ("movflags", "+faststart"),
        ("movie_timescale", "48000"),
    ];
    Run {
        inputs,
        keeps_clocks,
        graph: FilterGraph::default(),
        files: Vec::new(),
        outputs: vec![RunOutput {
            to: Destination::Named("out.mp4".to_owned()),
            muxer: "mp4".to_owned(),
            tracks,
            options: named(&options),
            expected: Expected::default(),
        }],
    }
}

const INSIDE: &[(&str, &str)] = &[("tag", "avc3")];
const NOTHING_BEFORE: &[(&str, &str)] = &[("copypriorss", "0")];

fn media(file: &str) -> RunSource {
    RunSource::Media(file.to_owned())
}

fn cut(file: &str, from: Option<i64>, length: Option<i64>) -> RunInput {
    RunInput {
        seek: from.map(Time::millis),
        duration: length.map(Time::millis),
        ..input(media(file), &[])
    }
}

#[tokio::test]
async fn packets_are_joined_as_ffmpeg_joins_them() {
    let mut bench = Bench::new();
    bench.made(&format!("{PICTURE} {SOUND} {X264} -c:a aac a.mp4"));
    bench.made(&format!(
        "{PICTURE} {SOUND} -vf hflip {X264} -c:a aac -movflags +faststart b.mp4"
    ));
    bench.made(&format!(
        "{PICTURE} -t 0.6 {X264} -crf 17 -x264-params sps-id=1 head.mp4"
    ));
    let picture = |options| track(TrackKind::Video, (0, 0), options);
    let sound = |options| track(TrackKind::Audio, (1, 1), options);
    for (what, segments, options) in [
        (
            "two files",
            vec![segment("a.mp4", 0, None, 400), segment("b.mp4", 0, None, 400)],
            &[][..],
        ),
        (
            "groups of pictures",
            vec![
                segment("a.mp4", 100, Some(192), 100),
                segment("b.mp4", 200, None, 200),
                segment("a.mp4", 0, Some(92), 100),
            ],
            &[],
        ),
        (
            "what was encoded, and what was not",
            vec![segment("head.mp4", 0, None, 60), segment("a.mp4", 200, None, 200)],
            INSIDE,
        ),
    ] {
        let beside = input(media("b.mp4"), &[]);
        bench
            .agrees(
                what,
                &run(
                    true,
                    vec![joined(segments.clone()), beside],
                    vec![picture(options), sound(&[])],
                ),
            )
            .await;
        bench
            .agrees(what, &run(true, vec![joined(segments)], vec![picture(options)]))
            .await;
    }
    let late = input(media("b.mp4"), &[("itsoffset", "-0.024")]);
    let segments = vec![segment("a.mp4", 0, None, 400)];
    bench
        .agrees(
            "a sound that is moved",
            &run(true, vec![joined(segments), late], vec![picture(&[]), sound(&[])]),
        )
        .await;
    // Described differently, and not told inside.
    let segments = vec![segment("head.mp4", 0, None, 60), segment("a.mp4", 200, None, 200)];
    bench
        .is_left(&run(true, vec![joined(segments)], vec![picture(&[])]))
        .await;
    // No keyframe is there.
    let segments = vec![segment("a.mp4", 110, None, 290)];
    bench
        .is_left(&run(true, vec![joined(segments)], vec![picture(&[])]))
        .await;
}

#[tokio::test]
async fn sounds_are_cut_as_ffmpeg_cuts_them() {
    let mut bench = Bench::new();
    bench.made(&format!("{PICTURE} {SOUND} {X264} -c:a aac a.mp4"));
    bench.made(&format!("{SOUND} -c:a aac music.m4a"));
    bench.made(&format!(
        "-itsoffset 0.5 {SOUND} {PICTURE} -map 0 -map 1 {X264} -c:a aac late.mp4"
    ));
    bench.made(&format!(
        "-itsoffset 0.5 {PICTURE} {SOUND} {X264} -c:a aac late-picture.mp4"
    ));
    let both = [
        track(TrackKind::Video, (0, 0), &[]),
        track(TrackKind::Audio, (1, 0), &[]),
    ];
    let with = |from, length| vec![cut("a.mp4", None, None), cut("music.m4a", from, length)];
    bench
        .agrees("another sound", &run(false, with(None, None), both.to_vec()))
        .await;
    bench
        .agrees(
            "another sound, cut",
            &run(false, with(None, Some(2_500)), both.to_vec()),
        )
        .await;
    let inside = [both[0].clone(), track(TrackKind::Audio, (1, 0), NOTHING_BEFORE)];
    // Packets are 1024 of 48000 samples long, and begin at 64 ms too.
    bench
        .agrees(
            "another sound from within",
            &run(false, with(Some(1_664), Some(1_500)), inside.to_vec()),
        )
        .await;
    let mut parts = run(
        false,
        with(Some(1_664), Some(1_500)),
        vec![track(TrackKind::Audio, (0, 1), &[])],
    );
    parts.outputs.push(RunOutput {
        tracks: inside[1..].to_vec(),
        ..parts.outputs[0].clone()
    });
    bench.agrees("parts of two sounds", &parts).await;
    parts.outputs[1].muxer = "matroska".to_owned();
    bench.is_left(&parts).await;
    let alone = |file, stream| {
        run(
            false,
            vec![cut(file, None, None)],
            vec![track(TrackKind::Audio, (0, stream), &[])],
        )
    };
    bench.agrees("a sound", &alone("a.mp4", 1)).await;
    bench.agrees("a sound alone", &alone("music.m4a", 0)).await;
    bench.agrees("a late sound", &alone("late.mp4", 0)).await;
    bench.made("-i a.mp4 -c copy -use_editlist 0 without-edits.mp4");
    for (file, picture, sound) in [
        ("a.mp4", 0, 1),
        ("late.mp4", 1, 0),
        ("late-picture.mp4", 0, 1),
        ("without-edits.mp4", 0, 1),
    ] {
        let tracks = vec![
            track(TrackKind::Video, (0, picture), &[]),
            track(TrackKind::Audio, (0, sound), &[]),
        ];
        bench
            .agrees(file, &run(false, vec![cut(file, None, None)], tracks))
            .await;
    }
    let without_promise = run(
        false,
        vec![cut("a.mp4", Some(1_664), None)],
        vec![track(TrackKind::Audio, (0, 1), &[])],
    );
    bench.is_left(&without_promise).await;
    let of_a_picture = run(
        false,
        vec![cut("a.mp4", Some(1_000), None)],
        vec![track(TrackKind::Video, (0, 0), &[])],
    );
    bench.is_left(&of_a_picture).await;
}

#[tokio::test]
async fn what_else_runs_do_is_left_to_ffmpeg() {
    let mut bench = Bench::new();
    bench.made(&format!("{PICTURE} {SOUND} {X264} -c:a aac a.mp4"));
    bench.made("-i a.mp4 -c copy a.mkv");
    bench.made("-i a.mp4 -c:v copy -c:a ac3 other.mp4");
    let usual = run(
        false,
        vec![cut("a.mp4", None, None)],
        vec![track(TrackKind::Video, (0, 0), &[])],
    );
    bench.agrees("the usual", &usual).await;
    bench.made("-i a.mp4 -c copy -metadata title=Hello titled.mp4");
    bench.made("-i a.mp4 -c copy -metadata creation_time=2020-01-02T03:04:05Z dated.mp4");
    for file in ["titled.mp4", "dated.mp4"] {
        let mut tagged = usual.clone();
        tagged.inputs[0].source = media(file);
        bench.agrees(file, &tagged).await;
        tagged.outputs[0]
            .options
            .retain(|(name, _)| name != "map_metadata");
        bench.is_left(&tagged).await;
    }
    for file in ["a.mkv", "other.mp4", "nothing.mp4"] {
        let mut unusual = usual.clone();
        unusual.inputs[0].source = media(file);
        bench.is_left(&unusual).await;
    }
    let changes: [fn(&mut Run); 7] = [
        |run| run.outputs[0].muxer = "mov".to_owned(),
        |run| {
            run.outputs[0]
                .options
                .push(("metadata".to_owned(), "title=A".to_owned()))
        },
        |run| run.outputs[0].tracks[0].encoder = "libx264".to_owned(),
        |run| run.outputs[0].tracks[0].options = named(&[("bsf", "noise")]),
        |run| run.outputs[0].tracks[0].source = TrackSource::Stream { input: 0, stream: 2 },
        |run| run.outputs[0].tracks[0].source = TrackSource::Link(0),
        |run| run.inputs[0].from_keyframe = true,
    ];
    for change in changes {
        let mut unusual = usual.clone();
        change(&mut unusual);
        bench.is_left(&unusual).await;
    }
    assert!(Path::new(&bench.path("ours-0.mp4")).exists());
}
