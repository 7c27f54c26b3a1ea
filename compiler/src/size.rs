//! Frame sizes in pixels.

/// A width and a height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    /// The maximum width and height. FFmpeg cannot allocate a frame of 16384x16384 (`av_image_check_size2`).
    pub const MAX_SIDE: u32 = 16_000;

    /// Whether FFmpeg supports frames of this size.
    pub fn is_possible(self) -> bool {
        let side = 1..=Size::MAX_SIDE;
        side.contains(&self.width) && side.contains(&self.height)
    }

    /// The range of supported sizes, for messages.
    pub fn possible() -> String {
        format!("1x1 to {0}x{0}", Size::MAX_SIDE)
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}
