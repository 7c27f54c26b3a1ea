//! The FFmpeg build and the fonts of this machine, on which the results of stages depend.

use vidc_compiler::facts::{Capabilities, Facts, Fonts};
use vidc_compiler::plan::PLAN_VERSION;
use vidc_engine::ffmpeg::capabilities::capabilities;
use vidc_engine::fonts::fonts;

use crate::error::Error;
use crate::service::Service;

/// The environment in which a worker runs stages.
pub(super) struct WorkerEnvironment {
    /// Facts of FFmpeg and the fonts; no media.
    pub(super) facts: Facts,
    /// Equal for workers whose results for the same stage are interchangeable.
    pub(super) compat_key: String,
}

impl WorkerEnvironment {
    /// Inspects the current FFmpeg build and fonts.
    pub(super) async fn detect(service: &Service) -> Result<WorkerEnvironment, Error> {
        let Service {
            probe_cache, tools, ..
        } = service;
        let (ffmpeg, fonts) = tokio::join!(capabilities(tools, probe_cache), fonts(probe_cache));
        let ffmpeg = ffmpeg?;
        Ok(WorkerEnvironment {
            compat_key: compat_key(&ffmpeg, &fonts),
            facts: Facts {
                ffmpeg,
                fonts,
                ..Facts::default()
            },
        })
    }
}

/// Returns a key that is equal for workers with the same version of this program, FFmpeg build and fonts.
pub(super) fn compat_key(ffmpeg: &Capabilities, fonts: &Fonts) -> String {
    let text = format!(
        "{PLAN_VERSION}\0{}\0{}\0{}",
        env!("CARGO_PKG_VERSION"),
        ffmpeg.build,
        fonts.fingerprint
    );
    blake3::hash(text.as_bytes()).to_hex().to_string()
}
