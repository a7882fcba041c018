//! The process: parse → telemetry → run → report → exit code.
//!
//! This is the whole of `main`, kept in the library on purpose: whoever polls a future compiles it,
//! and from here it is compiled once and side by side instead of once more in the binary.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;

use super::Context;
use super::args::Cli;
use super::output::Output;
use super::report::{Exit, report};
use crate::telemetry::{Logging, Metrics};

/// Does what the command line says.
pub fn main() -> ExitCode {
    let environment = environment();
    let cli = Cli::parse();
    let output = Output::of_process(cli.global.mode(), cli.global.talk(), &environment);
    let colour = output.colour();
    let exit = run(&cli, output, environment)
        .unwrap_or_else(|error| report(&error, &mut std::io::stderr(), colour));
    exit.into()
}

/// What of the environment is text; names and values of ours all are.
fn environment() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

fn run(cli: &Cli, output: Output, environment: BTreeMap<String, String>) -> anyhow::Result<Exit> {
    Logging::from_environment(&environment, cli.command.role(), output.colour())?
        .install(output.log_writer())?;
    let metrics = Metrics::install()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("can't start the runtime")?;
    let context = Context::new(cli, output, environment, metrics);
    let done = runtime.block_on(super::run(cli, &context));
    // A thread that still waits for an answer on the terminal must not keep the process.
    runtime.shutdown_background();
    done
}
