//! Encoders and their options.

/// An FFmpeg encoder with its options.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoder {
    /// FFmpeg's name, such as `libx264`.
    pub name: &'static str,
    /// Options without a stream specifier: `-NAME:TRACK VALUE`.
    pub options: Vec<(String, String)>,
}
