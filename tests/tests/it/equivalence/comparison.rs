//! Tests that the comparison detects even small differences.

use std::path::{Path, PathBuf};
use std::process::Command;

use vidc_tests::compare::{Limits, compare};
use vidc_tests::run;

use super::media;

/// `main.mp4` once more, with other options of ffmpeg.
fn again(folder: &Path, name: &str, options: &[&str]) -> PathBuf {
    let path = folder.join(name);
    run(Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-i"])
        .arg(media::path("main.mp4"))
        .args(options)
        .arg(&path))
    .expect(0);
    path
}

/// What is said of two files, their sounds `shift` samples apart at most.
#[track_caller]
fn differ(one: &Path, other: &Path, shift: usize, what: &str) {
    let limits = Limits {
        shift,
        ..Limits::LOSSY
    };
    let faults = compare(one, other, &limits).faults;
    match what {
        "" => assert!(faults.is_empty(), "{faults:?}"),
        what => assert!(
            faults.iter().any(|fault| fault.contains(what)),
            "{what}: {faults:?}"
        ),
    }
}

#[test]
fn pictures() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let once = again(folder, "once.mp4", &["-c:a", "copy"]);
    let twice = again(folder, "twice.mp4", &["-crf", "28", "-c:a", "copy"]);
    differ(&once, &twice, 0, "");
    // Frame 70 is 69 once more.
    let wrong = "select='not(eq(n,70))',setpts=N/25/TB,tpad=stop=1:stop_mode=clone";
    let wrong = again(folder, "wrong.mp4", &["-vf", wrong, "-c:a", "copy"]);
    differ(&once, &wrong, 0, "frames differ: the first is 70");
    let short = again(folder, "short.mp4", &["-frames:v", "149", "-c:a", "copy"]);
    differ(&once, &short, 0, "frames: 150 and 149");
    let mute = again(folder, "mute.mp4", &["-an"]);
    differ(&once, &mute, 0, "tracks");
    // Pale pictures are like their neighbours, and yet each is the one before.
    let pale = "eq=contrast=0.15";
    let late = format!("{pale},tpad=start=1:start_mode=clone,trim=end_frame=150");
    let [pale, late] = [("pale.mp4", pale), ("late.mp4", &late)]
        .map(|(name, filter)| again(folder, name, &["-vf", filter, "-crf", "12", "-c:a", "copy"]));
    differ(&pale, &late, 0, "are one late");
}

#[test]
fn sounds() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let once = again(folder, "once.mp4", &["-c:v", "copy"]);
    let twice = again(folder, "twice.mp4", &["-c:v", "copy", "-b:a", "128k"]);
    differ(&once, &twice, 0, "");
    let later = |samples: usize| {
        let filter = format!("adelay={samples}S:all=1,atrim=end_sample=288000");
        again(
            folder,
            &format!("{samples}.mp4"),
            &["-c:v", "copy", "-af", &filter],
        )
    };
    differ(&once, &later(1), 0, "a sample off");
    differ(&once, &later(400), 0, "it is 400 samples off");
    differ(&once, &later(400), 512, "");
    differ(&once, &later(600), 512, "it is 600 samples off");
    let gap = again(
        folder,
        "gap.mp4",
        &["-c:v", "copy", "-af", "volume=0:enable='between(t,2,2.1)'"],
    );
    differ(&once, &gap, 512, "the sound differs at");
}

#[test]
fn subtitles() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let with = |name: &str, words: &str| {
        let file = folder.join("words.srt");
        std::fs::write(&file, words).unwrap();
        let file = file.display().to_string();
        again(
            folder,
            name,
            &[
                "-i", &file, "-map", "0", "-map", "1", "-c", "copy", "-c:s", "mov_text",
            ],
        )
    };
    let one = with("one.mp4", media::WORDS);
    differ(
        &one,
        &with("later.mp4", &media::WORDS.replace("00:00:01,600", "00:00:01,700")),
        0,
        "subtitles",
    );
    differ(
        &one,
        &with("other.mp4", &media::WORDS.replace("first", "last")),
        0,
        "subtitles",
    );
}
