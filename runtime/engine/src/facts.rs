//! Everything that compiling a recipe needs to know.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use vidc_compiler::facts::{CutPoints, Facts, Media, Problem, RequiredFacts, SubtitleFile};
use vidc_compiler::time::Time;
use vidc_compiler::{Bindings, Options, required_facts};
use vidc_dsl::ast::Recipe;

use crate::bench;
use crate::error::Error;
use crate::ffmpeg::capabilities::capabilities;
use crate::fonts::fonts;
use crate::probe::{Prober, find_cut_points, probe};
use crate::resolver::{MediaResolver, ResolveError};
use crate::subtitles;

/// How many files are looked at side by side.
const SIDE_BY_SIDE: usize = 8;
/// How many times over a file's name may depend on another file.
const MAX_ROUNDS: usize = 8;

/// Looks at every file that a recipe names, and at FFmpeg and the fonts.
/// A file that is missing or unreadable is a fact too, for the compiler to report where it matters.
pub async fn gather(
    prober: &Prober,
    recipe: &Recipe,
    bindings: &Bindings,
    library: &dyn MediaResolver,
    options: &Options,
) -> Result<Facts, Error> {
    let Prober { tools, cache, .. } = prober;
    let (ffmpeg, fonts) = tokio::join!(capabilities(tools, cache), fonts(cache));
    let ffmpeg = ffmpeg?;
    let mut facts = Facts {
        rates: bench::rates(cache, &ffmpeg),
        ffmpeg,
        fonts,
        ..Facts::default()
    };
    for _ in 0..MAX_ROUNDS {
        let missing = required_facts(recipe, bindings, &facts, options).missing_from(&facts);
        if missing.is_empty() {
            return Ok(facts);
        }
        let places = places(&missing, &facts);
        let media = missing.media.into_iter().map(|name| (name, Kind::Media));
        let subtitles = missing
            .subtitles
            .into_iter()
            .map(|(name, told)| (name, Kind::Subtitles(told)));
        for (name, found) in look(prober, library, media.chain(subtitles).chain(places)).await? {
            match found {
                Found::Keyframes(at, around) => {
                    facts.keyframes.entry(name).or_default().insert(at, around);
                }
                Found::Media(media) => drop(facts.media.insert(name, *media)),
                Found::Subtitles(file) => drop(facts.subtitles.insert(name, file)),
            }
        }
    }
    let missing = required_facts(recipe, bindings, &facts, options).missing_from(&facts);
    if missing.is_empty() {
        return Ok(facts);
    }
    Err(Error::Unsettled {
        rounds: MAX_ROUNDS,
        names: missing
            .media
            .into_iter()
            .chain(missing.subtitles.into_keys())
            .collect(),
    })
}

/// The places of media files next to which to look for keyframes.
fn places(missing: &RequiredFacts, facts: &Facts) -> Vec<(String, Kind)> {
    let mut places = Vec::new();
    for (name, times) in &missing.keyframes {
        if let Some(Ok(media)) = facts.media.get(name) {
            let at = |at: &Time| (name.clone(), Kind::Keyframes(Box::new(media.clone()), *at));
            places.extend(times.iter().map(at));
        }
    }
    places
}

enum Kind {
    Media,
    /// Next to a time.
    Keyframes(Box<Media>, Time),
    /// In a character set, if the recipe tells one.
    Subtitles(Option<String>),
}

impl Kind {
    fn not_there(self, problem: Problem) -> Found {
        match self {
            Kind::Media => Found::Media(Box::new(Err(problem))),
            Kind::Subtitles(_) => Found::Subtitles(Err(problem)),
            Kind::Keyframes(_, at) => Found::Keyframes(at, CutPoints::default()),
        }
    }
}

enum Found {
    Keyframes(Time, CutPoints),
    Media(Box<Result<Media, Problem>>),
    Subtitles(Result<SubtitleFile, Problem>),
}

/// Looks at files side by side.
async fn look(
    prober: &Prober,
    library: &dyn MediaResolver,
    files: impl Iterator<Item = (String, Kind)>,
) -> Result<Vec<(String, Found)>, Error> {
    let turns = Arc::new(Semaphore::new(SIDE_BY_SIDE));
    let mut running = JoinSet::new();
    let mut found = Vec::new();
    for (name, kind) in files {
        let path = match library.locate(&name).await {
            Ok(path) => path,
            Err(ResolveError::Problem(problem)) => {
                found.push((name, kind.not_there(problem)));
                continue;
            }
            Err(ResolveError::Unavailable(error)) => return Err(error),
        };
        let (prober, turns) = (prober.clone(), Arc::clone(&turns));
        running.spawn(async move {
            let _turn = turns.acquire().await;
            let Prober { tools, cache, .. } = &prober;
            let found = match kind {
                Kind::Media => Found::Media(Box::new(probe(&prober, &path).await)),
                Kind::Keyframes(media, at) => {
                    Found::Keyframes(at, find_cut_points(tools, cache, &media, at).await)
                }
                Kind::Subtitles(told) => {
                    Found::Subtitles(subtitles::read(tools, cache, &path, told.as_deref()).await)
                }
            };
            (name, found)
        });
    }
    while let Some(finished) = running.join_next().await {
        found.push(finished.map_err(|error| Error::Internal(format!("looking at a file: {error}")))?);
    }
    Ok(found)
}
