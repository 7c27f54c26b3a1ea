//! The pipeline from recipe text to rendered files: parse, probe, compile, execute.

use std::path::Path;

use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{Plan, RunOutput};
use vidc_compiler::preview::Preview;
use vidc_compiler::time::{Rational, Time};
use vidc_compiler::{Bindings, Compiled, GraphStage, Options, PassId};
use vidc_dsl::ast::Recipe;
use vidc_dsl::{Diagnostics, SourceFile, Sources};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::execute::{Artifact, Event, ExecContext, LocalOnly, execute};
use crate::facts::gather;
use crate::ffmpeg::Tools;
use crate::probe::Prober;
use crate::resolver::MediaResolver;
use crate::stage_cache::StageCache;

/// A compiled recipe with its diagnostics.
#[derive(Debug)]
pub struct Compilation {
    /// All errors, warnings and notes.
    pub diagnostics: Diagnostics,
    /// Facts about its media.
    pub facts: Facts,
    /// The plan; `None` if there are errors.
    pub compiled: Option<Compiled>,
    recipe: Recipe,
    bindings: Bindings,
    options: Options,
}

/// Parses, probes and compiles a recipe for this machine and `remote_cores` processors of other workers.
pub async fn compile_recipe(
    prober: &Prober,
    source: &SourceFile,
    bindings: Bindings,
    options: Options,
    resolver: &dyn MediaResolver,
    remote_cores: u32,
) -> Result<Compilation, Error> {
    let mut diagnostics = Diagnostics::new();
    let recipe = vidc_dsl::parse(source, &vidc_compiler::signatures(), &mut diagnostics);
    let mut facts = gather(prober, &recipe, &bindings, resolver, &options).await?;
    facts.rates.remote_cores = remote_cores;
    let compiled = vidc_compiler::compile(&recipe, &bindings, &facts, &options, &mut diagnostics);
    Ok(Compilation {
        diagnostics,
        facts,
        compiled,
        recipe,
        bindings,
        options,
    })
}

impl Compilation {
    /// The typed graph at a stage of the compilation, as text; `None` if the recipe has errors. `sources` are the texts
    /// that its nodes come from.
    pub fn graph_text(&self, stage: GraphStage, sources: &Sources) -> Option<String> {
        vidc_compiler::graph_text(
            &self.recipe,
            &self.bindings,
            &self.facts,
            &self.options,
            stage,
            sources,
        )
    }

    /// Compiles the recipe again with other options.
    fn recompile(&self, options: &Options) -> Option<Compiled> {
        let mut diagnostics = Diagnostics::new();
        vidc_compiler::compile(
            &self.recipe,
            &self.bindings,
            &self.facts,
            options,
            &mut diagnostics,
        )
    }

    /// Plans with less packet copying, for when copied packets fail verification: first without joining packets, then
    /// without copying whole tracks, and last without the pass that limits memory.
    fn fallbacks(&self) -> impl Iterator<Item = Plan> {
        let mut options = self.options.clone();
        let properties = [
            PassId::joins_packets,
            PassId::copies_tracks,
            PassId::limits_memory,
        ];
        properties.into_iter().filter_map(move |property| {
            options.without_passes.extend(PassId::all_that(property));
            self.recompile(&options).map(|compiled| compiled.plan)
        })
    }

    /// A hash that identifies the results: the stages' content keys and the outputs' names. It does not depend on the
    /// number of cores, only on whether passes may depend on it. `None` if the recipe has errors.
    pub fn results_key(&self) -> Option<String> {
        let mut options = self.options.clone();
        let disabled = options.without_passes.len();
        options
            .without_passes
            .extend(PassId::all_that(PassId::depends_on_cores));
        let may_depend = options.without_passes.len() > disabled;
        let mut hash = blake3::Hasher::new();
        hash.update(&[u8::from(may_depend)]);
        for stage in &self.recompile(&options)?.plan.stages {
            hash.update(stage.key.as_bytes());
            for output in &stage.run.outputs {
                hash.update(format!("{:?}\n", output.destination).as_bytes());
            }
        }
        Some(hash.finalize().to_hex().to_string())
    }

    /// Renders a part of an output into a folder, under the output's name; `None` if that part is empty.
    pub async fn render_preview(
        &self,
        tools: &Tools,
        preview: Preview,
        folder: &Path,
        cancel: Cancel,
    ) -> Result<Option<Artifact>, Error> {
        let options = Options {
            preview: Some(preview),
            ..self.options.clone()
        };
        let Some(compiled) = self.recompile(&options) else {
            return Ok(None);
        };
        let context = ExecContext {
            tools,
            stage_cache: &StageCache::disabled(),
            elsewhere: &LocalOnly,
        };
        let ignore = |_| {};
        let artifacts = execute(&context, &compiled.plan, &self.facts, folder, &ignore, cancel).await?;
        Ok(artifacts.into_iter().next())
    }

    /// Renders into a folder. If copied packets fail verification, renders again with less copying, after an
    /// [`Event::Fallback`].
    pub async fn render(
        &self,
        context: &ExecContext<'_>,
        folder: &Path,
        events: &(dyn Fn(Event) + Send + Sync),
        cancel: Cancel,
    ) -> Result<Vec<Artifact>, Error> {
        let Some(compiled) = &self.compiled else {
            return Err(Error::Internal(
                "a recipe with errors cannot be rendered".to_owned(),
            ));
        };
        let mut plan = compiled.plan.clone();
        let mut fallbacks = self.fallbacks();
        loop {
            let result = execute(context, &plan, &self.facts, folder, events, cancel.clone()).await;
            let error = match result {
                Err(error) if plan.joins_packets() && error.may_be_caused_by_joins() => error,
                Err(error @ Error::Mismatch { .. }) if plan.copies_packets() => error,
                result => return result,
            };
            let Some(other) = fallbacks.find(|other| !other.is_same_work(&plan)) else {
                return Err(error);
            };
            events(Event::Fallback {
                reason: error.to_string(),
            });
            plan = other;
        }
    }
}

/// An output that plays.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Its name in the recipe.
    pub output: String,
    /// How long it is.
    pub duration: Time,
    /// Of its picture, if it has one and its frames are evenly spaced.
    pub frame_rate: Option<Rational>,
}

/// The outputs that play, in the plan's order.
pub fn streams(compiled: &Compiled) -> impl Iterator<Item = Stream> {
    named(compiled).filter_map(|(name, output)| {
        Some(Stream {
            output: name.to_owned(),
            duration: output.expected.duration?,
            frame_rate: output.expected.video.as_ref().and_then(|video| video.frame_rate),
        })
    })
}

/// The names of the outputs that have a picture, in the plan's order.
pub fn pictures(compiled: &Compiled) -> impl Iterator<Item = &str> {
    named(compiled)
        .filter(|(_, output)| output.expected.video.is_some())
        .map(|(name, _)| name)
}

fn named(compiled: &Compiled) -> impl Iterator<Item = (&str, &RunOutput)> {
    let outputs = compiled.plan.stages.iter().flat_map(|stage| &stage.run.outputs);
    outputs.filter_map(|output| Some((output.name()?, output)))
}
