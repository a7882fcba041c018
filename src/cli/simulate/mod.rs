//! `mistnet simulate`: the simulators as servers.
//!
//! Each says on the first line of stdout where it listens, so that a script that asked for port 0
//! learns it, and serves until a signal.

mod listen;
mod service_bus;
mod x;

use super::args::SimulateCommand;
use super::context::Context;
use super::report::Exit;

/// Runs the simulator that was asked for.
pub async fn run(context: &Context, command: &SimulateCommand) -> anyhow::Result<Exit> {
    match command {
        SimulateCommand::X(args) => x::run(context, args).await,
        SimulateCommand::ServiceBus(args) => service_bus::run(context, args).await,
    }
}
