//! Fields that the headers of movies, tracks and media have in common (ISO/IEC 14496-12, 6.2.2 and 8.2 to 8.4).

use mp4_atom::Matrix;

use super::box_reader::{Parsed, Unsupported};

/// Checks a number of ticks per second.
pub(super) fn check_timescale(timescale: u32) -> Parsed<u32> {
    match timescale {
        1..=0x7fff_ffff => Ok(timescale),
        _ => Err(Unsupported("a timescale is zero or too large")),
    }
}

/// The clockwise rotation of a matrix (6.2.2) in quarter turns. The translation is ignored.
pub(super) fn quarter_turns(matrix: &Matrix) -> Parsed<u8> {
    const ONE: i32 = 1 << 16;
    let turns = match (matrix.a, matrix.b, matrix.c, matrix.d) {
        (ONE, 0, 0, ONE) => 0,
        (0, ONE, c, 0) if c == -ONE => 1,
        (a, 0, 0, d) if a == -ONE && d == -ONE => 2,
        (0, b, ONE, 0) if b == -ONE => 3,
        _ => return Err(Unsupported("a matrix skews, mirrors or scales")),
    };
    match (matrix.u, matrix.v, matrix.w) == (0, 0, 1 << 30) {
        true => Ok(turns),
        false => Err(Unsupported("a matrix projects")),
    }
}
