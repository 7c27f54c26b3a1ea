//! The vidc binary.
fn main() {}
