//! The local FFmpeg and the probe cache.

use vidc_engine::probe::{Identity, Prober};
use vidc_engine::{Error, ProbeCache, Tools};

/// The FFmpeg programs and the cache of probed facts that local commands use.
#[derive(Debug)]
pub(super) struct Toolchain {
    /// `ffmpeg` and `ffprobe`.
    pub(super) tools: Tools,
    /// Facts probed by earlier runs.
    pub(super) probe_cache: ProbeCache,
}

impl Toolchain {
    /// Locates FFmpeg.
    pub(super) fn find() -> Result<Self, Error> {
        Ok(Toolchain {
            tools: Tools::find()?,
            probe_cache: ProbeCache::for_user(),
        })
    }

    /// A prober that identifies files by `identity`.
    pub(super) fn prober(&self, identity: Identity) -> Prober {
        Prober {
            tools: self.tools.clone(),
            cache: self.probe_cache.clone(),
            identity,
        }
    }
}
