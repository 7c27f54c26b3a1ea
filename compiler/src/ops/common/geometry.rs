//! Sizes and offsets of scaled, padded and cropped frames.

use crate::time::Rational;
use crate::value::Size;

/// Rounds to the nearest even number of pixels, at least two: 4:2:0 stores one chroma sample per 2x2 pixels.
pub(in crate::ops) fn even(pixels: Rational) -> u32 {
    let halves = (pixels / 2).round().to_integer().clamp(1, 8192);
    u32::try_from(halves * 2).unwrap_or(2)
}

/// The offset that centers `inner` in `outer`. It is even, so that chroma samples keep their position.
pub(in crate::ops) fn centered(outer: Size, inner: Size) -> (i64, i64) {
    let half = |outer: u32, inner: u32| i64::from(outer.saturating_sub(inner) / 4 * 2);
    (half(outer.width, inner.width), half(outer.height, inner.height))
}

/// Clamps the offset of `inner` so that it stays inside `outer`, which is at least as large.
pub(in crate::ops) fn clamped((x, y): (i64, i64), outer: Size, inner: Size) -> (i64, i64) {
    let clamp = |offset: i64, outer: u32, inner: u32| offset.clamp(0, i64::from(outer - inner));
    (
        clamp(x, outer.width, inner.width),
        clamp(y, outer.height, inner.height),
    )
}

/// Whether a frame of size `a` scales to `b` without distortion, padding or cropping.
pub(in crate::ops) fn has_same_aspect(a: Size, b: Size) -> bool {
    contained(a, b) == b
}

/// The largest size with the aspect ratio of `size` that fits into `frame`.
pub(in crate::ops) fn contained(size: Size, frame: Size) -> Size {
    scaled(
        size,
        frame,
        |by_width, by_height| by_width.min(by_height),
        |side, limit| side.min(limit),
    )
}

/// The smallest size with the aspect ratio of `size` that covers `frame`.
pub(in crate::ops) fn covering(size: Size, frame: Size) -> Size {
    scaled(
        size,
        frame,
        |by_width, by_height| by_width.max(by_height),
        |side, limit| side.max(limit),
    )
}

fn scaled(
    size: Size,
    frame: Size,
    choose: fn(Rational, Rational) -> Rational,
    bound: fn(u32, u32) -> u32,
) -> Size {
    let ratio = |frame: u32, side: u32| Rational::new(frame.into(), i64::from(side.max(1)));
    let factor = choose(ratio(frame.width, size.width), ratio(frame.height, size.height));
    let side = |side: u32, frame: u32| {
        let exact = factor * Rational::from_integer(side.into());
        // The side that determines the factor equals the frame's, odd or even.
        if exact == Rational::from_integer(frame.into()) {
            frame
        } else {
            bound(even(exact), frame)
        }
    };
    Size {
        width: side(size.width, frame.width),
        height: side(size.height, frame.height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    #[test]
    fn scaling_keeps_the_aspect_ratio() {
        assert_eq!(contained(size(1920, 1080), size(1280, 720)), size(1280, 720));
        assert_eq!(contained(size(1080, 1920), size(1280, 720)), size(406, 720));
        assert_eq!(covering(size(1080, 1920), size(1280, 720)), size(1280, 2276));
        assert_eq!(contained(size(1, 1000), size(100, 100)), size(2, 100));
        assert_eq!(centered(size(1280, 720), size(406, 720)), (436, 0));
    }
}
