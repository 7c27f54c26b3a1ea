//! Transparent areas show the layer below, or black if there is none.

use vidc_tests::fixture::{Fixture, generated_file};
use vidc_tests::media::decode;
use vidc_tests::video::{Rgb, frames, is_close};

use super::{BLACK, RED, WHITE, fixture};

/// Red, with only the left half visible.
const HALF: &str = "-f lavfi -i color=red:s=64x64,format=rgba,geq=r=255:g=0:b=0:a='255*lt(X,32)' -frames:v 1";

fn half() -> Fixture {
    let fixture = fixture(&[]);
    fixture.write(
        "half.png",
        std::fs::read(generated_file("half.png", HALF)).unwrap(),
    );
    fixture
}

#[track_caller]
fn assert_color(found: Rgb, color: Rgb, tolerance: u8) {
    assert!(
        is_close(found, color, tolerance),
        "{found:?} instead of {color:?}"
    );
}

#[test]
fn transparency_over_nothing_is_black() {
    let fixture = half();
    for pipeline in [
        "image(\"half.png\", duration: 120ms)",
        "concat([image(\"half.png\", duration: 120ms)])",
        "image(\"half.png\", duration: 120ms) | scale(64x64) | grayscale | grayscale",
    ] {
        let rendered = frames(&fixture.video_clip(pipeline));
        assert_eq!(rendered.len(), 3);
        assert_color(rendered[1].at(48, 32), BLACK, 2);
    }
    fixture.render("output(\"o.jpg\", from: image(\"half.png\"))");
    let poster = &frames(&fixture.path("o.jpg"))[0];
    assert_color(poster.at(16, 32), RED, 4);
    assert_color(poster.at(48, 32), BLACK, 4);
}

#[test]
fn the_canvas_shows_through_transparency() {
    let fixture = half();
    for ground in ["pad(128x96, color: white)", "fit(128x64, color: white)"] {
        let rendered =
            frames(&fixture.video_clip(&format!("image(\"half.png\", duration: 120ms) | {ground}")));
        let (x, y) = (rendered[0].width / 2, rendered[0].height / 2);
        assert_color(rendered[0].at(x - 16, y), RED, 4);
        assert_color(rendered[0].at(x + 16, y), WHITE, 2);
        assert_color(rendered[0].at(2, 2), WHITE, 2);
    }
}

#[test]
fn half_transparent_color_is_half_as_bright() {
    let fixture = half();
    let rendered = frames(&fixture.video_clip("color(#ff000080, size: 64x64, duration: 120ms)"));
    assert_color(rendered[0].at(32, 32), [128, 0, 0], 4);
    let rendered = frames(&fixture.video_clip("color(white, size: 64x64, duration: 120ms) | opacity(30%)"));
    assert_color(rendered[0].at(32, 32), [76, 76, 76], 3);
}

#[test]
fn a_logo_fades_in_from_transparent() {
    let fixture = half();
    let logo = "image(\"half.png\", duration: 2s) | fade(in: 2s)";
    let rendered = frames(&fixture.video_clip(&format!(
        "color(white, size: 64x64, duration: 2s) | overlay({logo})"
    )));
    assert_color(rendered[25].at(16, 32), [255, 127, 127], 8);
    assert_color(rendered[25].at(48, 32), WHITE, 2);
    assert_color(rendered[49].at(16, 32), RED, 12);
}

#[test]
fn loss_of_transparency_is_reported() {
    let fixture = half();
    let stderr_of = |name: &str| {
        let statement = format!("output(\"{name}\", from: image(\"half.png\", duration: 120ms))");
        fixture.run(&statement, &[]).expect(0).stderr
    };
    assert!(stderr_of("o.mp4").contains("`h264` does not support transparency"));
    assert!(!stderr_of("o.webm").contains("transparency"));
    let pixels = decode(
        &fixture.path("o.webm"),
        &["-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo"],
    );
    assert!(!pixels.is_empty());
}
