//! The pest grammar, and the one door to it.

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

/// What pest says of text it cannot parse.
pub(super) type PestError = pest::error::Error<Rule>;

/// The most steps pest may take for a byte of the longest recipe: twice what a recipe without mistakes takes. Broken
/// entries nested in broken entries of a huge statement are scanned once for each level, and end here.
const STEPS_PER_BYTE: usize = 128;

/// Parses balanced text with a rule.
pub(super) fn parse(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Box<PestError>> {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(STEPS_PER_BYTE * MAX_TEXT)));
    Grammar::parse(rule, text).map_err(Box::new)
}
