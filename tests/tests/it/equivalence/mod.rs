//! With and without the passes, what comes out is the same: over the examples, and over random recipes.

mod bench;
mod comparing;
mod examples;
mod media;
mod pinned;
mod random;
mod recipes;
mod themes;
