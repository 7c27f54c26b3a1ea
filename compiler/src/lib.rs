//! Checks a recipe and lowers it to a plan.
