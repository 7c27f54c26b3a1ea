//! The parameters of the `output` statement.

use super::codecs;
use crate::graph::Clip;
use crate::param::{Param, ParamSpec};
use crate::value::Variant;

/// The path of the file.
pub(crate) const TO: Param<String> = Param::path("to", "output file; its extension selects the container");
/// The clip that is written.
pub(crate) const FROM: Param<Clip> = Param::clip("from", "clip to write");
/// How the video track is written.
pub(crate) const VIDEO: Param<Variant> =
    Param::variant("video", codecs::VIDEO, "how the video is written").default(codecs::DEFAULT);
/// How the audio track is written.
pub(crate) const AUDIO: Param<Variant> =
    Param::variant("audio", codecs::AUDIO, "how the audio is written").default(codecs::DEFAULT);
/// The title in the file's metadata.
pub(crate) const TITLE: Param<Option<String>> =
    Param::text("title", "title in the file's metadata").optional();

/// The parameters of the `output` statement.
pub const OUTPUT: &[ParamSpec] = &[TO.spec, FROM.spec, VIDEO.spec, AUDIO.spec, TITLE.spec];
