//! The command line: `parse → telemetry → run → report → exit`.
//!
//! | file | what |
//! |---|---|
//! | [`args`] | the tree of commands and flags, and what they say to the configuration |
//! | [`output`] | data on stdout, talk on stderr, tables, progress |
//! | [`report`] | errors as `error:` / `caused by:` / `hint:`, and exit codes |
//! | [`completions`] | scripts that complete the command line |
//!
//! Commands decide nothing about collections: they parse, ask the rooms below, and print.

pub mod args;
pub mod completions;
pub mod output;
pub mod report;
