//! Placement of an overlay, a text or a crop on a frame.

use crate::ass::Position;
use crate::param::{Choice, Length, Param, VariantDef, word, words};
use crate::time::Rational;
use crate::value::{Size, Variant};

words! {
    Position {
        TopLeft = "top-left",
        Top = "top",
        TopRight = "top-right",
        Left = "left",
        Center = "center",
        Right = "right",
        BottomLeft = "bottom-left",
        Bottom = "bottom",
        BottomRight = "bottom-right",
    }
}

const X: Param<Length> = Param::length(
    "x",
    "distance from the left; a percentage refers to the frame width",
)
.by_name();
const Y: Param<Length> = Param::length(
    "y",
    "distance from the top; a percentage refers to the frame height",
);
const ANCHOR: Param<Position> = Param::choice(
    "anchor",
    "point of the placed element that is put at these coordinates",
)
.default(word(Position::TopLeft.word()));

static POINT: VariantDef = VariantDef {
    name: "point",
    summary: "Place the anchor of an element at a point of the frame.",
    params: &[X.spec, Y.spec, ANCHOR.spec],
};

macro_rules! placements {
    ($($constant:ident = $position:ident),* $(,)?) => {
        $(static $constant: VariantDef = VariantDef {
            name: Position::$position.word(),
            summary: "Align with this part of the frame, inset by `margin`.",
            params: &[],
        };)*
        /// The values of a `position` parameter: nine positions, or a point.
        pub const PLACEMENTS: &[&VariantDef] = &[$(&$constant,)* &POINT];
    };
}

placements! {
    TOP_LEFT = TopLeft, TOP = Top, TOP_RIGHT = TopRight,
    LEFT = Left, CENTER = Center, RIGHT = Right,
    BOTTOM_LEFT = BottomLeft, BOTTOM = Bottom, BOTTOM_RIGHT = BottomRight,
}

/// The place of an element on a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ops) enum Placement {
    /// At an edge, at a corner, or in the center.
    Aligned {
        position: Position,
        /// Distance from the edges, in pixels.
        margin: Rational,
    },
    /// With the anchor at a point, in pixels from the top left corner of the frame.
    AtPoint {
        x: Rational,
        y: Rational,
        anchor: Position,
    },
}

impl Placement {
    /// Reads the arguments `position` and `margin` for a frame of size `frame`.
    pub(in crate::ops) fn new(position: &Variant, margin: Length, frame: Size) -> Placement {
        match Position::from_word(position.name) {
            Some(position) => Placement::Aligned {
                position,
                margin: margin.to_pixels(frame.height),
            },
            None => Placement::AtPoint {
                x: position.args.get(&X).to_pixels(frame.width),
                y: position.args.get(&Y).to_pixels(frame.height),
                anchor: position.args.get(&ANCHOR),
            },
        }
    }

    /// The offset of an element's top left corner from that of the frame, in whole pixels.
    pub(in crate::ops) fn offset(self, frame: Size, element: Size) -> (i64, i64) {
        let (position, x, y, margin) = match self {
            Placement::Aligned { position, margin } => (position, None, None, margin),
            Placement::AtPoint { x, y, anchor } => (anchor, Some(x), Some(y), Rational::ZERO),
        };
        let (horizontal, vertical) = alignment(position);
        let offset = |align: Align, frame: u32, element: u32, point: Option<Rational>| {
            let (frame, element) = (
                Rational::from_integer(frame.into()),
                Rational::from_integer(element.into()),
            );
            let offset = match (point, align) {
                (Some(point), Align::Start) => point,
                (Some(point), Align::Center) => point - element / 2,
                (Some(point), Align::End) => point - element,
                (None, Align::Start) => margin,
                (None, Align::Center) => (frame - element) / 2,
                (None, Align::End) => frame - element - margin,
            };
            offset.round().to_integer()
        };
        (
            offset(horizontal, frame.width, element.width, x),
            offset(vertical, frame.height, element.height, y),
        )
    }
}

/// Alignment along one axis.
#[derive(Clone, Copy)]
enum Align {
    Start,
    Center,
    End,
}

/// The horizontal and vertical alignment of a position.
fn alignment(position: Position) -> (Align, Align) {
    use Align::{Center, End, Start};
    use Position as P;
    match position {
        P::TopLeft => (Start, Start),
        P::Top => (Center, Start),
        P::TopRight => (End, Start),
        P::Left => (Start, Center),
        P::Center => (Center, Center),
        P::Right => (End, Center),
        P::BottomLeft => (Start, End),
        P::Bottom => (Center, End),
        P::BottomRight => (End, End),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_aligned_with_edges_and_points() {
        let frame = Size {
            width: 1280,
            height: 720,
        };
        let element = Size {
            width: 100,
            height: 50,
        };
        let ten = Rational::from_integer(10);
        let aligned = |position| {
            let margin = ten;
            Placement::Aligned { position, margin }.offset(frame, element)
        };
        assert_eq!(aligned(Position::TopLeft), (10, 10));
        assert_eq!(aligned(Position::BottomRight), (1170, 660));
        assert_eq!(aligned(Position::Center), (590, 335));
        let point = Placement::AtPoint {
            x: ten,
            y: ten,
            anchor: Position::Bottom,
        };
        assert_eq!(point.offset(frame, element), (-40, -40));
    }
}
