//! `mistnet simulate service-bus`.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use super::super::values;

const EXAMPLES: &str = "\
Example:
  mistnet simulate service-bus --listen 127.0.0.1:5672 --control 127.0.0.1:5673
  curl -X POST -H 'content-type: application/json' \\
    -d '[{\"kind\": \"drop_connections\"}]' http://127.0.0.1:5673/_sim/faults

--listen is the address for AMQP here, bare or inside web sockets [default: 127.0.0.1:5672]. It prints
a connection string that the official clients understand. How many messages wait is at /_sim/queues of
the control address; POST /_sim/faults makes faults, POST /_sim/reset starts over.";

/// `simulate service-bus`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub struct SimulateServiceBusArgs {
    /// The queues; nothing else exists
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = queue,
        default_value = "mistnet-collect,mistnet-store"
    )]
    pub queues: Vec<String>,
    /// How long a receiver has a message to itself
    #[arg(long, value_name = "N", default_value = "60")]
    lock_seconds: NonZeroU32,
    /// After so many failed deliveries, a message is a dead letter
    #[arg(long, value_name = "N", default_value = "10")]
    pub max_delivery: NonZeroU32,
    /// How long message ids are remembered, to drop duplicates [default: not at all]
    #[arg(long, value_name = "N")]
    duplicate_seconds: Option<NonZeroU32>,
    /// Address for faults and counts, over HTTP [default: none]
    #[arg(long, value_name = "ADDR", value_parser = values::listen)]
    pub control: Option<SocketAddr>,
    /// Accept only tokens of this shared access policy [default: any token]
    #[arg(long, value_name = "NAME=KEY")]
    pub policy: Option<Policy>,
    /// Certificate chain for TLS, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

impl SimulateServiceBusArgs {
    /// Where it listens, unless the command line says otherwise: the port of AMQP.
    pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 5672);

    /// How long a receiver has a message to itself.
    pub fn lock_time(&self) -> Duration {
        Duration::from_secs(self.lock_seconds.get().into())
    }

    /// How long message ids are remembered.
    pub fn duplicate_window(&self) -> Option<Duration> {
        self.duplicate_seconds.map(|seconds| Duration::from_secs(seconds.get().into()))
    }
}

/// A shared access policy: a name and a key.
#[derive(Clone)]
pub struct Policy {
    /// The name.
    pub name: String,
    /// The key; a secret.
    pub key: String,
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").field("name", &self.name).finish_non_exhaustive()
    }
}

impl FromStr for Policy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |text: &str| !text.is_empty() && !text.contains(';');
        match text.split_once('=') {
            Some((name, key)) if is_plain(name) && is_plain(key) => {
                Ok(Self { name: name.to_owned(), key: key.to_owned() })
            }
            _ => Err("not a name and a key; use for example RootManageSharedAccessKey=secret"),
        }
    }
}

/// As Azure has it: letters, digits, and `. - _ /` inside
/// (learn.microsoft.com, naming rules for Microsoft.ServiceBus, read 2026-11-22).
fn queue(text: &str) -> Result<String, &'static str> {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || ".-_/".contains(c);
    let ends = text.starts_with(char::is_alphanumeric) && text.ends_with(char::is_alphanumeric);
    if ends && text.len() <= 260 && text.chars().all(is_inside) {
        Ok(text.to_owned())
    } else {
        Err("not the name of a queue; use letters, digits, and . - _ / between them")
    }
}
