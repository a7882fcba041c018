//! Which file does what the command line says.

use super::args::{Cli, Command};
use super::context::Context;
use super::report::Exit;
use super::{
    collect, completions, control, convert, dead_letters, doctor, health, list, resume, services,
    show, tell, verify,
};
#[cfg(feature = "simulators")]
use super::{demo, simulate};
use crate::app::Roles;
use crate::model::record::ControlAction;

/// Does what the command line says.
pub(super) async fn run(cli: &Cli, context: &Context) -> anyhow::Result<Exit> {
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
