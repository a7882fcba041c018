//! The process: parse → telemetry → run → report → exit code.
//!
//! This is the whole of `main`, kept in the library on purpose: whoever polls a future compiles it,
//! and from here it is compiled once and side by side instead of once more in the binary.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use super::args::Cli;
use super::context::Context;
use super::environment::Environment;
use super::output::Output;
use super::report::{Exit, report};
use super::{commands, limits};
use crate::setting::recognise::{REDACTED, recognise};
use crate::telemetry::{Logging, Metrics};

/// Does what the command line says.
pub fn main() -> ExitCode {
    // Before the first byte is written: stderr may be a file, too.
    let limits = limits::write_errors_instead_of_death();
    let environment = Environment::of(std::env::vars_os());
    let words = || std::env::args_os().map(|word| word.to_string_lossy().into_owned());
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refused(&error, words()),
    };
    let output = Output::of_process(cli.global.mode(), cli.global.talk(), &environment.text);
    let colour = output.colour();
    let exit = limits
        .context("can't guard against a limit on the size of files")
        .and_then(|()| run(&cli, output, environment))
        .unwrap_or_else(|error| report(&error, &mut std::io::stderr(), colour));
    exit.into()
}

/// Says what is wrong with the command line, or the help; of a secret that came onto the command
/// line nothing.
fn refused(error: &clap::Error, words: impl Iterator<Item = String>) -> ExitCode {
    let said = error.render().to_string();
    let safe = without_secrets(&said, words);
    if safe == said {
        error.exit();
    }
    // Nobody is left to be told that stderr can't be written.
    let _ = std::io::stderr().write_all(safe.as_bytes());
    Exit::Usage.into()
}

/// `said` without those of `words`, and values after their `=`, that are secrets.
fn without_secrets(said: &str, words: impl Iterator<Item = String>) -> String {
    let mut secrets: Vec<String> = words
        .flat_map(|word| {
            let value = word.split_once('=').map(|(_, value)| value.to_owned());
            [Some(word), value].into_iter().flatten()
        })
        .filter(|word| recognise(word).is_some())
        .collect();
    // The longest first, so that none is cut by a part of it.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets.iter().fold(said.to_owned(), |said, secret| said.replace(secret, REDACTED))
}

fn run(cli: &Cli, output: Output, environment: Environment) -> anyhow::Result<Exit> {
    Logging::from_environment(&environment.logs()?, cli.command.role(), output.colour())?
        .install(output.log_writer())?;
    let metrics = Metrics::install()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("can't start the runtime")?;
    let context = Context::new(cli, output, environment, metrics);
    let done = runtime.block_on(commands::run(cli, &context));
    // A thread that still waits for an answer on the terminal must not keep the process.
    runtime.shutdown_background();
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_on_the_command_line_is_not_said_again() {
        let secret = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=CANARY";
        for words in [
            vec!["mistnet", "list", "--store", secret],
            vec!["mistnet", "list", secret],
            vec!["mistnet", "list", "--queue", "Endpoint=sb://CANARY/;SharedAccessKey=CANARY"],
            vec!["mistnet", "list", "--listen", secret],
            vec!["mistnet", "list", "--x-api-url", "https://u:CANARY@api.x.com/CANARY"],
            vec!["mistnet", "demo", "--out", secret],
            vec!["mistnet", "list", "--store=az://c?sv=1&sig=CANARY"],
            vec!["mistnet", "list", "--AccountKey=CANARY"],
            vec!["mistnet", "AccountKey=CANARY"],
        ] {
            let error = Cli::try_parse_from(&words).unwrap_err();
            let said = error.render().to_string();
            let safe = without_secrets(&said, words.iter().map(|&word| word.to_owned()));
            assert!(!safe.contains("CANARY"), "{words:?}: {safe}");
        }
    }
}
