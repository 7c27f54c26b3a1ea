//! What files say of their colors, which must be the same of all that is joined.

use crate::facts::VideoFacts;

/// Matrix, primaries, transfer function and range, as a file has them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ColorTags([Option<String>; 4]);

impl ColorTags {
    pub(super) fn from_facts(video: &VideoFacts) -> ColorTags {
        ColorTags(video.color_tags().map(|tag| tag.map(str::to_owned)))
    }

    /// The options by which an encoder says the same.
    pub(super) fn encoder_options(&self) -> impl Iterator<Item = (String, String)> {
        let names = ["colorspace", "color_primaries", "color_trc", "color_range"];
        let said = self.0.iter().any(Option::is_some);
        names
            .into_iter()
            .zip(&self.0)
            .filter(move |_| said)
            .map(|(name, tag)| {
                let value = match (name, tag.as_deref()) {
                    (_, None) => "unknown",
                    // Options have names of their own for these (FFmpeg, libavcodec/options_table.h).
                    ("color_trc", Some("bt470m")) => "gamma22",
                    ("color_trc", Some("bt470bg")) => "gamma28",
                    (_, Some(tag)) => tag,
                };
                (name.to_owned(), value.to_owned())
            })
    }
}
