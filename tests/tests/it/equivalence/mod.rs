//! Optimization passes do not change the result, over the examples and over random recipes.

mod bench;
mod comparison;
mod examples;
mod media;
mod random;
mod recipes;
mod regressions;
mod strategies;
