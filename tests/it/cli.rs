//! The command line, by the real binary.

mod collect;
mod convert;
mod demo;
mod notices;
mod services;
mod verify;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The binary in a folder of its own, and nothing of this machine's settings.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The command, not started. A token is set, as it is for whoever uses mistnet.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mistnet"));
        command
            .args(words.split_whitespace())
            .current_dir(self.path())
            .env_clear()
            .env("X_BEARER_TOKEN", "any")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, words: &str) -> Ran {
        Ran::of(self.command(words).output().unwrap())
    }
}

/// What a finished command left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The same, for whoever expects success.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// The object on the last line of stdout.
    pub(crate) fn json(&self) -> Value {
        let last = self.stdout.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {last:?}\n{}", self.stderr))
    }
}

/// Sends a process a signal.
#[cfg(unix)]
pub(crate) fn signal(name: &str, to: &std::process::Child) {
    let (name, id) = (format!("-{name}"), to.id().to_string());
    assert!(Command::new("kill").args([name, id]).status().unwrap().success());
}

/// The records of a CSV file, without its header.
pub(crate) fn rows(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect()
}

#[test]
fn help_and_version_go_to_stdout_and_succeed() {
    let place = Place::new();
    let help = place.run("--help").ok();
    assert!(help.stdout.contains("mistnet demo") && help.stdout.contains("Exit codes"));
    assert!(place.run("--version").ok().stdout.starts_with("mistnet "));
    assert_eq!(place.run("").code, 2);
    assert_eq!(place.run("colect #x").code, 2);
}

#[test]
fn completions_are_printed_without_settings() {
    let ran = Place::new().run("completions bash").ok();
    assert!(ran.stdout.contains("dead-letters"));
}

#[test]
fn reading_commands_make_no_store() {
    let place = Place::new();
    for words in ["list", "show 20261122-x-0000000000", "pause 20261122-x-0000000000"] {
        let ran = place.run(words);
        assert_eq!(ran.code, 66, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains("--store DIR"), "{words}: {}", ran.stderr);
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_doctor_finds_a_missing_token_and_changes_nothing() {
    let place = Place::new();
    let well = place.run("doctor --json").ok().json();
    assert_eq!(well["ok"], true);
    let ran = Ran::of(place.command("doctor").env_remove("X_BEARER_TOKEN").output().unwrap());
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("WRONG    token"), "{}", ran.stdout);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_doctor_shows_no_secret() {
    let place = Place::new();
    let mut command = place.command("doctor");
    let ran = Ran::of(command.env("X_BEARER_TOKEN", "canary-7391").output().unwrap()).ok();
    assert!(ran.stdout.contains("x.bearer_token = [redacted] (X_BEARER_TOKEN)"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("canary") && !ran.stderr.contains("canary"));
}
