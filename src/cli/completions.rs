//! Scripts that let a shell complete the command line; generated from the tree of commands, so
//! they can't be out of date.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::context::Context;
use super::output::OutputError;
use super::report::Exit;

/// Prints the script.
pub fn run(context: &Context, shell: Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    write(shell, &mut script).map_err(OutputError)?;
    context.output.line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Ok)
}

/// Writes the script for `shell`.
pub fn write(shell: Shell, to: &mut impl Write) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "mistnet", &mut script);
    to.write_all(&script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_gets_a_script_that_knows_the_commands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let mut script = Vec::new();
            write(shell, &mut script).unwrap();
            let script = String::from_utf8(script).unwrap();
            for word in ["collect", "dead-letters", "max-cost"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
}
