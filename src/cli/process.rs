//! The process: parse → telemetry → run → report → exit code.
//!
//! This is the whole of `main`, kept in the library on purpose: whoever polls a future compiles it,
//! and from here it is compiled once and side by side instead of once more in the binary.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use super::Context;
use super::args::Cli;
use super::limits;
use super::output::Output;
use super::report::{Exit, report};
use crate::config::{self, ConfigError};
use crate::setting::recognise::{REDACTED, recognise};
use crate::telemetry::{self, Logging, Metrics};

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

/// The environment: what of it is text, and the names of ours that are not.
#[derive(Default)]
pub struct Environment {
    /// Names and values.
    pub text: BTreeMap<String, String>,
    /// Variables that would be read if name and value were text in UTF-8.
    pub no_text: Vec<String>,
}

impl Environment {
    fn of(variables: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            let shown = name.to_string_lossy().into_owned();
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => drop(environment.text.insert(name, value)),
                (_, _) if config::reads(&shown) => environment.no_text.push(shown),
                (_, _) => {}
            }
        }
        environment.no_text.sort();
        environment
    }

    /// The variables of logs, which are read before any configuration, as they are meant.
    fn logs(&self) -> Result<BTreeMap<String, String>, ConfigError> {
        let mut found = self.text.clone();
        for name in telemetry::VARIABLES {
            if self.no_text.iter().any(|other| other == name) {
                return Err(ConfigError::NoText { name: name.to_owned() });
            }
            match config::plain(&self.text, name)? {
                Some(value) => drop(found.insert(name.to_owned(), value)),
                None => drop(found.remove(name)),
            }
        }
        Ok(found)
    }
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
    let done = runtime.block_on(super::run(cli, &context));
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

    #[cfg(unix)]
    #[test]
    fn a_variable_of_ours_that_is_no_text_is_remembered() {
        use std::os::unix::ffi::OsStringExt as _;
        let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let given = [
            (&b"MISTNET_STORE"[..], &b"./caf\xe9"[..]),
            (b"MISTNET_\xff", b"x"),
            (b"X_BEARER_TOKEN_FILE", b"\xff"),
            (b"AZURE_TENANT_ID", b"\xff"),
            (b"MISTNET_LOG", b"\xff"),
            (b"HTTPS_PROXY", b"\xff"),
            (b"OTHERS", b"\xff"),
            (b"MISTNET_QUEUE", b"memory:"),
        ];
        let given = given.map(|(name, value)| (text(name), text(value)));
        let environment = Environment::of(given.into_iter());
        let ours = [
            "AZURE_TENANT_ID",
            "HTTPS_PROXY",
            "MISTNET_LOG",
            "MISTNET_STORE",
            "MISTNET_\u{fffd}",
            "X_BEARER_TOKEN_FILE",
        ];
        assert_eq!(environment.no_text, ours);
        assert_eq!(environment.text.len(), 1);
        assert!(
            matches!(environment.logs(), Err(ConfigError::NoText { name }) if name == "MISTNET_LOG")
        );
    }

    #[test]
    fn what_is_logged_is_read_as_it_is_meant() {
        let of = |value: &str| {
            let variable = ("MISTNET_LOG_FORMAT".into(), value.into());
            Environment::of([variable].into_iter()).logs()
        };
        assert_eq!(of(" json\r").unwrap()["MISTNET_LOG_FORMAT"], "json");
        assert!(of("").unwrap().is_empty());
        for wrong in ["\"json\"", " ", "AccountKey=CANARY"] {
            let refused = of(wrong).unwrap_err().to_string();
            assert!(refused.contains("MISTNET_LOG_FORMAT") && !refused.contains("CANARY"));
        }
    }
}
