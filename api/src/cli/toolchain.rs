//! The local FFmpeg and the probe cache.

use vidc_engine::probe::{Fingerprint, Prober};
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

    /// A prober with the given kind of file fingerprint.
    pub(super) fn prober(&self, fingerprint: Fingerprint) -> Prober {
        Prober {
            tools: self.tools.clone(),
            cache: self.probe_cache.clone(),
            fingerprint,
        }
    }
}
