//! Videos of many clips: rendering in batches of inputs gives the same result as rendering at once.

use vidc_tests::fixture::{LOSSLESS, generated_file};
use vidc_tests::media::decode;
use vidc_tests::video::frame_numbers;
use vidc_tests::{run, vidc};

use super::fixture;
use crate::VIDC;

/// Clips of four frames, each two frames later than the previous one, at a size where one decoder per clip would take
/// a gigabyte in all; and a rising tone.
#[test]
fn clips_are_opened_in_batches() {
    const CLIPS: i64 = 40;
    let fixture = fixture(&[]);
    let large = generated_file(
        "large.mp4",
        "-f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128,scale=1280:720:flags=neighbor,setsar=1 \
         -f lavfi -i aevalsrc=0.5*sin(2*PI*(200+300*t)*t):s=48000:d=4 \
         -c:v libx264 -crf 0 -preset ultrafast -bf 2 -g 10 -pix_fmt yuv420p -c:a pcm_s16le -f mov",
    );
    std::fs::copy(large, fixture.path("large.mov")).unwrap();
    let clip = |n: i64| {
        let start = 0.08 * n as f64;
        format!("input(\"large.mov\") | trim({start:.2}s..{:.2}s)", start + 0.16)
    };
    let clips: Vec<String> = (0..CLIPS).map(clip).collect();
    let statements = format!(
        "output(\"out.mkv\", from: concat([{}]) | crop(64x48), {LOSSLESS})",
        clips.join(", ")
    );
    fixture
        .run(&statements, &["--no-pass", "input-batching"])
        .expect(0);
    let sound = || decode(&fixture.path("out.mkv"), &["-vn", "-f", "s16le"]);
    let at_once = sound();
    fixture.run(&statements, &[]).expect(0);
    let shown: Vec<i64> = (0..CLIPS).flat_map(|n| 2 * n..2 * n + 4).collect();
    assert_eq!(frame_numbers(&fixture.path("out.mkv")), shown);
    assert_eq!(at_once.len(), 40 * 4 * 1920 * 2);
    assert!(sound() == at_once, "the sound is another one");

    let plan = run(vidc(VIDC, &fixture.path("")).args(["compile", "recipe.vidc"])).expect(0);
    let stages: Vec<&str> = plan
        .stdout
        .lines()
        .filter(|line| line.contains("one FFmpeg process"))
        .collect();
    let inputs = |line: &&str| {
        let before = line.split(" input").next()?;
        before.rsplit(' ').next()?.parse::<usize>().ok()
    };
    assert_eq!(stages.len(), 5, "{}", plan.stdout);
    assert!(
        stages.iter().filter_map(inputs).all(|inputs| inputs <= 32),
        "{stages:#?}"
    );
}
