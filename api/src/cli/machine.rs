//! What commands use of this machine: its FFmpeg, and the cache of what is known.

use std::path::Path;

use vidc_compiler::facts::Facts;
use vidc_compiler::{Bindings, Options};
use vidc_dsl::ast::Recipe;
use vidc_runtime::{Cache, Error, Tools};

/// FFmpeg, and the cache.
#[derive(Debug)]
pub(super) struct Machine {
    /// Its FFmpeg.
    pub(super) tools: Tools,
    /// Where facts are kept between runs.
    pub(super) cache: Cache,
}

impl Machine {
    /// Finds FFmpeg.
    pub(super) fn find() -> Result<Self, Error> {
        Ok(Machine {
            tools: Tools::find()?,
            cache: Cache::of_user(),
        })
    }

    /// Everything that compiling a recipe needs to know; its paths are relative to `folder`.
    pub(super) async fn gather(
        &self,
        recipe: &Recipe,
        bindings: &Bindings,
        folder: &Path,
        options: &Options,
    ) -> Result<Facts, Error> {
        vidc_runtime::gather(&self.tools, &self.cache, recipe, bindings, folder, options).await
    }
}
