//! The tree of commands and flags.
//!
//! Every value is checked here or by the configuration before anything else happens, and refused
//! with its flag, the value, the reason and the fix (exit code 2). Flags that are settings become
//! the top layer of the configuration ([`Cli::flags`]), so they mean what the same text means in a
//! file or a variable. No flag takes a secret: a command line is readable by the whole machine.

mod collect;
mod convert;
#[cfg(feature = "simulators")]
mod simulate;
#[cfg(feature = "simulators")]
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use url::Url;

use super::output::{Mode, Talk};
use super::report::Exit;
use crate::app::Queues;
use crate::config::{Flags, key, values};
use crate::model::{CollectionId, Usd};
use crate::queue::QueueUrl;
use crate::store::StoreUrl;
use crate::telemetry::Role;

pub use collect::CollectArgs;
pub use convert::ConvertArgs;
#[cfg(feature = "simulators")]
pub use simulate::{
    DemoArgs, Policy, RateLimits, SimulateCommand, SimulateServiceBusArgs, SimulateXArgs,
};

const EXAMPLES: &str = "\
Examples:
  mistnet demo                                    see it work: no account, no token
  mistnet collect '#rustlang' --max-cost 5        newest 1000 tweets of the last 30 days
  mistnet up                                      HTTP service on http://127.0.0.1:8889

Settings come from flags, the environment, mistnet.toml and defaults, in this order.";

/// Collects X posts for a hashtag through the official API and delivers them as CSV: nothing
/// lost, nothing paid twice, no bill without a ceiling.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "mistnet",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = format!("{EXAMPLES}\n\n{}", Exit::HELP)
)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Print one JSON object, on the last line of stdout
    #[arg(long, global = true)]
    json: bool,
    /// Say only what is wrong
    #[arg(long, short, global = true)]
    quiet: bool,
    #[arg(long, global = true, value_name = "FILE", help = CONFIG_HELP)]
    config: Option<PathBuf>,
    #[arg(long, global = true, value_name = "FILE", help = KEYS_HELP)]
    keys: Option<PathBuf>,
    #[arg(long, global = true, value_name = "DIR|URL", help = STORE_HELP)]
    store: Option<StoreUrl>,
    #[arg(long, global = true, value_name = "URL", help = QUEUE_HELP)]
    queue: Option<QueueUrl>,
    #[arg(long, global = true, value_name = "URL", value_parser = values::api_url, help = X_HELP)]
    x_api_url: Option<Url>,
    #[arg(long, global = true, value_name = "ADDR", value_parser = values::listen, help = LISTEN_HELP)]
    listen: Option<SocketAddr>,
    #[arg(long, global = true, value_name = "ADDR", value_parser = values::listen, help = HEALTH_LISTEN_HELP)]
    health_listen: Option<SocketAddr>,
}

const CONFIG_HELP: &str = "Configuration file: TOML, or the predecessor's config.json \
    [default: mistnet.toml, if it is there] [env: MISTNET_CONFIG]";
const KEYS_HELP: &str = "File with the bearer token: TOML, or the predecessor's keys.json \
    [env: MISTNET_KEYS]";
const STORE_HELP: &str = "Where datasets and logs lie [default: ./data] [env: MISTNET_STORE]";
const QUEUE_HELP: &str =
    "Where work waits [default: sqlite:./mistnet-queue.db] [env: MISTNET_QUEUE]";
const X_HELP: &str = "The X API, or a simulator of it [default: https://api.x.com] \
    [env: MISTNET_X_API_URL]";
const LISTEN_HELP: &str =
    "Address of the HTTP service [default: 127.0.0.1:8889] [env: MISTNET_LISTEN]";

const HEALTH_LISTEN_HELP: &str =
    "Address for health checks alone, without a key [default: none] [env: MISTNET_HEALTH_LISTEN]";

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// See the whole pipeline work, against the built-in X simulator: no account, no token
    #[cfg(feature = "simulators")]
    Demo(DemoArgs),
    /// Collect the tweets of a hashtag or query, and wait for the dataset
    Collect(CollectArgs),
    /// Run everything in one process: sender, receiver and the HTTP service
    #[command(after_help = UP_EXAMPLES)]
    Up,
    /// Run a sender: it fetches pages from X
    #[command(after_help = ROLE_EXAMPLES)]
    Sender,
    /// Run a receiver: it stores parts as files
    #[command(after_help = ROLE_EXAMPLES)]
    Receiver,
    /// List all collections
    List,
    /// Show a collection: state, progress, cost, what it waits for
    Show(OneCollection),
    /// Stop fetching until `resume`; what has come stays
    Pause(OneCollection),
    /// Go on with a paused, parked or failed collection
    Resume(ResumeArgs),
    /// Stop fetching for good, and deliver what has come
    Cancel(OneCollection),
    /// Tell others again that a dataset is complete, on every configured channel
    Tell(OneCollection),
    /// Check a dataset against its manifest: files, rows, checksums
    Verify(VerifyArgs),
    /// Turn archived pages or tweets into a file of rows; asks nothing of X
    Convert(ConvertArgs),
    /// Messages that nobody could handle
    #[command(subcommand)]
    DeadLetters(DeadLettersCommand),
    /// Check configuration, token, store and queue, and say what is wrong
    Doctor(DoctorArgs),
    /// Ask the service on this machine whether it is alive; the health check of the image
    Health,
    /// Run a simulator as a server
    #[cfg(feature = "simulators")]
    #[command(subcommand)]
    Simulate(SimulateCommand),
    /// Print a script that completes this command line in a shell
    #[command(
        after_help = "Example:\n  mistnet completions bash > ~/.local/share/bash-completion/completions/mistnet"
    )]
    Completions(CompletionsArgs),
}

const UP_EXAMPLES: &str = "\
Examples:
  mistnet up
  curl -X POST http://127.0.0.1:8889/search/ -H 'Content-Type: application/json' \\
       -d '{\"hashtag\": \"#rustlang\"}'

Any other address than loopback needs an API key (MISTNET_API_KEY, at least 32 characters).";

const ROLE_EXAMPLES: &str = "\
Example: one sender and two receivers, which share a queue and a store:
  mistnet sender   --queue sqlite:/srv/queue.db --store /srv/data
  mistnet receiver --queue sqlite:/srv/queue.db --store /srv/data
  mistnet receiver --queue sqlite:/srv/queue.db --store /srv/data";

/// A collection.
#[derive(Debug, Clone, Args)]
pub struct OneCollection {
    /// Its id, for example 20261122-rustlang-k3v9x2m7qa
    pub id: CollectionId,
}

/// `resume`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: reaching its budget paused a collection; give it more:\n  \
    mistnet resume 20261122-rustlang-k3v9x2m7qa --max-cost 20")]
pub struct ResumeArgs {
    /// Its id, for example 20261122-rustlang-k3v9x2m7qa
    pub id: CollectionId,
    /// The most that it may cost all in all, in place of the old budget
    #[arg(long, value_name = "USD", value_parser = values::usd)]
    pub max_cost: Option<Usd>,
    /// Work at it in this process until it is at rest, as `collect` does; for a store on which no
    /// service runs
    #[arg(long)]
    pub here: bool,
    /// Go on without asking
    #[arg(long, short)]
    pub yes: bool,
}

/// `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Ask X too: whether it answers, takes the token, and agrees about the time. Costs nothing
    #[arg(long)]
    pub online: bool,
}

/// `verify`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  mistnet verify 20261122-rustlang-k3v9x2m7qa\n  \
    mistnet verify ./copy-of-a-dataset")]
pub struct VerifyArgs {
    /// A collection's id, or the folder of a dataset (./ID for a folder with the name of an id)
    #[arg(value_name = "ID|DIR")]
    pub target: VerifyTarget,
}

/// What is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyTarget {
    /// A collection in the store.
    Collection(CollectionId),
    /// A dataset in a folder, anywhere.
    Folder(PathBuf),
}

impl FromStr for VerifyTarget {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let id = text.parse().map(Self::Collection);
        Ok(id.unwrap_or_else(|_| Self::Folder(text.into())))
    }
}

/// `dead-letters`.
#[derive(Debug, Clone, Subcommand)]
pub enum DeadLettersCommand {
    /// List them, the oldest first
    List {
        /// The most that are listed of each queue
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: u32,
    },
    /// Show one with its body and what happened
    Show {
        /// Which, for example collect/12
        #[arg(value_name = "QUEUE/NUMBER")]
        letter: LetterRef,
    },
    /// Put them back on their queue
    Replay {
        /// Which, for example store/7
        #[arg(value_name = "QUEUE/NUMBER", required = true)]
        letters: Vec<LetterRef>,
    },
}

/// A dead letter: the queue it is in, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterRef {
    /// Which queue.
    pub queue: QueueName,
    /// [`crate::queue::DeadLetter::id`]
    pub number: i64,
}

impl fmt::Display for LetterRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = match self.queue {
            QueueName::Collect => "collect",
            QueueName::Store => "store",
        };
        write!(f, "{queue}/{}", self.number)
    }
}

/// One of the two queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueName {
    /// Collections that wait for a sender.
    Collect,
    /// Parts that wait for a receiver.
    Store,
}

/// A text that is no dead letter's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a dead letter; write its queue and number as `mistnet dead-letters list` shows them, \
    for example collect/12"
)]
pub struct InvalidLetterRef;

impl FromStr for LetterRef {
    type Err = InvalidLetterRef;

    fn from_str(text: &str) -> Result<Self, InvalidLetterRef> {
        let (queue, number) = text.split_once('/').ok_or(InvalidLetterRef)?;
        let queue = match queue {
            "collect" => QueueName::Collect,
            "store" => QueueName::Store,
            _ => return Err(InvalidLetterRef),
        };
        number.parse().map(|number| Self { queue, number }).map_err(|_| InvalidLetterRef)
    }
}

/// `completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// Which shell
    pub shell: Shell,
}

impl Cli {
    /// What the command line says to the configuration.
    pub fn flags(&self) -> Flags {
        let mut flags = self.global.flags();
        if let Command::Collect(collect) = &self.command {
            collect.add_to(&mut flags);
        }
        flags
    }

    /// Where the work of this command waits: one that works alone keeps it to itself, unless a queue
    /// is named with it.
    pub fn queues(&self) -> Queues {
        if self.command.works_alone() && self.global.queue.is_none() {
            Queues::OfItsOwn
        } else {
            Queues::Configured
        }
    }
}

/// Parses the name of a file or folder that is made.
fn place() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(values::place)
}

impl GlobalArgs {
    /// Whom stdout is for.
    pub fn mode(&self) -> Mode {
        if self.json { Mode::Json } else { Mode::Text }
    }

    /// How much is said on stderr.
    pub fn talk(&self) -> Talk {
        if self.quiet { Talk::Quiet } else { Talk::Normal }
    }

    /// The address to listen on, if the command line gives one.
    pub fn listen(&self) -> Option<SocketAddr> {
        self.listen
    }

    fn flags(&self) -> Flags {
        let mut flags = Flags::of_files(self.config.clone(), self.keys.clone());
        let given = [
            (key::STORE, "--store", self.store.as_ref().map(ToString::to_string)),
            (key::QUEUE, "--queue", self.queue.as_ref().map(ToString::to_string)),
            (key::API_URL, "--x-api-url", self.x_api_url.as_ref().map(ToString::to_string)),
            (key::LISTEN, "--listen", self.listen.as_ref().map(ToString::to_string)),
            (
                key::HEALTH_LISTEN,
                "--health-listen",
                self.health_listen.as_ref().map(ToString::to_string),
            ),
        ];
        for (key, flag, value) in given {
            if let Some(value) = value {
                flags.set(key, flag, value);
            }
        }
        flags
    }
}

impl Command {
    /// Whether it does the work of a collection in its own process. Then it has a queue of its own
    /// unless one is named: the log is the truth, and nobody else is to take part.
    fn works_alone(&self) -> bool {
        matches!(self, Self::Collect(_) | Self::Resume(ResumeArgs { here: true, .. }))
    }

    /// How much it logs by default.
    pub fn role(&self) -> Role {
        match self {
            Self::Up | Self::Sender | Self::Receiver => Role::Service,
            #[cfg(feature = "simulators")]
            Self::Simulate(_) => Role::Service,
            #[cfg(feature = "simulators")]
            Self::Demo(_) => Role::OneShot,
            Self::Collect(_)
            | Self::List
            | Self::Show(_)
            | Self::Pause(_)
            | Self::Resume(_)
            | Self::Cancel(_)
            | Self::Tell(_)
            | Self::Verify(_)
            | Self::Convert(_)
            | Self::DeadLetters(_)
            | Self::Doctor(_)
            | Self::Health
            | Self::Completions(_) => Role::OneShot,
        }
    }
}
