//! The pest parser; the only file that calls it.

#![allow(missing_docs, unreachable_pub, reason = "pest derives the rules")]

use std::num::NonZeroUsize;
use std::sync::Once;

use pest::Parser;
use pest::iterators::Pairs;

use crate::limits::MAX_TEXT;

/// The parser of `grammar/vidc.pest`.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/vidc.pest"]
struct Grammar;

/// Pest's error for text it cannot parse.
pub(super) type PestError = pest::error::Error<Rule>;

/// Maximum number of pest steps per byte of the longest recipe: twice what a valid recipe takes. Malformed entries
/// nested in malformed entries of a huge statement are scanned once per level, and stop here.
const STEPS_PER_BYTE: usize = 128;

/// Parses text with balanced brackets by a rule.
pub(super) fn parse(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Box<PestError>> {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(STEPS_PER_BYTE * MAX_TEXT)));
    Grammar::parse(rule, text).map_err(Box::new)
}
