//! What is transparent shows what is behind it, and black where nothing is.

use vidc_tests::fixture::{Studio, made};
use vidc_tests::media::decode;
use vidc_tests::picture::{Rgb, frames, near};

use super::{BLACK, RED, WHITE, studio};

/// Red, of which only the left half is to be seen.
const HALF: &str = "-f lavfi -i color=red:s=64x64,format=rgba,geq=r=255:g=0:b=0:a='255*lt(X,32)' -frames:v 1";

fn half() -> Studio {
    let studio = studio(&[]);
    studio.write("half.png", std::fs::read(made("half.png", HALF)).unwrap());
    studio
}

#[track_caller]
fn is(found: Rgb, color: Rgb, tolerance: u8) {
    assert!(near(found, color, tolerance), "{found:?} instead of {color:?}");
}

#[test]
fn what_nothing_is_behind_is_black() {
    let studio = half();
    for pipeline in [
        "image(\"half.png\", duration: 120ms)",
        "concat([image(\"half.png\", duration: 120ms)])",
        "image(\"half.png\", duration: 120ms) | scale(64x64) | grayscale | grayscale",
    ] {
        let made = frames(&studio.picture(pipeline));
        assert_eq!(made.len(), 3);
        is(made[1].at(48, 32), BLACK, 2);
    }
    studio.render("output(\"o.jpg\", from: image(\"half.png\"))");
    let poster = &frames(&studio.path("o.jpg"))[0];
    is(poster.at(16, 32), RED, 4);
    is(poster.at(48, 32), BLACK, 4);
}

#[test]
fn a_ground_shows_through() {
    let studio = half();
    for ground in ["pad(128x96, color: white)", "fit(128x64, color: white)"] {
        let made = frames(&studio.picture(&format!("image(\"half.png\", duration: 120ms) | {ground}")));
        let (x, y) = (made[0].width / 2, made[0].height / 2);
        is(made[0].at(x - 16, y), RED, 4);
        is(made[0].at(x + 16, y), WHITE, 2);
        is(made[0].at(2, 2), WHITE, 2);
    }
}

#[test]
fn half_of_a_color_is_half_as_bright() {
    let studio = half();
    let made = frames(&studio.picture("color(#ff000080, size: 64x64, duration: 120ms)"));
    is(made[0].at(32, 32), [128, 0, 0], 4);
    let made = frames(&studio.picture("color(white, size: 64x64, duration: 120ms) | opacity(30%)"));
    is(made[0].at(32, 32), [76, 76, 76], 3);
}

#[test]
fn a_logo_fades_from_nothing() {
    let studio = half();
    let logo = "image(\"half.png\", duration: 2s) | fade(in: 2s)";
    let made = frames(&studio.picture(&format!(
        "color(white, size: 64x64, duration: 2s) | overlay({logo})"
    )));
    is(made[25].at(16, 32), [255, 127, 127], 8);
    is(made[25].at(48, 32), WHITE, 2);
    is(made[49].at(16, 32), RED, 12);
}

#[test]
fn that_transparency_is_lost_is_told() {
    let studio = half();
    let told = |name: &str| {
        let statement = format!("output(\"{name}\", from: image(\"half.png\", duration: 120ms))");
        studio.run(&statement, &[]).expect(0).stderr
    };
    assert!(told("o.mp4").contains("`h264` has no transparency"));
    assert!(!told("o.webm").contains("transparency"));
    let pixels = decode(
        &studio.path("o.webm"),
        &["-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo"],
    );
    assert!(!pixels.is_empty());
}
