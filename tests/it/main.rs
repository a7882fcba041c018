//! The integration tests: one binary, so that it is linked once.

mod bad_input;
mod defects;
mod rates;
mod simulation;
mod support;
