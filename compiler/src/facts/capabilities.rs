//! The capabilities of an FFmpeg build.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::FilterName;

/// An FFmpeg release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// The 5 of 5.1.9; 0 for a snapshot build, which names no release.
    pub major: u32,
    /// The 1 of 5.1.9.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The filters, codecs and formats of one FFmpeg build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Its release.
    pub version: Version,
    /// A hash of its version line and configuration, which identifies the build.
    pub build: String,
    /// Names of its filters.
    pub filters: BTreeSet<String>,
    /// Names of its encoders, such as `libx264`.
    pub encoders: BTreeSet<String>,
    /// Names of its decoders.
    pub decoders: BTreeSet<String>,
    /// Names of its muxers, such as `mp4`.
    pub muxers: BTreeSet<String>,
    /// The transitions that its `xfade` filter supports.
    pub transitions: BTreeSet<String>,
}

impl Capabilities {
    /// Whether it has a filter.
    pub fn has_filter(&self, filter: FilterName) -> bool {
        self.filters.contains(filter.as_str())
    }
}
