//! The color tags of a file, which must be the same for all joined segments.

use crate::facts::VideoFacts;

/// Matrix, primaries, transfer function and range, as tagged in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ColorTags([Option<String>; 4]);

impl ColorTags {
    pub(super) fn from_facts(video: &VideoFacts) -> ColorTags {
        ColorTags(video.color_tags().map(|tag| tag.map(str::to_owned)))
    }

    /// The options that make an encoder write the same tags.
    pub(super) fn encoder_options(&self) -> impl Iterator<Item = (String, String)> {
        let names = ["colorspace", "color_primaries", "color_trc", "color_range"];
        let is_tagged = self.0.iter().any(Option::is_some);
        names
            .into_iter()
            .zip(&self.0)
            .filter(move |_| is_tagged)
            .map(|(name, tag)| {
                let value = match (name, tag.as_deref()) {
                    (_, None) => "unknown",
                    // The options have different names for these (FFmpeg, libavcodec/options_table.h).
                    ("color_trc", Some("bt470m")) => "gamma22",
                    ("color_trc", Some("bt470bg")) => "gamma28",
                    (_, Some(tag)) => tag,
                };
                (name.to_owned(), value.to_owned())
            })
    }
}
