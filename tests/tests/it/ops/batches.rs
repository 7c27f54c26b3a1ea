//! Videos of many clips: what is made in batches is what would be made at once.

use vidc_tests::fixture::{LOSSLESS, made};
use vidc_tests::media::decode;
use vidc_tests::picture::numbers;
use vidc_tests::{run, vidc};

use super::studio;
use crate::VIDC;

/// Clips of four frames, each two frames later than the one before, of pictures so large that decoders of all of them
/// would take a gigabyte; and a tone that rises.
#[test]
fn clips_are_opened_in_batches() {
    const CLIPS: i64 = 40;
    let studio = studio(&[]);
    let large = made(
        "large.mp4",
        "-f lavfi -i color=black:s=64x48:r=25:d=4,geq=lum=20+2*N:cb=128:cr=128,scale=1280:720:flags=neighbor,setsar=1 \
         -f lavfi -i aevalsrc=0.5*sin(2*PI*(200+300*t)*t):s=48000:d=4 \
         -c:v libx264 -crf 0 -preset ultrafast -bf 2 -g 10 -pix_fmt yuv420p -c:a pcm_s16le -f mov",
    );
    std::fs::copy(large, studio.path("large.mov")).unwrap();
    let clip = |n: i64| {
        let start = 0.08 * n as f64;
        format!("input(\"large.mov\") | trim({start:.2}s..{:.2}s)", start + 0.16)
    };
    let clips: Vec<String> = (0..CLIPS).map(clip).collect();
    let statements = format!(
        "output(\"out.mkv\", from: concat([{}]) | crop(64x48), {LOSSLESS})",
        clips.join(", ")
    );
    studio
        .run(&statements, &["--no-pass", "input-batching"])
        .expect(0);
    let sound = || decode(&studio.path("out.mkv"), &["-vn", "-f", "s16le"]);
    let at_once = sound();
    studio.run(&statements, &[]).expect(0);
    let shown: Vec<i64> = (0..CLIPS).flat_map(|n| 2 * n..2 * n + 4).collect();
    assert_eq!(numbers(&studio.path("out.mkv")), shown);
    assert_eq!(at_once.len(), 40 * 4 * 1920 * 2);
    assert!(sound() == at_once, "the sound is another one");

    let plan = run(vidc(VIDC, &studio.path("")).args(["compile", "recipe.vidc"])).expect(0);
    let stages: Vec<&str> = plan
        .stdout
        .lines()
        .filter(|line| line.contains("one ffmpeg"))
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
