//! The command line: `parse → telemetry → run → report → exit`.
//!
//! | file | what |
//! |---|---|
//! | [`args`] | the tree of commands and flags, and what they say to the configuration |
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

use crate::app::Roles;
use crate::model::record::ControlAction;
use args::{Cli, Command};
pub use context::Context;
use report::Exit;

/// Does what the command line says.
pub async fn run(cli: &Cli, context: &Context) -> anyhow::Result<Exit> {
    match &cli.command {
        #[cfg(feature = "simulators")]
        Command::Demo(args) => demo::run(context, args).await,
        Command::Collect(args) => collect::run(context, args).await,
        Command::Up => services::run(context, Roles::Both).await,
        Command::Sender => services::run(context, Roles::Sender).await,
        Command::Receiver => services::run(context, Roles::Receiver).await,
        Command::List => list::run(context).await,
        Command::Show(args) => show::run(context, &args.id).await,
        Command::Pause(args) => control::run(context, &args.id, ControlAction::Pause).await,
        Command::Resume(args) => resume::run(context, args).await,
        Command::Cancel(args) => control::run(context, &args.id, ControlAction::Cancel).await,
        Command::Tell(args) => tell::run(context, &args.id).await,
        Command::Verify(args) => verify::run(context, &args.target).await,
        Command::Convert(args) => convert::run(context, args).await,
        Command::DeadLetters(command) => dead_letters::run(context, command).await,
        Command::Doctor(args) => doctor::run(context, args).await,
        Command::Health => health::run(context).await,
        #[cfg(feature = "simulators")]
        Command::Simulate(command) => simulate::run(context, command).await,
        Command::Completions(args) => completions::run(context, args.shell),
    }
}
