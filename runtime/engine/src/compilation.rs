//! The way every recipe takes from text to files: parse, look at its media, compile, render.

use std::path::Path;

use vidc_compiler::facts::Facts;
use vidc_compiler::plan::{Plan, RunOutput};
use vidc_compiler::time::{Rational, Time};
use vidc_compiler::view::View;
use vidc_compiler::{Bindings, Compiled, Options, PassId};
use vidc_dsl::ast::Recipe;
use vidc_dsl::{Diagnostics, SourceFile};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::execute::{Artifact, Event, ExecContext, LocalOnly, execute};
use crate::facts::gather;
use crate::ffmpeg::Tools;
use crate::probe::Prober;
use crate::resolver::MediaResolver;
use crate::stage_cache::StageCache;

/// What came of compiling a recipe. Its mistakes are in the diagnostics.
#[derive(Debug)]
pub struct Compilation {
    /// Everything there is to tell of it.
    pub diagnostics: Diagnostics,
    /// What is known of its media.
    pub facts: Facts,
    /// The work, if it can be done.
    pub compiled: Option<Compiled>,
    recipe: Recipe,
    bindings: Bindings,
    options: Options,
}

/// Parses, probes and compiles a recipe, for this machine and so many processors of others that take stages.
pub async fn compile_recipe(
    prober: &Prober,
    source: &SourceFile,
    bindings: Bindings,
    options: Options,
    library: &dyn MediaResolver,
    elsewhere: u32,
) -> Result<Compilation, Error> {
    let mut diagnostics = Diagnostics::new();
    let recipe = vidc_dsl::parse(source, &vidc_compiler::signatures(), &mut diagnostics);
    let mut facts = gather(prober, &recipe, &bindings, library, &options).await?;
    facts.rates.remote_cores = elsewhere;
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
    /// The same recipe's work by other options.
    fn again(&self, options: &Options) -> Option<Compiled> {
        let mut diagnostics = Diagnostics::new();
        vidc_compiler::compile(
            &self.recipe,
            &self.bindings,
            &self.facts,
            options,
            &mut diagnostics,
        )
    }

    /// The same work with less that is copied and joined, for where that does not fit: first without parts of files, then
    /// without whole tracks, and at last without batches, by which memory does.
    fn fallbacks(&self) -> impl Iterator<Item = Plan> {
        let mut options = self.options.clone();
        let properties = [
            PassId::joins_packets,
            PassId::copies_tracks,
            PassId::limits_memory,
        ];
        properties.into_iter().filter_map(move |property| {
            options.without_passes.extend(PassId::all_that(property));
            self.again(&options).map(|compiled| compiled.plan)
        })
    }

    /// What identifies the results: the content keys of the stages that make them, and the outputs' names. It is the same
    /// however many processors share the work, but not whether they may. None of a recipe with mistakes.
    pub fn results(&self) -> Option<String> {
        let mut options = self.options.clone();
        let disabled = options.without_passes.len();
        options
            .without_passes
            .extend(PassId::all_that(PassId::depends_on_cores));
        let may_depend = options.without_passes.len() > disabled;
        let mut hash = blake3::Hasher::new();
        hash.update(&[u8::from(may_depend)]);
        for stage in &self.again(&options)?.plan.stages {
            hash.update(stage.key.as_bytes());
            for output in &stage.run.outputs {
                hash.update(format!("{:?}\n", output.destination).as_bytes());
            }
        }
        Some(hash.finalize().to_hex().to_string())
    }

    /// Renders a look at a part of an output into a folder, under the output's name; none if there is nothing to see.
    pub async fn look(
        &self,
        tools: &Tools,
        view: View,
        folder: &Path,
        cancel: Cancel,
    ) -> Result<Option<Artifact>, Error> {
        let options = Options {
            view: Some(view),
            ..self.options.clone()
        };
        let Some(compiled) = self.again(&options) else {
            return Ok(None);
        };
        let context = ExecContext {
            tools,
            stage_cache: &StageCache::disabled(),
            elsewhere: &LocalOnly,
        };
        let unheard = |_| {};
        let made = execute(&context, &compiled.plan, &self.facts, folder, &unheard, cancel).await?;
        Ok(made.into_iter().next())
    }

    /// Renders into a folder. If what was copied turns out not to fit, it is encoded as a whole, after [`Event::Fallback`]
    /// has said so. What failed is not done again.
    pub async fn render(
        &self,
        context: &ExecContext<'_>,
        folder: &Path,
        events: &(dyn Fn(Event) + Send + Sync),
        cancel: Cancel,
    ) -> Result<Vec<Artifact>, Error> {
        let Some(compiled) = &self.compiled else {
            return Err(Error::Internal(
                "a recipe with mistakes was to be rendered".to_owned(),
            ));
        };
        let mut plan = compiled.plan.clone();
        let mut fallbacks = self.fallbacks();
        loop {
            let made = execute(context, &plan, &self.facts, folder, events, cancel.clone()).await;
            let error = match made {
                Err(error) if plan.joins_packets() && error.is_of_joints() => error,
                Err(error @ Error::Mismatch { .. }) if plan.copies_packets() => error,
                done => return done,
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
