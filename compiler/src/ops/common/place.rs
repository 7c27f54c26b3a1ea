//! Where something is put on a picture.

use crate::ass::Position;
use crate::catalogue::Args;
use crate::time::Rational;
use crate::value::Size;

/// Where something is put on a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::ops) enum Place {
    /// At an edge, a corner, or the centre, so many pixels in from the edges.
    Edge(Position, Rational),
    /// The anchor on a point.
    Point(Rational, Rational, Position),
}

impl Place {
    /// What `position` and `margin` say, on a picture of a size.
    pub(in crate::ops) fn of(args: &Args, ground: Size) -> Option<Place> {
        let variant = args.variant("position")?;
        if variant.name == "point" {
            let x = variant.args.pixels("x", ground.width)?;
            let y = variant.args.pixels("y", ground.height)?;
            return Some(Place::Point(x, y, position(variant.args.text("anchor")?)));
        }
        let margin = args.pixels("margin", ground.height).unwrap_or_default();
        Some(Place::Edge(position(variant.name), margin))
    }

    /// Where the top left corner of an inset comes to lie, in whole pixels.
    pub(in crate::ops) fn corner(self, ground: Size, inset: Size) -> (i64, i64) {
        let (across, down) = match self {
            Place::Edge(position, _) | Place::Point(.., position) => thirds(position),
        };
        let place = |third: Third, ground: u32, inset: u32, point: Option<Rational>, margin: Rational| {
            let (ground, inset) = (
                Rational::from_integer(ground.into()),
                Rational::from_integer(inset.into()),
            );
            let at = match (point, third) {
                (Some(point), Third::Start) => point,
                (Some(point), Third::Middle) => point - inset / 2,
                (Some(point), Third::End) => point - inset,
                (None, Third::Start) => margin,
                (None, Third::Middle) => (ground - inset) / 2,
                (None, Third::End) => ground - inset - margin,
            };
            at.round().to_integer()
        };
        let (x, y, margin) = match self {
            Place::Edge(_, margin) => (None, None, margin),
            Place::Point(x, y, _) => (Some(x), Some(y), Rational::ZERO),
        };
        (
            place(across, ground.width, inset.width, x, margin),
            place(down, ground.height, inset.height, y, margin),
        )
    }
}

#[derive(Clone, Copy)]
enum Third {
    Start,
    Middle,
    End,
}

fn thirds(position: Position) -> (Third, Third) {
    use Position as P;
    use Third::{End, Middle, Start};
    match position {
        P::TopLeft => (Start, Start),
        P::Top => (Middle, Start),
        P::TopRight => (End, Start),
        P::Left => (Start, Middle),
        P::Center => (Middle, Middle),
        P::Right => (End, Middle),
        P::BottomLeft => (Start, End),
        P::Bottom => (Middle, End),
        P::BottomRight => (End, End),
    }
}

/// A place by its name in recipes.
pub(in crate::ops) fn position(name: &str) -> Position {
    match name {
        "top-left" => Position::TopLeft,
        "top" => Position::Top,
        "top-right" => Position::TopRight,
        "left" => Position::Left,
        "right" => Position::Right,
        "bottom-left" => Position::BottomLeft,
        "bottom" => Position::Bottom,
        "bottom-right" => Position::BottomRight,
        _ => Position::Center,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_and_points() {
        let ground = Size {
            width: 1280,
            height: 720,
        };
        let inset = Size {
            width: 100,
            height: 50,
        };
        let at = |place: Place| place.corner(ground, inset);
        let ten = Rational::from_integer(10);
        assert_eq!(at(Place::Edge(Position::TopLeft, ten)), (10, 10));
        assert_eq!(at(Place::Edge(Position::BottomRight, ten)), (1170, 660));
        assert_eq!(at(Place::Edge(Position::Center, ten)), (590, 335));
        assert_eq!(at(Place::Point(ten, ten, Position::Bottom)), (-40, -40));
    }
}
