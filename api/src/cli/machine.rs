//! What commands use of this machine: its FFmpeg, and the cache of what is known.

use vidc_engine::probe::{Identity, Prober};
use vidc_engine::{Error, ProbeCache, Tools};

/// FFmpeg, and the cache.
#[derive(Debug)]
pub(super) struct Machine {
    /// Its FFmpeg.
    pub(super) tools: Tools,
    /// Where facts are kept between runs.
    pub(super) cache: ProbeCache,
}

impl Machine {
    /// Finds FFmpeg.
    pub(super) fn find() -> Result<Self, Error> {
        Ok(Machine {
            tools: Tools::find()?,
            cache: ProbeCache::for_user(),
        })
    }

    /// What looks at media files.
    pub(super) fn prober(&self, identity: Identity) -> Prober {
        Prober {
            tools: self.tools.clone(),
            cache: self.cache.clone(),
            identity,
        }
    }
}
