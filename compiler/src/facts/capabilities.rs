//! What an FFmpeg can do.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::FilterName;

/// The version of an FFmpeg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// 5 of 5.1.9; 0 where the build names no release (a snapshot).
    pub major: u32,
    /// 1 of 5.1.9
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The filters, coders and formats of one FFmpeg build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Its release.
    pub version: Version,
    /// What identifies the build: its version line and configuration, hashed.
    pub build: String,
    /// Names of its filters.
    pub filters: BTreeSet<String>,
    /// Names of its encoders, such as `libx264`.
    pub encoders: BTreeSet<String>,
    /// Names of its decoders.
    pub decoders: BTreeSet<String>,
    /// Names of its muxers, such as `mp4`.
    pub muxers: BTreeSet<String>,
    /// The transitions its `xfade` filter knows.
    pub transitions: BTreeSet<String>,
}

impl Capabilities {
    /// Whether it has a filter.
    pub fn has_filter(&self, filter: FilterName) -> bool {
        self.filters.contains(filter.as_str())
    }
}
