//! Diagnoses failed runs: finds the cause in FFmpeg's log, and the recipe's span.

use std::os::unix::process::ExitStatusExt as _;

use vidc_compiler::plan::{Origin, Run};

use super::failure::{Cause, Failure};
use super::process::{Ending, Outcome};

/// Log messages of FFmpeg 5.1 to 9.0, from the most to the least specific.
const ERROR_PATTERNS: &[(&str, Cause)] = &[
    ("No space left on device", Cause::DiskFull),
    ("Disk quota exceeded", Cause::DiskFull),
    ("File too large", Cause::TooLarge),
    ("Cannot allocate memory", Cause::OutOfMemory),
    ("malloc of size", Cause::OutOfMemory),
    ("Out of memory", Cause::OutOfMemory),
    ("Unknown encoder", Cause::UnknownEncoder),
    ("Unknown decoder", Cause::UnknownDecoder),
    ("Decoder not found", Cause::UnknownDecoder),
    ("no decoder found", Cause::UnknownDecoder),
    ("No such filter", Cause::UnknownFilter),
    ("Filter not found", Cause::UnknownFilter),
    ("Could not find tag for codec", Cause::ContainerRefuses),
    (
        "codec not currently supported in container",
        Cause::ContainerRefuses,
    ),
    ("Only VP8 or VP9 or AV1", Cause::ContainerRefuses),
    ("does not support", Cause::ContainerRefuses),
    ("Output file is empty", Cause::NothingWritten),
    ("Output file does not contain any stream", Cause::NothingWritten),
    ("do not match the corresponding", Cause::GraphRefused),
    ("parameters do not match", Cause::GraphRefused),
    ("timebase do not match", Cause::GraphRefused),
    ("Failed to configure", Cause::GraphRefused),
    ("Option not found", Cause::BadOption),
    ("Unrecognized option", Cause::BadOption),
    ("Error setting option", Cause::BadOption),
    ("Unable to parse option value", Cause::BadOption),
    ("Error initializing filter", Cause::GraphRefused),
    ("Error reinitializing filters", Cause::GraphRefused),
    ("Error opening output", Cause::Unwritable),
    ("Could not open file", Cause::Unwritable),
    ("moov atom not found", Cause::InputCorrupt),
    ("Invalid data found when processing input", Cause::InputCorrupt),
    ("Error while decoding", Cause::InputCorrupt),
    ("Error submitting packet to decoder", Cause::InputCorrupt),
    ("No such file or directory", Cause::InputMissing),
    ("Permission denied", Cause::InputUnreadable),
];

/// Demuxers' messages when a file ends early. FFmpeg continues and exits with code 0.
const TRUNCATION_PATTERNS: &[&str] = &["File ended prematurely", "partial file"];

/// Returns a failure if a successful run hit the early end of a truncated input.
pub fn truncated_input(stage: &str, outcome: &Outcome) -> Option<Failure> {
    let is_truncation = |line: &&String| TRUNCATION_PATTERNS.iter().any(|pattern| line.contains(pattern));
    let line = outcome.log.iter().find(is_truncation)?;
    Some(Failure {
        stage: stage.to_owned(),
        cause: Cause::InputCutShort,
        message: plain(line),
        origin: None,
        log: outcome.log.clone(),
    })
}

/// Diagnoses a failed run.
pub fn diagnose(stage: &str, run: &Run, outcome: &Outcome) -> Failure {
    let errors: Vec<&str> = outcome
        .log
        .iter()
        .map(String::as_str)
        .filter(|line| is_error(line))
        .collect();
    let matched = ERROR_PATTERNS.iter().find_map(|(pattern, cause)| {
        let line = errors.iter().find(|line| line.contains(pattern))?;
        Some((*cause, *line))
    });
    let cause = match outcome.ending {
        Ending::Stalled(idle) => Cause::Stalled(idle.as_secs()),
        Ending::Exited(status) => match (matched, status.signal()) {
            (Some((cause @ (Cause::DiskFull | Cause::OutOfMemory), _)), _) => cause,
            (_, Some(signal)) => Cause::Killed(signal),
            (Some((cause, _)), None) => cause,
            (None, None) => Cause::Unknown(status.code()),
        },
        Ending::Cancelled => Cause::Unknown(None),
    };
    // The filter's own message comes first; later ones only repeat that something failed.
    let message = match (cause, matched) {
        (Cause::GraphRefused, _) | (_, None) => errors.first().copied(),
        (_, Some((_, line))) => Some(line),
    };
    Failure {
        stage: stage.to_owned(),
        cause,
        message: message.map(plain).unwrap_or_default(),
        origin: errors.iter().find_map(|line| origin(run, line)),
        log: outcome.log.clone(),
    }
}

/// Whether a line of a `-loglevel level` log is an error.
fn is_error(line: &str) -> bool {
    ["[error]", "[fatal]", "[panic]"]
        .iter()
        .any(|level| line.contains(level))
}

/// Maximum length of a message, in characters.
const MAX_MESSAGE: usize = 400;

/// Strips the bracketed source and level from a log line.
fn plain(line: &str) -> String {
    let mut rest = line.trim();
    while let Some(after) = rest
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
        .map(|(_, after)| after.trim_start())
    {
        rest = after;
    }
    rest.chars().take(MAX_MESSAGE).collect()
}

/// The span of the filter that a log line mentions: `Parsed_NAME_N` is filter number N of the graph, and
/// `filter 'NAME'` is unambiguous if there is only one with that name.
fn origin(run: &Run, line: &str) -> Origin {
    if let Some((_, after)) = line.split_once("Parsed_") {
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(after.len());
        let (name, number) = after.get(..end)?.rsplit_once('_')?;
        let filter = run.graph.filters().nth(number.parse().ok()?)?;
        return filter.origin.filter(|_| filter.name.as_str() == name);
    }
    let (_, after) = line.split_once("filter '")?;
    let (name, _) = after.split_once('\'')?;
    let mut with_name = run.graph.filters().filter(|filter| filter.name.as_str() == name);
    match (with_name.next(), with_name.next()) {
        (Some(filter), None) => filter.origin,
        _ => None,
    }
}
