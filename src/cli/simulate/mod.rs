//! `mistnet simulate`: the simulators as servers.
//!
//! Each says on the first line of stdout where it listens, so that a script that asked for port 0
//! learns it, and serves until a signal.

mod service_bus;
mod x;

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;

use super::args::SimulateCommand;
use super::context::Context;
use super::report::{Exit, Reporting};

/// Runs the simulator that was asked for.
pub async fn run(context: &Context, command: &SimulateCommand) -> anyhow::Result<Exit> {
    match command {
        SimulateCommand::X(args) => x::run(context, args).await,
        SimulateCommand::ServiceBus(args) => service_bus::run(context, args).await,
    }
}

/// Listens, or says which flag helps.
async fn listen(wanted: SocketAddr, flag: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(wanted)
        .await
        .with_context(|| format!("can't listen on {wanted}"))
        .exit(Exit::Io)
        .hint(format!("choose another address: {flag} 127.0.0.1:0 takes any free port"))
}
