//! The environment in which plans are executed.

use super::remote::RemoteExecutor;
use crate::ffmpeg::Tools;
use crate::stage_cache::StageCache;

/// What a plan is executed with.
#[derive(Clone, Copy)]
pub struct ExecContext<'a> {
    /// FFmpeg.
    pub tools: &'a Tools,
    /// Results of earlier runs.
    pub stage_cache: &'a StageCache,
    /// Other workers that may run stages.
    pub elsewhere: &'a dyn RemoteExecutor,
}
