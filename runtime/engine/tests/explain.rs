//! Failures in words, from what FFmpeg logged and how it ended.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use vidc_compiler::plan::{Chain, FilterCall, FilterGraph, FilterName, Pad, Run};
use vidc_dsl::{FileId, Span};
use vidc_engine::ffmpeg::diagnose::diagnose;
use vidc_engine::ffmpeg::failure::{Cause, Failure};
use vidc_engine::ffmpeg::process::{Ending, Outcome};

fn place(at: usize) -> Span {
    Span::new(FileId::default(), at, at + 1)
}

/// A run of `scale`, `subtitles`, `scale`, whose places are 0, 1 and 2.
fn failed(raw_status: i32, log: &[&str]) -> Failure {
    let filters = [FilterName::Scale, FilterName::Subtitles, FilterName::Scale]
        .iter()
        .enumerate()
        .map(|(at, name)| FilterCall {
            origin: Some(place(at)),
            ..FilterCall::plain(*name)
        });
    let run = Run {
        copy_timestamps: false,
        inputs: vec![],
        files: vec![],
        graph: FilterGraph {
            chains: vec![Chain {
                inputs: vec![Pad::Stream { input: 0, stream: 0 }],
                filters: filters.collect(),
                outputs: vec![0],
            }],
        },
        outputs: vec![],
    };
    let outcome = Outcome {
        ending: Ending::Exited(ExitStatus::from_raw(raw_status)),
        log: log.iter().map(|line| (*line).to_owned()).collect(),
        peak_memory: None,
    };
    diagnose("render a.mp4", &run, &outcome)
}

const EXIT_1: i32 = 1 << 8;

#[test]
fn what_ffmpeg_says_is_understood() {
    for (log, cause) in [
        (
            "[error] av_interleaved_write_frame(): No space left on device",
            Cause::DiskFull,
        ),
        ("[fatal] Unknown encoder 'libfoo'", Cause::UnknownEncoder),
        (
            "[AVFilterGraph @ 0x1] [error] No such filter: 'foo'",
            Cause::UnknownFilter,
        ),
        (
            "[mp4 @ 0x1] [error] Could not find tag for codec vp8 in stream #0, codec not currently supported in container",
            Cause::ContainerRefuses,
        ),
        (
            "[error] file:a.mp4: Invalid data found when processing input",
            Cause::InputCorrupt,
        ),
        (
            "[error] file:a.mp4: No such file or directory",
            Cause::InputMissing,
        ),
        (
            "[fatal] Error opening output file b.mp4: Permission denied",
            Cause::Unwritable,
        ),
        (
            "[info] No space left on device, says a title",
            Cause::Unknown(Some(1)),
        ),
    ] {
        assert_eq!(failed(EXIT_1, &["[info] hello", log]).cause, cause, "{log}");
    }
}

#[test]
fn a_signal_is_named() {
    let killed = failed(9, &["[info] hello"]);
    assert_eq!(killed.cause, Cause::Killed(9));
    assert!(killed.to_string().contains("memory"), "{killed}");
    let full = failed(9, &["[error] Cannot allocate memory"]);
    assert_eq!(full.cause, Cause::OutOfMemory, "the log knows better");
}

#[test]
fn a_filter_is_found_by_its_number_or_its_unmistakable_name() {
    let of = |line: &str| failed(EXIT_1, &[line]).origin;
    assert_eq!(
        of("[Parsed_scale_2 @ 0x1] [error] Rescaled value is invalid"),
        Some(place(2))
    );
    assert_eq!(
        of("[error] Failed to configure output pad on Parsed_subtitles_1"),
        Some(place(1))
    );
    assert_eq!(
        of("[error] Error initializing filter 'subtitles' with args 'x'"),
        Some(place(1))
    );
    assert_eq!(
        of("[error] Error initializing filter 'scale' with args 'x'"),
        None,
        "there are two"
    );
    assert_eq!(
        of("[Parsed_scale_1 @ 0x1] [error] not the one of that number"),
        None
    );
    assert_eq!(of("[Parsed_scale_99999999999999999999 @ 0x1] [error] x"), None);
    assert_eq!(of("[Parsed_scale_2 @ 0x1] [warning] only a warning"), None);
}

#[test]
fn the_message_is_ffmpegs_without_its_brackets() {
    let failure = failed(
        EXIT_1,
        &[
            "[out#0/mp4 @ 0x1] [error] Nothing was right",
            "[error] Conversion failed!",
        ],
    );
    assert_eq!(failure.message, "Nothing was right");
    assert_eq!(
        failure.to_string(),
        "render a.mp4: ffmpeg failed with code 1. FFmpeg said: Nothing was right"
    );
}
