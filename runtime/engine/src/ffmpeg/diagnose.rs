//! Why a run failed, in words a user can act on, and where in the recipe.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;

use vidc_compiler::plan::{Origin, Run};

use super::process::{Ending, Outcome};

/// A failed run.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The stage's title.
    pub stage: String,
    /// What the matter was, as far as it is known.
    pub cause: Cause,
    /// What FFmpeg said about it; empty if nothing.
    pub said: String,
    /// The place in the recipe that asked for the filter that failed.
    pub origin: Origin,
    /// The end of the log.
    pub log: Vec<String>,
}

/// What makes runs fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is said in words below")]
pub enum Cause {
    DiskFull,
    TooLarge,
    OutOfMemory,
    Unwritable,
    InputMissing,
    InputUnreadable,
    InputCorrupt,
    InputCutShort,
    UnknownEncoder,
    UnknownDecoder,
    UnknownFilter,
    BadOption,
    ContainerRefuses,
    GraphRefused,
    NothingWritten,
    NotMeasured,
    Killed(i32),
    Stalled(u64),
    Unknown(Option<i32>),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cause::DiskFull => "the disk is full. Make room, or write somewhere else",
            Cause::TooLarge => "the file grew beyond what is allowed for one file",
            Cause::OutOfMemory => {
                "there was not enough memory. Render at a smaller size, or with fewer clips at the same time"
            }
            Cause::Unwritable => "the output could not be written. Check the permissions of its directory",
            Cause::InputMissing => "an input was gone. Check that no file was moved while it was being rendered",
            Cause::InputUnreadable => "an input could not be opened. Check its permissions",
            Cause::InputCorrupt => {
                "an input holds data that cannot be decoded. The file is damaged or incomplete: \
                 try a fresh copy of it"
            }
            Cause::InputCutShort => {
                "an input ends before its header says that it does. The file is incomplete: try a fresh copy of it, \
                 or `trim` to what is there"
            }
            Cause::UnknownEncoder => "this FFmpeg was built without an encoder that the output needs",
            Cause::UnknownDecoder => "this FFmpeg was built without a decoder that an input needs",
            Cause::UnknownFilter => "this FFmpeg was built without a filter that the recipe needs",
            Cause::BadOption => "FFmpeg did not accept an option",
            Cause::ContainerRefuses => {
                "the output's container cannot hold one of its tracks. Choose another codec or another file extension"
            }
            Cause::GraphRefused => "a filter did not accept what it was given",
            Cause::NothingWritten => "nothing was written: the recipe selects no part of its inputs",
            Cause::NotMeasured => "the loudness could not be measured",
            Cause::Killed(signal) => {
                return write!(
                    f,
                    "ffmpeg was killed by signal {signal}{}",
                    match signal {
                        9 => ", as the system does when memory runs out",
                        11 => ": it crashed",
                        6 => ": it gave up on itself",
                        24 => ", as its processor time was up",
                        _ => "",
                    }
                );
            }
            Cause::Stalled(seconds) => {
                return write!(
                    f,
                    "ffmpeg made no progress for {seconds} s and was stopped. An input on a slow or lost disk does this"
                );
            }
            Cause::Unknown(Some(code)) => return write!(f, "ffmpeg failed with code {code}"),
            Cause::Unknown(None) => "ffmpeg failed",
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.stage, self.cause)?;
        if !self.said.is_empty() {
            write!(f, ". FFmpeg said: {}", self.said)?;
        }
        Ok(())
    }
}

/// What FFmpeg says, in its own words of 5.1 to 9.0, from the most to the least telling.
const SAYINGS: &[(&str, Cause)] = &[
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

/// What demuxers say when a file ends early. FFmpeg goes on, and ends with code 0.
const CUT_SHORT: &[&str] = &["File ended prematurely", "partial file"];

/// Why a run that ended well did not read all that there was to read; none if it did.
pub fn cut_short(stage: &str, outcome: &Outcome) -> Option<Failure> {
    let tells = |line: &&String| CUT_SHORT.iter().any(|saying| line.contains(saying));
    let line = outcome.log.iter().find(tells)?;
    Some(Failure {
        stage: stage.to_owned(),
        cause: Cause::InputCutShort,
        said: plain(line),
        origin: None,
        log: outcome.log.clone(),
    })
}

/// Why a run failed.
pub fn explain(stage: &str, run: &Run, outcome: &Outcome) -> Failure {
    let errors: Vec<&str> = outcome
        .log
        .iter()
        .map(String::as_str)
        .filter(|line| is_error(line))
        .collect();
    let telling = SAYINGS.iter().find_map(|(saying, cause)| {
        let line = errors.iter().find(|line| line.contains(saying))?;
        Some((*cause, *line))
    });
    let cause = match outcome.ending {
        Ending::Stalled(idle) => Cause::Stalled(idle.as_secs()),
        Ending::Exited(status) => match (telling, status.signal()) {
            (Some((cause @ (Cause::DiskFull | Cause::OutOfMemory), _)), _) => cause,
            (_, Some(signal)) => Cause::Killed(signal),
            (Some((cause, _)), None) => cause,
            (None, None) => Cause::Unknown(status.code()),
        },
        Ending::Cancelled => Cause::Unknown(None),
    };
    // A filter says what it does not like, and what follows only repeats that something is wrong with it.
    let said = match (cause, telling) {
        (Cause::GraphRefused, _) | (_, None) => errors.first().copied(),
        (_, Some((_, line))) => Some(line),
    };
    Failure {
        stage: stage.to_owned(),
        cause,
        said: said.map(plain).unwrap_or_default(),
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

/// Characters of a line that are worth showing.
const MAX_SAID: usize = 400;

/// A line without the brackets of its source and level in front.
fn plain(line: &str) -> String {
    let mut rest = line.trim();
    while let Some(after) = rest
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
        .map(|(_, after)| after.trim_start())
    {
        rest = after;
    }
    rest.chars().take(MAX_SAID).collect()
}

/// The place in the recipe of the filter that a line speaks of: `Parsed_NAME_N` is the graph's filter number N, and
/// `filter 'NAME'` is unmistakable if there is one of that name.
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
    let mut of_name = run.graph.filters().filter(|filter| filter.name.as_str() == name);
    match (of_name.next(), of_name.next()) {
        (Some(filter), None) => filter.origin,
        _ => None,
    }
}
