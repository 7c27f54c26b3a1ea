//! The command-line interface: output streams and exit codes.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use vidc_tests::{run, run_with_input, vidc, workspace};

use crate::VIDC;

const GOOD: &str = "vidc 1\n\nlet main = color(teal, size: 320x240, fps: 25, duration: 1s)\n\noutput(\"out.mp4\", from: main)\n";
const BAD: &str = "vidc 1\n\nlet main = color(teal, size: 320x240, fps: 25, duration: 1s) | trimm(0s..1s)\n\noutput(\"out.mp4\", from: main)\n";

fn folder_with(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_good_recipe_checks_in_silence() {
    let folder = folder_with("r.vidc", GOOD);
    let done = run(vidc(VIDC, folder.path()).args(["check", "r.vidc"])).expect(0);
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("", ""));
}

#[test]
fn a_bad_recipe_fails_with_its_place_and_a_suggestion() {
    let folder = folder_with("r.vidc", BAD);
    let done = run(vidc(VIDC, folder.path()).args(["check", "r.vidc"])).expect(1);
    assert!(done.stderr.contains("r.vidc:3"), "{}", done.stderr);
    assert!(done.stderr.contains("trim"), "{}", done.stderr);
    assert!(done.stderr.contains("1 error"), "{}", done.stderr);
    assert!(
        !done.stderr.contains('\x1b'),
        "no color where nobody asked for it"
    );
}

#[test]
fn diagnostics_as_json_go_to_standard_output() {
    let folder = folder_with("r.vidc", BAD);
    let done = run(vidc(VIDC, folder.path()).args(["check", "--format", "json", "r.vidc"])).expect(1);
    let diagnostics: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(diagnostics.as_array().unwrap().len(), 1);
    assert_eq!(diagnostics[0]["severity"], "error");
}

#[test]
fn color_is_a_choice() {
    let folder = folder_with("r.vidc", BAD);
    let told = |options: &[&str], no_color: &str| {
        let mut command = vidc(VIDC, folder.path());
        command
            .arg("check")
            .args(options)
            .arg("r.vidc")
            .env("NO_COLOR", no_color);
        run(&mut command).expect(1).stderr.contains('\x1b')
    };
    assert!(told(&["--color", "always"], ""));
    assert!(!told(&["--color", "never"], ""));
    assert!(!told(&[], "1"));
}

#[test]
fn the_wrong_command_line_is_exit_2() {
    let folder = folder_with("r.vidc", GOOD);
    for wrong in [
        &["frobnicate"][..],
        &["render"],
        &["render", "r.vidc", "--set", "novalue"],
        &["explain", "no-such-code"],
        &["ops", "no-such-operation"],
    ] {
        run(vidc(VIDC, folder.path()).args(wrong)).expect(2);
    }
}

#[test]
fn a_limit_of_the_cache_that_is_no_size_is_refused() {
    let folder = folder_with("r.vidc", GOOD);
    for command in [&["render", "r.vidc"][..], &["cache"]] {
        let said = run(vidc(VIDC, folder.path())
            .args(command)
            .env("VIDC_CACHE_LIMIT", "plenty"))
        .expect(2)
        .stderr;
        assert!(said.contains("`VIDC_CACHE_LIMIT` is `plenty`"), "{said}");
    }
    assert_eq!(names(folder.path()), ["r.vidc"]);
}

#[test]
fn a_missing_recipe_is_exit_3() {
    let folder = tempfile::tempdir().unwrap();
    let done = run(vidc(VIDC, folder.path()).args(["check", "nothing.vidc"])).expect(3);
    assert!(done.stderr.contains("nothing.vidc"), "{}", done.stderr);
}

#[test]
fn a_missing_ffmpeg_is_exit_3() {
    let folder = folder_with("r.vidc", GOOD);
    for command in [&["render", "r.vidc"][..], &["doctor"]] {
        let done = run(vidc(VIDC, folder.path()).args(command).env("PATH", folder.path())).expect(3);
        let told = done.stdout + &done.stderr;
        assert!(told.contains("ffmpeg") && told.contains("install"), "{told}");
    }
}

#[test]
fn render_prints_what_it_made() {
    let folder = folder_with("r.vidc", GOOD);
    let done = run(vidc(VIDC, folder.path()).args(["render", "r.vidc", "-o", "made/here"])).expect(0);
    assert_eq!(done.stdout.trim(), "made/here/out.mp4");
    assert_eq!(names(&folder.path().join("made/here")), ["out.mp4"]);
}

#[test]
fn render_reads_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    run_with_input(vidc(VIDC, folder.path()).args(["render", "-"]), GOOD).expect(0);
    assert_eq!(names(folder.path()), ["out.mp4"]);
}

#[test]
fn parameters_and_inputs_are_bound() {
    let media = workspace::root().join("examples/media");
    let recipe = "vidc 1\n\nparam width: length = 64px\n\ninput clip = \"nowhere.mp4\"\n\noutput(\"out.mp4\", from: clip | trim(0s..200ms) | scale(width: width))\n";
    let folder = folder_with("r.vidc", recipe);
    let clip = format!("clip={}", media.join("camera.mp4").display());
    run(vidc(VIDC, folder.path()).args(["check", "r.vidc"])).expect(3);
    run(vidc(VIDC, folder.path()).args(["render", "r.vidc", "--input", &clip, "--set", "width=96px"]))
        .expect(0);
    let probed = vidc_tests::media::probe(&folder.path().join("out.mp4"));
    assert_eq!(vidc_tests::media::stream(&probed, "video")["width"], 96);
}

#[test]
fn compile_shows_the_plan_in_four_ways() {
    let folder = folder_with("r.vidc", GOOD);
    let emit = |what: &str| {
        run(vidc(VIDC, folder.path()).args(["compile", "--emit", what, "r.vidc"]))
            .expect(0)
            .stdout
    };
    assert!(emit("sh").contains("ffmpeg"));
    assert!(emit("dot").starts_with("digraph"));
    let plan: Value = serde_json::from_str(&emit("json")).unwrap();
    assert_eq!(plan["stages"].as_array().unwrap().len(), 1);
    let estimate = &plan["estimate"];
    assert_eq!(estimate["stages"].as_array().unwrap().len(), 1);
    for figure in ["wall", "cpu", "bytes"] {
        assert!(estimate[figure].as_f64().unwrap() > 0.0, "{figure}: {estimate}");
    }
    let explained = emit("explain");
    assert!(explained.contains("out.mp4"), "{explained}");
    assert!(explained.contains("total: about "), "{explained}");
    assert_eq!(
        run(vidc(VIDC, folder.path()).args(["compile", "--explain", "r.vidc"]))
            .expect(0)
            .stdout,
        explained
    );
    assert_eq!(names(folder.path()), ["r.vidc"], "compile makes nothing");
}

#[test]
fn the_emitted_script_makes_the_same_file() {
    let folder = folder_with("r.vidc", GOOD);
    let script = run(vidc(VIDC, folder.path()).args(["compile", "--emit", "sh", "r.vidc"]))
        .expect(0)
        .stdout;
    std::fs::write(folder.path().join("r.sh"), script).unwrap();
    run(std::process::Command::new("sh")
        .arg("r.sh")
        .current_dir(folder.path()))
    .expect(0);
    assert!(names(folder.path()).contains(&"out.mp4".to_owned()));
}

#[test]
fn fmt_checks_and_mends() {
    let ragged = GOOD.replace(", ", ",   ");
    let folder = folder_with("r.vidc", &ragged);
    let file = folder.path().join("r.vidc");
    run(vidc(VIDC, folder.path()).args(["fmt", "--check", "r.vidc"])).expect(1);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), ragged);
    run(vidc(VIDC, folder.path()).args(["fmt", "r.vidc"])).expect(0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), GOOD);
    run(vidc(VIDC, folder.path()).args(["fmt", "--check", "r.vidc"])).expect(0);
    assert_eq!(
        run_with_input(vidc(VIDC, folder.path()).args(["fmt", "-"]), &ragged)
            .expect(0)
            .stdout,
        GOOD
    );
}

#[test]
fn fmt_leaves_what_it_cannot_read() {
    let broken = "vidc 1\n\nlet main = (\n";
    let folder = folder_with("r.vidc", broken);
    run(vidc(VIDC, folder.path()).args(["fmt", "r.vidc"])).expect(1);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("r.vidc")).unwrap(),
        broken
    );
}

#[test]
fn convert_goes_by_the_name_of_the_output() {
    let folder = folder_with("r.vidc", GOOD);
    run(vidc(VIDC, folder.path()).args(["convert", "r.vidc", "-o", "r.yaml"])).expect(0);
    let back = run(vidc(VIDC, folder.path()).args(["convert", "r.yaml"]))
        .expect(0)
        .stdout;
    assert_eq!(back, GOOD);
}

#[test]
fn probe_tells_what_is_in_a_file() {
    let media = workspace::root().join("examples/media");
    let done = run(vidc(VIDC, &media).args(["probe", "phone.mp4", "logo.png"])).expect(0);
    assert!(done.stdout.contains("720x1280"), "{}", done.stdout);
    assert!(done.stdout.contains("240x240"), "{}", done.stdout);
    let done = run(vidc(VIDC, &media).args(["probe", "--json", "mono.mp4"])).expect(0);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(done.stdout.contains("44100"), "{found}");
    run(vidc(VIDC, &media).args(["probe", "nothing.mp4"])).expect(3);
    run(vidc(VIDC, &media).args(["probe", "talk.srt.nothing"])).expect(3);
}

#[test]
fn ops_and_explain_answer() {
    let folder = tempfile::tempdir().unwrap();
    let vidc = |args: &[&str]| run(vidc(VIDC, folder.path()).args(args)).expect(0).stdout;
    let listed = vidc(&["ops"]);
    for operation in ["concat", "text", "subtitles", "pip", "mix", "loudness", "trim"] {
        assert!(
            listed
                .lines()
                .any(|line| line.trim_start().starts_with(operation)),
            "{operation}"
        );
    }
    assert!(vidc(&["ops", "text"]).contains("position"));
    let codes = vidc(&["explain"]);
    let first = codes.split_whitespace().next().unwrap();
    assert!(vidc(&["explain", first]).contains("Right:"));
}

#[test]
fn every_diagnostic_is_explained_by_true_examples() {
    let folder = tempfile::tempdir().unwrap();
    let codes = run(vidc(VIDC, folder.path()).arg("explain")).expect(0).stdout;
    for code in codes.lines().filter_map(|line| line.split_whitespace().next()) {
        let page = run(vidc(VIDC, folder.path()).args(["explain", code]))
            .expect(0)
            .stdout;
        assert!(page.contains("Wrong:") && page.contains("Right:"), "{code}");
    }
}

#[test]
fn doctor_finds_this_machine_fit() {
    let folder = tempfile::tempdir().unwrap();
    let done = run(vidc(VIDC, folder.path()).arg("doctor")).expect(0);
    assert!(done.stdout.contains("ffmpeg"), "{}", done.stdout);
}

#[test]
fn a_closed_pipe_is_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = vidc(VIDC, folder.path())
        .args(["explain"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn interrupting_ends_ffmpeg_and_leaves_nothing() {
    let long = GOOD.replace("320x240", "1920x1080").replace("1s", "600s");
    let folder = folder_with("r.vidc", &long);
    let mut child = vidc(VIDC, folder.path())
        .args(["render", "--json", "r.vidc"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The first line of progress says that ffmpeg is at work.
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    assert!(line.contains("progress"), "{line}");
    let pid = child.id().to_string();
    let ffmpeg = children_of(&pid);
    assert!(!ffmpeg.is_empty(), "ffmpeg runs");
    run(std::process::Command::new("kill").args(["-INT", &pid])).expect(0);
    let started = std::time::Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(names(folder.path()), ["r.vidc"]);
    for process in ffmpeg {
        assert!(
            !Path::new(&format!("/proc/{process}")).exists(),
            "ffmpeg {process} goes on"
        );
    }
}

/// The ids of a process's children, by /proc.
fn children_of(pid: &str) -> Vec<String> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let list = std::fs::read_to_string(path).unwrap_or_default();
    list.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn serve_answers_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = vidc(VIDC, folder.path())
        .args(["serve", "--listen", "127.0.0.1:0", "--data", "data"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
    let address = line.trim().rsplit_once('/').unwrap().1;
    for (route, status) in [("/livez", "200"), ("/readyz", "200"), ("/nothing", "404")] {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let request = format!("GET {route} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let answer = std::io::read_to_string(stream).unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{route}: {answer}"
        );
    }
    run(std::process::Command::new("kill").arg(child.id().to_string())).expect(0);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
