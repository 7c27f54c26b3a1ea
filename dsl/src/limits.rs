//! Bounds on what is read, so that no input can exhaust the stack, the memory or the clock.

/// The longest recipe, in bytes.
pub const MAX_TEXT: usize = 1 << 20;
/// The deepest nesting of brackets, or of YAML collections.
pub const MAX_DEPTH: usize = 64;
/// The most operands and operators in one expression.
pub const MAX_TERMS: usize = 512;
/// The most nodes a YAML document may have once its aliases are expanded.
pub const MAX_YAML_NODES: usize = 100_000;
