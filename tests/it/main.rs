//! The integration tests: one binary, so that it is linked once.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

mod bad_input;
mod cli;
mod corpus;
mod defects;
mod frozen;
mod notices;
mod rates;
mod rooms;
mod simulation;
mod support;
