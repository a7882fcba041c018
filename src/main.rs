//! The `mistnet` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    mistnet::cli::process::main()
}
