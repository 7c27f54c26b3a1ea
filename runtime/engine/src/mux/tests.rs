//! Asserts that our muxer and FFmpeg write the same packets with the same timestamps.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use vidc_compiler::facts::Version;
use vidc_compiler::plan::{
    ArtifactId, Destination, Expected, FilterGraph, Run, RunEnvironment, RunInput, RunOutput, RunSource,
    Segment, SegmentSource, Track, TrackKind, TrackSource, argv, concat_lists,
};
use vidc_compiler::time::{Rational, Time};

use super::mux;
use crate::cancel::Cancel;
use crate::ffmpeg::Tools;

const VIDEO: &str = "-f lavfi -i testsrc2=s=160x120:r=25:d=4";
const AUDIO: &str = "-f lavfi -i aevalsrc='0.3*sin(2*PI*(200+300*t)*t)':s=48000:d=4";
const X264: &str = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 25 -bf 3";

/// A directory for the files that both muxers write.
struct Fixture {
    directory: tempfile::TempDir,
    tools: Tools,
    /// Which muxer writes the outputs, as a prefix of their names.
    muxer: &'static str,
}

impl RunEnvironment for Fixture {
    fn media_path(&self, key: &str) -> String {
        self.path(key).to_string_lossy().into_owned()
    }
    fn artifact_path(&self, _: ArtifactId) -> String {
        self.media_path("part")
    }
    fn concat_list_path(&self, input: usize) -> String {
        self.media_path(&format!("{input}.ffconcat"))
    }
    fn generated_file_path(&self, _: usize) -> String {
        String::new()
    }
    fn output_path(&self, index: usize) -> String {
        self.media_path(&format!("{}-{index}.mp4", self.muxer))
    }
    fn gain(&self, _: usize, _: Rational) -> String {
        String::new()
    }
}

impl Fixture {
    fn new() -> Fixture {
        Fixture {
            directory: tempfile::tempdir().unwrap(),
            tools: Tools::find().unwrap(),
            muxer: "ffmpeg",
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn run_ffmpeg<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        let run = Command::new(&self.tools.ffmpeg)
            .args(["-nostdin", "-v", "error", "-y"])
            .args(arguments)
            .current_dir(self.directory.path())
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    }

    /// Runs ffmpeg with arguments separated by spaces, the last of which is the output file.
    fn ffmpeg(&self, arguments: &str) {
        self.run_ffmpeg(arguments.split_whitespace().map(|word| word.replace('\'', "")));
    }

    /// The hashes of a file's decoded frames, and its packets with timestamps and flags.
    fn frames_and_packets(&self, name: &str) -> (Vec<String>, Vec<String>) {
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
        let arguments = [
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
        let mut frames: Vec<String> = self.run_ffmpeg(arguments).lines().map(str::to_owned).collect();
        frames.retain(|line| !line.starts_with('#'));
        frames.sort();
        (frames, packets)
    }

    /// Compares the outputs of FFmpeg and of our muxer for a run.
    async fn assert_agreement(&mut self, description: &str, run: &Run) {
        self.muxer = "ffmpeg";
        for (input, list) in concat_lists(run, self) {
            std::fs::write(self.concat_list_path(input), list).unwrap();
        }
        let (arguments, _) = argv(run, self).into_argv(Version { major: 5, minor: 1 }, "");
        self.run_ffmpeg(arguments);
        self.muxer = "ours";
        assert!(mux(run, self, &Cancel::never()).await, "{description}");
        for index in 0..run.outputs.len() {
            let (ffmpeg, ours) = (
                self.frames_and_packets(&format!("ffmpeg-{index}.mp4")),
                self.frames_and_packets(&format!("ours-{index}.mp4")),
            );
            assert!(!ours.1.is_empty() && !ours.0.is_empty(), "{description}");
            for (kind, ours, ffmpeg) in [("packets", ours.1, ffmpeg.1), ("frames", ours.0, ffmpeg.0)] {
                let missing = ffmpeg.iter().filter(|line| !ours.contains(line));
                let extra = ours.iter().filter(|line| !ffmpeg.contains(line));
                let different: Vec<&String> = extra.chain(missing).take(8).collect();
                assert!(
                    different.is_empty() && ours.len() == ffmpeg.len(),
                    "{description}, output {index}: {kind}: {different:#?}"
                );
            }
        }
    }

    async fn assert_left_to_ffmpeg(&mut self, run: &Run) {
        self.muxer = "ours";
        assert!(!mux(run, self, &Cancel::never()).await);
    }
}

/// A part of a file from one time to another, and its duration, in hundredths of a second.
fn segment(file: &str, from: i64, until: Option<i64>, length: i64) -> Segment {
    Segment {
        source: SegmentSource::Media {
            key: file.to_owned(),
            in_point: Time::millis(10 * from),
            out_point: until.map(|until| Time::millis(10 * until)),
        },
        duration: Time::millis(10 * length),
    }
}

fn input(source: RunSource, options: &[(&str, &str)]) -> RunInput {
    RunInput {
        source,
        seek: None,
        inaccurate_seek: false,
        duration: None,
        options: owned_options(options),
    }
}

fn concat(segments: Vec<Segment>) -> RunInput {
    let options = [("f", "concat"), ("safe", "0"), ("protocol_whitelist", "file")];
    input(RunSource::Concat(segments), &options)
}

fn owned_options(options: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    options.iter().map(owned).collect()
}

fn track(kind: TrackKind, (input, stream): (usize, u32), options: &[(&str, &str)]) -> Track {
    Track {
        kind,
        source: TrackSource::Stream { input, stream },
        encoder: "copy".to_owned(),
        options: owned_options(options),
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
        copy_timestamps: keeps_clocks,
        graph: FilterGraph::default(),
        files: Vec::new(),
        outputs: vec![RunOutput {
            destination: Destination::Named("out.mp4".to_owned()),
            muxer: "mp4".to_owned(),
            tracks,
            options: owned_options(&options),
            expected: Expected::default(),
        }],
    }
}

const IN_BAND: &[(&str, &str)] = &[("tag", "avc3")];
const EXACT_START: &[(&str, &str)] = &[("copypriorss", "0")];

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
async fn segments_are_concatenated_as_ffmpeg_does() {
    let mut fixture = Fixture::new();
    fixture.ffmpeg(&format!("{VIDEO} {AUDIO} {X264} -c:a aac a.mp4"));
    fixture.ffmpeg(&format!(
        "{VIDEO} {AUDIO} -vf hflip {X264} -c:a aac -movflags +faststart b.mp4"
    ));
    fixture.ffmpeg(&format!(
        "{VIDEO} -t 0.6 {X264} -crf 17 -x264-params sps-id=1 head.mp4"
    ));
    let video = |options| track(TrackKind::Video, (0, 0), options);
    let audio = |options| track(TrackKind::Audio, (1, 1), options);
    for (description, segments, options) in [
        (
            "two files",
            vec![segment("a.mp4", 0, None, 400), segment("b.mp4", 0, None, 400)],
            &[][..],
        ),
        (
            "whole GOPs",
            vec![
                segment("a.mp4", 100, Some(192), 100),
                segment("b.mp4", 200, None, 200),
                segment("a.mp4", 0, Some(92), 100),
            ],
            &[],
        ),
        (
            "encoded and copied packets",
            vec![segment("head.mp4", 0, None, 60), segment("a.mp4", 200, None, 200)],
            IN_BAND,
        ),
    ] {
        let separate_audio = input(media("b.mp4"), &[]);
        fixture
            .assert_agreement(
                description,
                &run(
                    true,
                    vec![concat(segments.clone()), separate_audio],
                    vec![video(options), audio(&[])],
                ),
            )
            .await;
        fixture
            .assert_agreement(
                description,
                &run(true, vec![concat(segments)], vec![video(options)]),
            )
            .await;
    }
    let shifted = input(media("b.mp4"), &[("itsoffset", "-0.024")]);
    let segments = vec![segment("a.mp4", 0, None, 400)];
    fixture
        .assert_agreement(
            "shifted audio",
            &run(
                true,
                vec![concat(segments), shifted],
                vec![video(&[]), audio(&[])],
            ),
        )
        .await;
    // The decoder configurations differ, and parameter sets are not in-band.
    let segments = vec![segment("head.mp4", 0, None, 60), segment("a.mp4", 200, None, 200)];
    fixture
        .assert_left_to_ffmpeg(&run(true, vec![concat(segments)], vec![video(&[])]))
        .await;
    // There is no keyframe at 1.1 s.
    let segments = vec![segment("a.mp4", 110, None, 290)];
    fixture
        .assert_left_to_ffmpeg(&run(true, vec![concat(segments)], vec![video(&[])]))
        .await;
}

#[tokio::test]
async fn audio_is_cut_as_ffmpeg_does() {
    let mut fixture = Fixture::new();
    fixture.ffmpeg(&format!("{VIDEO} {AUDIO} {X264} -c:a aac a.mp4"));
    fixture.ffmpeg(&format!("{AUDIO} -c:a aac music.m4a"));
    fixture.ffmpeg(&format!(
        "-itsoffset 0.5 {AUDIO} {VIDEO} -map 0 -map 1 {X264} -c:a aac late.mp4"
    ));
    fixture.ffmpeg(&format!(
        "-itsoffset 0.5 {VIDEO} {AUDIO} {X264} -c:a aac late-video.mp4"
    ));
    let both = [
        track(TrackKind::Video, (0, 0), &[]),
        track(TrackKind::Audio, (1, 0), &[]),
    ];
    let with_music = |start, duration| vec![cut("a.mp4", None, None), cut("music.m4a", start, duration)];
    fixture
        .assert_agreement(
            "audio of another file",
            &run(false, with_music(None, None), both.to_vec()),
        )
        .await;
    fixture
        .assert_agreement(
            "audio of another file, cut",
            &run(false, with_music(None, Some(2_500)), both.to_vec()),
        )
        .await;
    let exact = [both[0].clone(), track(TrackKind::Audio, (1, 0), EXACT_START)];
    // Packets have 1024 samples at 48 kHz; one of them begins at 64 ms.
    fixture
        .assert_agreement(
            "audio of another file from its middle",
            &run(false, with_music(Some(1_664), Some(1_500)), exact.to_vec()),
        )
        .await;
    let mut two_outputs = run(
        false,
        with_music(Some(1_664), Some(1_500)),
        vec![track(TrackKind::Audio, (0, 1), &[])],
    );
    two_outputs.outputs.push(RunOutput {
        tracks: exact[1..].to_vec(),
        ..two_outputs.outputs[0].clone()
    });
    fixture
        .assert_agreement("cut audio of two files", &two_outputs)
        .await;
    two_outputs.outputs[1].muxer = "matroska".to_owned();
    fixture.assert_left_to_ffmpeg(&two_outputs).await;
    let audio_only = |file, stream| {
        run(
            false,
            vec![cut(file, None, None)],
            vec![track(TrackKind::Audio, (0, stream), &[])],
        )
    };
    fixture
        .assert_agreement("audio of a video file", &audio_only("a.mp4", 1))
        .await;
    fixture
        .assert_agreement("an audio file", &audio_only("music.m4a", 0))
        .await;
    fixture
        .assert_agreement("late audio", &audio_only("late.mp4", 0))
        .await;
    fixture.ffmpeg("-i a.mp4 -c copy -use_editlist 0 no-edits.mp4");
    for (file, video, audio) in [
        ("a.mp4", 0, 1),
        ("late.mp4", 1, 0),
        ("late-video.mp4", 0, 1),
        ("no-edits.mp4", 0, 1),
    ] {
        let tracks = vec![
            track(TrackKind::Video, (0, video), &[]),
            track(TrackKind::Audio, (0, audio), &[]),
        ];
        fixture
            .assert_agreement(file, &run(false, vec![cut(file, None, None)], tracks))
            .await;
    }
    let inexact_start = run(
        false,
        vec![cut("a.mp4", Some(1_664), None)],
        vec![track(TrackKind::Audio, (0, 1), &[])],
    );
    fixture.assert_left_to_ffmpeg(&inexact_start).await;
    let cut_video = run(
        false,
        vec![cut("a.mp4", Some(1_000), None)],
        vec![track(TrackKind::Video, (0, 0), &[])],
    );
    fixture.assert_left_to_ffmpeg(&cut_video).await;
}

#[tokio::test]
async fn unsupported_runs_are_left_to_ffmpeg() {
    let mut fixture = Fixture::new();
    fixture.ffmpeg(&format!("{VIDEO} {AUDIO} {X264} -c:a aac a.mp4"));
    fixture.ffmpeg("-i a.mp4 -c copy a.mkv");
    fixture.ffmpeg("-i a.mp4 -c:v copy -c:a ac3 other.mp4");
    let supported = run(
        false,
        vec![cut("a.mp4", None, None)],
        vec![track(TrackKind::Video, (0, 0), &[])],
    );
    fixture.assert_agreement("a supported run", &supported).await;
    fixture.ffmpeg("-i a.mp4 -c copy -metadata title=Hello titled.mp4");
    fixture.ffmpeg("-i a.mp4 -c copy -metadata creation_time=2020-01-02T03:04:05Z dated.mp4");
    for file in ["titled.mp4", "dated.mp4"] {
        let mut tagged = supported.clone();
        tagged.inputs[0].source = media(file);
        fixture.assert_agreement(file, &tagged).await;
        tagged.outputs[0]
            .options
            .retain(|(name, _)| name != "map_metadata");
        fixture.assert_left_to_ffmpeg(&tagged).await;
    }
    for file in ["a.mkv", "other.mp4", "nothing.mp4"] {
        let mut unsupported = supported.clone();
        unsupported.inputs[0].source = media(file);
        fixture.assert_left_to_ffmpeg(&unsupported).await;
    }
    let changes: [fn(&mut Run); 7] = [
        |run| run.outputs[0].muxer = "mov".to_owned(),
        |run| {
            run.outputs[0]
                .options
                .push(("metadata".to_owned(), "title=A".to_owned()))
        },
        |run| run.outputs[0].tracks[0].encoder = "libx264".to_owned(),
        |run| run.outputs[0].tracks[0].options = owned_options(&[("bsf", "noise")]),
        |run| run.outputs[0].tracks[0].source = TrackSource::Stream { input: 0, stream: 2 },
        |run| run.outputs[0].tracks[0].source = TrackSource::Link(0),
        |run| run.inputs[0].inaccurate_seek = true,
    ];
    for change in changes {
        let mut unsupported = supported.clone();
        change(&mut unsupported);
        fixture.assert_left_to_ffmpeg(&unsupported).await;
    }
    assert!(Path::new(&fixture.path("ours-0.mp4")).exists());
}
