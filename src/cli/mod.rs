//! The command line: `parse → telemetry → run → report → exit`.
//!
//! | file | what |
//! |---|---|
//! | [`args`] | the tree of commands and flags, and what they say to the configuration |
//! | [`commands`] | which file does what was asked |
//! | [`environment`] | what of the process's environment is text |
//! | [`output`] | data on stdout, talk on stderr, tables, progress |
//! | [`report`] | errors as `error:` / `caused by:` / `hint:`, and exit codes |
//! | [`context`] | what every command works with: configuration, store, near names |
//! | [`limits`] | a limit on the size of files is an error, and not the end |
//! | [`signals`] | the first signal asks to stop, the second ends |
//! | [`text`] | numbers and collections as people read them: pure functions |
//! | [`follow`] | both roles in this process, until one collection is at rest |
//! | [`ending`] | how a collection ended: lines, JSON, exit code |
//!
//! and one file for each subcommand. Commands decide nothing about collections: they parse, ask
//! the rooms below, and print.

pub mod args;
mod collect;
mod commands;
pub mod completions;
mod consent;
pub mod context;
mod control;
mod convert;
mod dead_letters;
#[cfg(feature = "simulators")]
mod demo;
mod doctor;
mod ending;
mod environment;
mod follow;
mod health;
mod limits;
mod list;
pub mod output;
mod plan;
pub mod process;
pub mod report;
mod resume;
mod services;
mod show;
mod signals;
#[cfg(feature = "simulators")]
mod simulate;
mod tell;
mod text;
mod verify;

pub use context::Context;
