//! `mistnet demo` and `mistnet simulate`: what the built-in simulators serve.

mod service_bus;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use crate::config::values;
use crate::model::spec::FileFormat;
pub use service_bus::{Policy, SimulateServiceBusArgs};

/// `demo`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  mistnet demo\n  \
    mistnet demo --tweets 505 --hashtag rustlang --seed 7 --out ./demo --json")]
pub struct DemoArgs {
    /// So many tweets match, and all are collected
    #[arg(long, value_name = "N", default_value = "2000")]
    pub tweets: NonZeroU64,
    /// The hashtag, with or without #
    #[arg(long, value_name = "T", default_value = "mistnet")]
    pub hashtag: String,
    /// The same seed makes the same tweets
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// File formats, separated by commas
    /// [possible values: csv, jsonl, jsonl.gz, jsonl.zst, parquet] [default: csv]
    // The full path keeps clap from taking a list for a flag that may be repeated.
    #[arg(long, value_name = "F,…", value_parser = values::formats)]
    pub format: Option<std::vec::Vec<FileFormat>>,
    /// With the tweets that a tweet refers to
    #[arg(long)]
    pub referenced: bool,
    /// Where the dataset goes
    #[arg(long, value_name = "DIR", default_value = "./mistnet-demo", value_parser = super::place())]
    pub out: PathBuf,
}

/// `simulate`.
#[derive(Debug, Clone, Subcommand)]
pub enum SimulateCommand {
    /// The X API v2: search, counts, lookup, usage, with X's limits, errors and prices
    X(SimulateXArgs),
    /// The queues of an Azure Service Bus namespace: AMQP 1.0, in memory
    ServiceBus(SimulateServiceBusArgs),
}

const EXAMPLES: &str = "\
Example: two terminals
  mistnet simulate x --tweets 5000 --hashtag rustlang --listen 127.0.0.1:8080
  BEARER_TOKEN=any mistnet up --x-api-url http://127.0.0.1:8080

--listen is the address of the simulator here [default: 127.0.0.1:8080]. What it served and billed
is at /_sim/ledger; POST /_sim/faults schedules faults, POST /_sim/reset starts over.";

/// `simulate x`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct SimulateXArgs {
    /// So many tweets match the hashtag, spread from 2006-03-21 to now
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub tweets: u64,
    /// The hashtag, with or without #
    #[arg(long, value_name = "T", default_value = "mistnet")]
    pub hashtag: String,
    /// The same seed makes the same tweets
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// X's rate limits, or none
    #[arg(long, value_enum, value_name = "LIMITS", default_value = "real")]
    pub rate_limits: RateLimits,
    /// How many times as fast its clock runs
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    pub speed: f64,
    /// How long each answer takes, in milliseconds of its clock
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency_ms: u32,
}

/// Whether a simulator counts requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RateLimits {
    /// As X does
    Real,
    /// Every request is answered
    Off,
}

impl SimulateXArgs {
    /// Where it listens, unless the command line says otherwise.
    pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

    /// How long each answer takes, in the simulator's time.
    pub fn latency(&self) -> Duration {
        Duration::from_millis(self.latency_ms.into())
    }
}

/// From a hundredth to a million times real time.
fn speed(text: &str) -> Result<f64, &'static str> {
    let factor = text.parse::<f64>().ok().filter(|factor| (0.01..=1e6).contains(factor));
    factor.ok_or("not a factor; use 0.01 to 1000000, for example 60")
}
