//! Every example compiles, renders, and comes out sound; it is laid out canonically and survives both syntaxes.

use std::path::{Path, PathBuf};

use serde_json::Value;
use vidc_tests::media::{beeps, count, decode_errors, figure, flashes, probe, stream};
use vidc_tests::{run, vidc, workspace};

use crate::VIDC;

/// Renders an example into an empty folder and returns the output files.
fn render(example: &str, folder: &Path) -> Vec<PathBuf> {
    let recipe = workspace::root().join("examples").join(example);
    let done = run(vidc(VIDC, folder).args(["render", "--json"]).arg(recipe)).expect(0);
    done.stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["event"] == "output")
        .map(|event| folder.join(event["path"].as_str().unwrap()))
        .collect()
}

/// The estimated output size of an example, in bytes. The estimated time is not compared: it depends on the machine's load.
fn estimated_size(example: &str) -> f64 {
    let recipe = workspace::root().join("examples").join(example);
    let done = run(vidc(VIDC, workspace::root())
        .args(["compile", "--emit", "json"])
        .arg(recipe))
    .expect(0);
    let plan: Value = serde_json::from_str(&done.stdout).unwrap();
    plan["estimate"]["bytes"].as_f64().unwrap()
}

/// Renders an example and checks the properties of every output.
fn proven(example: &str) {
    let folder = tempfile::tempdir().unwrap();
    let made = render(example, folder.path());
    assert!(!made.is_empty(), "{example} made nothing");
    for path in &made {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(decode_errors(path), "", "{name} does not decode cleanly");
        let probed = probe(path);
        let (video, audio) = (stream(&probed, "video"), stream(&probed, "audio"));
        assert!(!video.is_null() || !audio.is_null(), "{name} holds nothing");
        if let (Some(picture), Some(sound)) = (figure(video, "duration"), figure(audio, "duration")) {
            assert!(
                (picture - sound).abs() < 0.05,
                "{name}: picture {picture} s, sound {sound} s"
            );
        }
        assert!(
            video.is_null()
                || video["sample_aspect_ratio"]
                    .as_str()
                    .is_none_or(|sar| sar == "1:1"),
            "{name}"
        );
    }
    let sizes = made.iter().map(|path| std::fs::metadata(path).unwrap().len());
    let (estimated, real) = (estimated_size(example), sizes.sum::<u64>() as f64);
    assert!(
        (0.5..2.0).contains(&(estimated / real)),
        "{example} is estimated to make {estimated} bytes and makes {real}"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(
        left.len(),
        made.len(),
        "only the outputs are left behind: {left:?}"
    );
}

macro_rules! examples {
    ($($test:ident $file:literal)*) => {
        $(#[test] fn $test() { proven($file); })*
        /// The examples that are rendered above.
        const RENDERED: &[&str] = &[$($file),*];
    };
}

examples! {
    any_text "any-text.vidc"
    awkward "awkward.vidc"
    awkward_yaml "awkward.yaml"
    clean_cut "clean-cut.vidc"
    cues "cues.vidc"
    cues_yaml "cues.yaml"
    formats "formats.vidc"
    join "join.vidc"
    lower_third "lower-third.vidc"
    lower_third_yaml "lower-third.yaml"
    music_bed "music-bed.vidc"
    music_bed_yaml "music-bed.yaml"
    pip "pip.vidc"
    pip_yaml "pip.yaml"
    podcast "podcast.vidc"
    posters "posters.vidc"
    remux "remux.vidc"
    replace_sound "replace-sound.vidc"
    replace_sound_yaml "replace-sound.yaml"
    show "show.vidc"
    show_yaml "show.yaml"
    slideshow "slideshow.vidc"
    slideshow_yaml "slideshow.yaml"
    speed "speed.vidc"
    subtitles_ass "subtitles-ass.vidc"
    subtitles_burned "subtitles-burned.vidc"
    subtitles_burned_yaml "subtitles-burned.yaml"
    subtitles_cyrillic "subtitles-cyrillic.vidc"
    subtitles_soft "subtitles-soft.vidc"
    sync "sync.vidc"
    title "title.vidc"
    title_yaml "title.yaml"
    transitions "transitions.vidc"
    turned "turned.vidc"
    vertical "vertical.vidc"
    watermark "watermark.vidc"
}

#[test]
fn none_is_forgotten() {
    for path in workspace::examples() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            RENDERED.contains(&name.as_str()),
            "{name} is not among the rendered examples"
        );
    }
}

#[test]
fn all_are_laid_out_canonically() {
    run(vidc(VIDC, workspace::root())
        .args(["fmt", "--check"])
        .args(workspace::examples()))
    .expect(0);
}

#[test]
fn pairs_are_the_same_recipe() {
    let mut pairs = 0;
    for yaml in workspace::examples()
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "yaml"))
    {
        let text = yaml.with_extension("vidc");
        for (from, to) in [(&text, yaml), (yaml, &text)] {
            let converted = run(vidc(VIDC, workspace::root()).arg("convert").arg(from))
                .expect(0)
                .stdout;
            assert_eq!(
                converted,
                std::fs::read_to_string(to).unwrap(),
                "{}",
                from.display()
            );
        }
        pairs += 1;
    }
    assert!(pairs >= 8, "{pairs} pairs");
}

#[test]
fn converting_there_and_back_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for recipe in workspace::examples() {
        let other = if recipe.extension().is_some_and(|e| e == "yaml") {
            "there.vidc"
        } else {
            "there.yaml"
        };
        run(vidc(VIDC, folder.path())
            .args(["convert", "-o", other])
            .arg(&recipe))
        .expect(0);
        let back = run(vidc(VIDC, folder.path()).args(["convert", other]))
            .expect(0)
            .stdout;
        assert_eq!(
            back,
            std::fs::read_to_string(&recipe).unwrap(),
            "{}",
            recipe.display()
        );
    }
}

/// Where the awkward files fade into each other, in seconds: there, flashes and beeps are faint.
const FADES: [std::ops::Range<f64>; 2] = [3.45..4.05, 14.95..15.55];

/// Each beep that is heard in the result falls on a flash that is seen, within one frame.
#[test]
fn awkward_files_stay_in_sync() {
    let folder = tempfile::tempdir().unwrap();
    let made = render("awkward.vidc", folder.path());
    let probed = probe(&made[0]);
    let video = stream(&probed, "video");
    assert_eq!(
        (video["width"].as_u64(), video["height"].as_u64()),
        (Some(1280), Some(720))
    );
    let (over, under) = video["r_frame_rate"].as_str().unwrap().split_once('/').unwrap();
    let rate = over.parse::<f64>().unwrap() / under.parse::<f64>().unwrap();
    let (flashes, beeps) = (flashes(&made[0], rate), beeps(&made[0]));
    assert!(beeps.len() >= 11, "{beeps:?}");
    for beep in beeps
        .iter()
        .filter(|beep| !FADES.iter().any(|fade| fade.contains(beep)))
    {
        let off = flashes
            .iter()
            .map(|flash| (flash - beep).abs())
            .fold(f64::INFINITY, f64::min);
        assert!(
            off <= 1.0 / rate + 0.001,
            "the beep at {beep:.3} s is {off:.3} s off\n{flashes:?}\n{beeps:?}"
        );
    }
}

#[test]
fn copied_tracks_are_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let made = render("remux.vidc", folder.path());
    let source = workspace::root().join("examples/media/talk.mov");
    assert_eq!(packets(&made[0]), packets(&source));
}

#[test]
fn soft_subtitles_carry_language_and_title() {
    let folder = tempfile::tempdir().unwrap();
    let made = render("subtitles-soft.vidc", folder.path());
    for path in made {
        let probed = probe(&path);
        assert_eq!(count(&probed, "subtitle"), 2);
        assert_eq!(stream(&probed, "subtitle")["tags"]["language"], "eng");
    }
}

/// A hash of each stream's packets, as they are.
fn packets(path: &Path) -> String {
    let output = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(path)
        .args([
            "-map",
            "0:v",
            "-map",
            "0:a",
            "-c",
            "copy",
            "-f",
            "streamhash",
            "-",
        ])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
