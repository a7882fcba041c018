//! How a command ends: what a person reads on stderr, and what a script reads as exit code.
//!
//! ```text
//! error: can't start the HTTP service
//! caused by: refusing to listen on 0.0.0.0:8889 without an API key
//! hint: set MISTNET_API_KEY (at least 32 characters), or listen on 127.0.0.1
//! ```
//!
//! The chain of an error is printed from the outside in; exit code and hints come from whoever
//! knew them ([`Reporting`]). The first word says what a line is, colour only repeats it. Text
//! from outside can't move the cursor or change the title of a terminal: control characters are
//! replaced. Nothing here decides what failed, or logs.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};

use super::output::OutputError;
use crate::app::OpenError;
use crate::config::ConfigError;
use crate::model::request::InvalidRequest;
use crate::notice::webhook;
use crate::queue::QueueError;
use crate::store::StoreError;
use crate::telemetry::{Colour, TelemetryError};

/// How a command ends. The numbers from 64 on are those of BSD's `sysexits.h`.
///
/// | code | means | what a script should do |
/// |---|---|---|
/// | 0 | it worked | |
/// | 1 | it failed, or the collection did | read the message |
/// | 2 | bad input: an unknown flag, a bad hashtag, date, limit | correct the call |
/// | 3 | done, but some of what was to be converted is left out | read the warnings |
/// | 65 | what was to be converted is broken | read the message |
/// | 66 | what was named does not exist | correct the name |
/// | 74 | a file or the network could not be read or written | look at the disk |
/// | 75 | something is away for the moment, or a collection waits | try again later |
/// | 77 | X, the service or the store refused access | look at the token or key and its rights |
/// | 78 | the configuration is wrong | correct the file or the environment |
/// | 130 | interrupted (Ctrl-C) | `mistnet resume` goes on |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It worked.
    Ok = 0,
    /// It failed, or the collection did.
    Failure = 1,
    /// Bad input.
    Usage = 2,
    /// Done, but some of the input is left out, as `--skip-bad` allows.
    Skipped = 3,
    /// What was to be converted is broken.
    BadData = 65,
    /// What was named does not exist.
    NoInput = 66,
    /// A file or the network could not be read or written.
    Io = 74,
    /// Something is away for the moment.
    Temporary = 75,
    /// Access was refused.
    Permission = 77,
    /// The configuration is wrong.
    Config = 78,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// The exit codes as the help shows them.
    pub const HELP: &str = "\
Exit codes: 0 worked, 1 failed, 2 bad input, 3 broken input left out, 65 broken input,
66 no such thing, 74 disk or network, 75 try again later, 77 access refused, 78 configuration,
130 interrupted";

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// An error together with what only the command knows: exit code and next step. It reads like the
/// error inside.
pub struct Reported {
    exit: Option<Exit>,
    hint: Option<String>,
    error: anyhow::Error,
}

impl fmt::Debug for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.error, f)
    }
}

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, f)
    }
}

impl Error for Reported {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Adds exit code and next step to an error.
pub trait Reporting<T>: Sized {
    /// The command ends with `exit`.
    fn exit(self, exit: Exit) -> anyhow::Result<T>;

    /// `hint` is the next step.
    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Reporting<T> for Result<T, E> {
    fn exit(self, exit: Exit) -> anyhow::Result<T> {
        self.map_err(|error| reported(error.into(), Some(exit), None))
    }

    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T> {
        self.map_err(|error| reported(error.into(), None, Some(hint.into())))
    }
}

/// An error with exit code and next step.
pub fn failure(error: anyhow::Error, exit: Exit, hint: impl Into<String>) -> anyhow::Error {
    reported(error, Some(exit), Some(hint.into()))
}

/// An error with an exit code.
pub fn with_exit(error: anyhow::Error, exit: Exit) -> anyhow::Error {
    reported(error, Some(exit), None)
}

/// Wraps once; what is already there is completed, never replaced.
fn reported(error: anyhow::Error, exit: Option<Exit>, hint: Option<String>) -> anyhow::Error {
    // Only the outermost: anyhow's downcast would look through a context, and drop it.
    if !error.chain().next().is_some_and(<dyn Error>::is::<Reported>) {
        return Reported { exit, hint, error }.into();
    }
    match error.downcast::<Reported>() {
        Ok(known) => {
            let hints: Vec<_> = known.hint.into_iter().chain(hint).collect();
            let hint = (!hints.is_empty()).then(|| hints.join("\n"));
            Reported { exit: known.exit.or(exit), hint, error: known.error }.into()
        }
        Err(error) => error,
    }
}

/// Tells a person what happened, and says how the process ends.
pub fn report(error: &anyhow::Error, to: &mut impl Write, colour: Colour) -> Exit {
    if reader_left(error) {
        return Exit::Ok;
    }
    // Nobody is left to be told that stderr can't be written.
    let _ = write_report(error, to, colour);
    exit_of(error)
}

/// Whether the one who read stdout has seen enough: `mistnet list | head -1`.
fn reader_left(error: &anyhow::Error) -> bool {
    let closed = |e: &io::Error| e.kind() == io::ErrorKind::BrokenPipe;
    layers(error).any(|e| e.output().is_some_and(|OutputError(source)| closed(source)))
}

fn write_report(error: &anyhow::Error, to: &mut impl Write, colour: Colour) -> io::Result<()> {
    let mut said = Vec::new();
    for cause in error.chain().map(|cause| printable(&cause.to_string())) {
        // Some libraries repeat their cause in their own message.
        if said.last().is_some_and(|last: &String| last.ends_with(&cause)) {
            continue;
        }
        let word = if said.is_empty() { "error" } else { "caused by" };
        labelled(to, colour, word, &cause)?;
        said.push(cause);
    }
    let mut hints: Vec<String> = layers(error).filter_map(Layer::hint).collect();
    hints.dedup();
    for hint in hints.iter().flat_map(|hint| hint.lines()) {
        labelled(to, colour, "hint", &printable(hint))?;
    }
    Ok(())
}

fn labelled(to: &mut impl Write, colour: Colour, word: &str, text: &str) -> io::Result<()> {
    let (on, off) = match (colour, word) {
        (Colour::No, _) => ("", ""),
        (Colour::Yes, "hint") => ("\u{1b}[1;36m", "\u{1b}[0m"),
        (Colour::Yes, _) => ("\u{1b}[1;31m", "\u{1b}[0m"),
    };
    writeln!(to, "{on}{word}:{off} {}", text.replace('\n', "\n  "))
}

/// Without characters that a terminal takes for orders.
pub(super) fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    text.trim_end().chars().map(shown).collect()
}

/// The exit code of whoever knew one first, from the outside in.
fn exit_of(error: &anyhow::Error) -> Exit {
    layers(error).find_map(Layer::exit).unwrap_or(Exit::Failure)
}

/// One error of a chain, seen as the types that know exit codes or hints.
#[derive(Clone, Copy)]
struct Layer<'a>(&'a (dyn Error + 'static));

/// Every error of the chain. A [`Reported`] stands for itself and for the error inside it.
fn layers(error: &anyhow::Error) -> impl Iterator<Item = Layer<'_>> {
    error.chain().flat_map(|cause| {
        let inside = cause.downcast_ref::<Reported>().and_then(|r| r.error.chain().next());
        [Some(cause), inside].into_iter().flatten().map(Layer)
    })
}

impl<'a> Layer<'a> {
    fn output(self) -> Option<&'a OutputError> {
        self.0.downcast_ref()
    }

    fn exit(self) -> Option<Exit> {
        if let Some(reported) = self.0.downcast_ref::<Reported>() {
            return reported.exit;
        }
        if let Some(config) = self.0.downcast_ref::<ConfigError>() {
            return Some(if config.is_usage() { Exit::Usage } else { Exit::Config });
        }
        if self.0.is::<TelemetryError>() {
            return Some(Exit::Config);
        }
        if self.0.is::<InvalidRequest>() {
            return Some(Exit::Usage);
        }
        self.room().or_else(|| self.output().map(|_| Exit::Io))
    }

    /// What the errors of the rooms below mean for a script.
    fn room(self) -> Option<Exit> {
        if let Some(open) = self.0.downcast_ref::<OpenError>() {
            return match open {
                OpenError::NoToken
                | OpenError::X(_)
                | OpenError::Webhook(_)
                | OpenError::WebhookKey(_) => Some(Exit::Config),
                OpenError::Store(_) | OpenError::Queue(_) => None,
            };
        }
        if let Some(store) = self.0.downcast_ref::<StoreError>() {
            return match store {
                StoreError::Refused { .. } => Some(Exit::Permission),
                StoreError::Unavailable { .. } | StoreError::Elsewhere { .. } => Some(Exit::Io),
                StoreError::Corrupt { .. }
                | StoreError::Newer { .. }
                | StoreError::Unknown { .. }
                | StoreError::Missing { .. } => None,
            };
        }
        match self.0.downcast_ref::<QueueError>()? {
            QueueError::Unavailable { .. } => Some(Exit::Temporary),
            QueueError::LeaseLost | QueueError::Rejected { .. } => None,
        }
    }

    fn hint(self) -> Option<String> {
        let reported = self.0.downcast_ref::<Reported>().and_then(|r| r.hint.clone());
        reported
            .or_else(|| self.0.downcast_ref::<ConfigError>().map(ConfigError::hint))
            .or_else(|| self.0.downcast_ref().and_then(hint_to_open).map(str::to_owned))
            .or_else(|| self.0.downcast_ref().and_then(hint_for_room).map(str::to_owned))
    }
}

/// What to do where a file can't grow.
fn hint_for_room(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some("free some space"),
        io::ErrorKind::FileTooLarge => Some(
            "the limit on the size of files is reached, as if the disk were full: raise it \
             (ulimit -f, LimitFSIZE= of systemd)",
        ),
        _ => None,
    }
}

/// What to do about a program that can't start.
fn hint_to_open(error: &OpenError) -> Option<&'static str> {
    match error {
        OpenError::NoToken => Some(NO_TOKEN),
        OpenError::Webhook(webhook::SetupError::Forbidden(_)) => Some(FORBIDDEN_WEBHOOK),
        OpenError::Store(_)
        | OpenError::Queue(_)
        | OpenError::X(_)
        | OpenError::Webhook(webhook::SetupError::Client(_))
        | OpenError::WebhookKey(_) => None,
    }
}

const FORBIDDEN_WEBHOOK: &str = "\
set webhook.url (MISTNET_WEBHOOK_URL) to a public https:// address; MISTNET_WEBHOOK_PRIVATE=true
allows private networks and this machine, never link-local and metadata addresses";

const NO_TOKEN: &str = "\
set X_BEARER_TOKEN to the bearer token of your app in X's developer console, or X_BEARER_TOKEN_FILE
to a file with it; without an account: mistnet demo, or mistnet simulate x, which takes any token";

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    fn reported_as(error: &anyhow::Error) -> (String, u8) {
        let mut text = Vec::new();
        let exit = report(error, &mut text, Colour::No);
        (String::from_utf8(text).unwrap(), exit.code())
    }

    fn exposed() -> ConfigError {
        ConfigError::Exposed { listen: "0.0.0.0:8889".parse().unwrap() }
    }

    #[test]
    fn a_chain_is_told_from_the_outside_in() {
        let error = Err::<(), _>(exposed()).context("can't start the HTTP service").unwrap_err();
        let (text, code) = reported_as(&error);
        assert_eq!(code, 78);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn exit_and_hint_can_be_attached_at_any_depth() {
        let error = Err::<(), _>(anyhow!("connection refused").context("can't reach X"))
            .exit(Exit::Temporary)
            .hint("try again in a minute")
            .context("can't collect #rustlang")
            .hint("mistnet resume 20261122-rustlang-k3v9x2m7qa goes on")
            .unwrap_err();
        let (text, code) = reported_as(&error);
        assert_eq!(code, 75);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_wrapped_error_keeps_its_own_exit_and_hint() {
        let error = Err::<(), _>(exposed()).hint("see docs/configuration.md").unwrap_err();
        let (text, code) = reported_as(&error);
        assert_eq!(code, 78);
        assert!(text.contains("MISTNET_API_KEY") && text.contains("docs/configuration.md"));
        assert_eq!(text.matches("refusing to listen").count(), 1);
    }

    #[test]
    fn a_store_that_refuses_is_told_from_one_that_is_away() {
        let (action, what, reason) = ("read", "data/k.json".to_owned(), "403".to_owned());
        let refused = StoreError::Refused { action, what: what.clone(), reason: reason.clone() };
        let away = StoreError::Unavailable { action, what, reason };
        for (error, expected) in [(refused, 77), (away, 74)] {
            let open = anyhow::Error::from(OpenError::Store(error)).context("can't list");
            assert_eq!(reported_as(&open).1, expected);
        }
    }

    #[test]
    fn an_error_that_says_nothing_is_a_failure() {
        assert_eq!(reported_as(&anyhow!("odd")), ("error: odd\n".to_owned(), 1));
    }

    #[test]
    fn text_from_outside_gives_no_orders_to_a_terminal() {
        let (text, _) = reported_as(&anyhow!("X said \u{1b}]0;owned\u{7}\r\nand more"));
        assert_eq!(text, "error: X said \u{fffd}]0;owned\u{fffd}\u{fffd}\n  and more\n");
    }

    #[test]
    fn colour_only_repeats_what_the_words_say() {
        let mut text = Vec::new();
        report(&exposed().into(), &mut text, Colour::Yes);
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("\u{1b}[1;31merror:\u{1b}[0m refusing"));
    }

    #[test]
    fn a_reader_who_left_is_no_failure() {
        let error = anyhow::Error::from(OutputError(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(reported_as(&error.context("can't list")), (String::new(), 0));
        let full = anyhow::Error::from(OutputError(io::ErrorKind::StorageFull.into()));
        assert_eq!(reported_as(&full).1, 74);
    }
}
