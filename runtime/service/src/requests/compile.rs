//! Compiling a recipe against a tenant's assets.

use std::collections::BTreeMap;

use tempfile::TempDir;
use vidc_compiler::{Bindings, Compiled, Options};
use vidc_dsl::{Sources, Syntax};
use vidc_engine::compilation::{Compilation, compile_recipe};
use vidc_engine::probe::{Fingerprint, Prober};

use crate::asset_resolver::AssetResolver;
use crate::error::Error;
use crate::service::Service;
use crate::store::model::{AssetId, Job, Tenant};
use crate::temp_dir;

/// A compiled recipe with its diagnostics.
#[derive(Debug)]
pub struct CompiledRecipe {
    /// The text that the diagnostics refer to.
    pub sources: Sources,
    /// The plan and the diagnostics.
    pub compilation: Compilation,
    /// Assets that were fetched for it, by URL.
    pub fetched_assets: BTreeMap<String, AssetId>,
    /// Links to its media, under the paths that the facts name.
    _media_dir: TempDir,
}

impl CompiledRecipe {
    /// Returns the plan if the recipe has no errors.
    pub fn without_errors(&self) -> Option<&Compiled> {
        let compiled = self.compilation.compiled.as_ref();
        compiled.filter(|_| !self.compilation.diagnostics.has_errors())
    }
}

impl Service {
    /// Compiles a recipe, fetching media that it names by URL. The plan may use `remote_cores` processors of other
    /// workers.
    pub async fn compile_recipe(
        &self,
        tenant: &Tenant,
        name: &str,
        syntax: Syntax,
        recipe: &str,
        job: &Job,
        remote_cores: u32,
    ) -> Result<CompiledRecipe, Error> {
        let media_dir = temp_dir::create("vidc-media-")?;
        let resolver = AssetResolver::new(self, tenant, &job.assets, media_dir.path());
        let mut sources = Sources::default();
        let id = sources.add(name, recipe, syntax);
        let source = sources
            .get(id)
            .ok_or_else(|| vidc_engine::Error::Internal("the recipe's source is missing".to_owned()))?;
        let bindings = Bindings {
            params: job.params.clone(),
            inputs: job.inputs.clone(),
        };
        let options = Options {
            without_passes: job.without_passes.iter().copied().collect(),
            preview: None,
        };
        let prober = Prober {
            tools: self.tools.clone(),
            cache: self.probe_cache.clone(),
            fingerprint: Fingerprint::Content,
        };
        let compilation = compile_recipe(&prober, source, bindings, options, &resolver, remote_cores).await?;
        Ok(CompiledRecipe {
            sources,
            compilation,
            fetched_assets: resolver.into_fetched(),
            _media_dir: media_dir,
        })
    }
}
