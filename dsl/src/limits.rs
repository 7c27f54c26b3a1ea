//! Limits on input, so that no recipe can exhaust the stack, memory or time.

/// Maximum length of a recipe, in bytes.
pub const MAX_TEXT: usize = 1 << 20;
/// Maximum nesting depth of brackets, or of YAML collections.
pub const MAX_DEPTH: usize = 64;
/// Maximum number of operands and operators in one expression.
pub const MAX_TERMS: usize = 512;
/// Maximum number of nodes in a YAML document after alias expansion.
pub const MAX_YAML_NODES: usize = 100_000;
/// Maximum number of diagnostics that a front end reports for one recipe.
pub const MAX_MISTAKES: usize = 100;
