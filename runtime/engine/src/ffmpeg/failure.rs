//! A failed FFmpeg run: its cause, what FFmpeg logged about it, and the recipe's span.

use std::fmt;

use vidc_compiler::plan::Origin;

/// A failed run.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The stage's title.
    pub stage: String,
    /// The cause, if known.
    pub cause: Cause,
    /// FFmpeg's message about it; may be empty.
    pub message: String,
    /// The span of the call whose filter failed.
    pub origin: Origin,
    /// The end of the log.
    pub log: Vec<String>,
}

/// The cause of a failed run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "`Display` explains each")]
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
            Cause::DiskFull => "the disk is full. Free some space, or write to another disk",
            Cause::TooLarge => "the output exceeds the file size limit",
            Cause::OutOfMemory => {
                "not enough memory. Render at a smaller size, or with fewer clips at the same time"
            }
            Cause::Unwritable => "the output cannot be written. Check the permissions of its directory",
            Cause::InputMissing => "an input file disappeared. Check that no file was moved during the render",
            Cause::InputUnreadable => "an input cannot be opened. Check its permissions",
            Cause::InputCorrupt => {
                "an input contains data that cannot be decoded. The file is damaged or incomplete: \
                 try a fresh copy"
            }
            Cause::InputCutShort => {
                "an input ends earlier than its header says. The file is incomplete: try a fresh copy, or `trim` the part \
                 that exists"
            }
            Cause::UnknownEncoder => "this FFmpeg was built without an encoder that the output needs",
            Cause::UnknownDecoder => "this FFmpeg was built without a decoder that an input needs",
            Cause::UnknownFilter => "this FFmpeg was built without a filter that the recipe needs",
            Cause::BadOption => "FFmpeg did not accept an option",
            Cause::ContainerRefuses => {
                "the output's container cannot hold one of its tracks. Choose another codec or another file extension"
            }
            Cause::GraphRefused => "a filter rejected its input or options",
            Cause::NothingWritten => "nothing was written: the recipe selects no frames of its inputs",
            Cause::NotMeasured => "the loudness could not be measured",
            Cause::Killed(signal) => {
                return write!(
                    f,
                    "ffmpeg was killed by signal {signal}{}",
                    match signal {
                        9 => ", as the kernel does when memory runs out",
                        11 => ": it crashed",
                        6 => ": it aborted",
                        24 => ": its CPU time limit was reached",
                        _ => "",
                    }
                );
            }
            Cause::Stalled(seconds) => {
                return write!(
                    f,
                    "ffmpeg made no progress for {seconds} s and was stopped. A slow or disconnected disk can cause this"
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
        if !self.message.is_empty() {
            write!(f, ". FFmpeg said: {}", self.message)?;
        }
        Ok(())
    }
}
