//! Colours are what they were, for a player that goes by what a file says of them.

use vidc_tests::media::{probe, stream};
use vidc_tests::picture::frames;
use vidc_tests::studio::Studio;

use super::studio;

/// What is only looked at is in 8 bits, and so in SDR.
#[test]
fn a_preview_of_hdr_is_what_a_poster_is() {
    let studio = studio(&["pq.mp4", "hlg.mp4"]);
    for clip in ["pq.mp4", "hlg.mp4"] {
        studio.render(&format!(
            "let clip = input(\"{clip}\")\noutput(\"o.mp4\", from: clip)\noutput(\"p.png\", from: clip, video: frame(at: 1s))"
        ));
        frame(&studio, "1s");
        let (poster, preview) = (studio.path("p.png"), studio.path("frame.png"));
        assert_eq!(frames(&preview), frames(&poster), "{clip}");
        let poster = probe(&preview);
        assert_eq!(stream(&poster, "video")["pix_fmt"], "rgb24");
    }
}

fn frame(studio: &Studio, at: &str) {
    vidc_tests::run(vidc_tests::vidc(crate::VIDC, &studio.path("")).args([
        "preview",
        "--frame",
        at,
        "--show",
        "o.mp4",
        "recipe.vidc",
    ]))
    .expect(0);
}
