//! Random recipes for the tests of both syntaxes.
