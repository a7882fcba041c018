//! Configuration in layers: defaults < file < environment < flags.
//!
//! [`load`] is a function of what it is given: the environment as a map, the flags as text and a
//! way to read files, so that only `main` touches the process. Every value is text until its one
//! parser has seen it, whichever layer it comes from; the table [`SETTINGS`] is the one place that
//! knows keys, variables, flags and defaults, and `docs/configuration.md` is made from it.
//!
//! Promises: no setting is dropped in silence; an unknown key in a file is refused, by its path and
//! with the known ones; a refused value is named with its key, where it came from, the reason and
//! the fix; no secret appears in `Debug`, `Display`, errors or warnings (`no_output_shows_a_secret`),
//! and a setting that is no secret takes none ([`recognise`]).
//!
//! It deliberately does not look at the network or the disk beyond the files named, does not
//! reload, and knows no flag for a secret: command lines are readable by everyone on a machine.

mod azure;
mod build;
mod bytes;
mod collection;
mod environment;
mod error;
mod file;
mod layers;
mod notices;
mod places;
pub mod recognise;
#[cfg(test)]
mod reference;
#[cfg(feature = "service-bus")]
mod service_bus;
mod setting;
mod suggest;
mod text;
pub mod values;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

pub use bytes::read_file;
#[cfg(test)]
pub use collection::OTHERS as OTHERS_OF_COLLECTIONS;
pub use environment::{known_variables, plain, reads};
pub use error::{ConfigError, InvalidSetting};
pub use layers::Origin;
pub use notices::{NoticeConfig, NoticeFormat, NoticeQueue, OWN_QUEUES, WebhookConfig, WebhookUrl};
pub use places::{QueueUrl, StoreUrl};
pub use setting::{SETTINGS, Secrecy, Setting, Shape, key};
pub use values::{Invalid, Pacing};

pub use crate::model::request::Defaults as CollectionDefaults;
#[cfg(feature = "service-bus")]
pub use crate::queue::service_bus::{
    address::ConnectionString, endpoint::Endpoint, entra::Identity,
};
pub use crate::store::azure::account::{
    Account as StorageAccount, Credential as StorageCredential,
};

/// The configuration file that is read if it is there and no other is named.
pub const DEFAULT_FILE: &str = "mistnet.toml";

/// Everything that can be configured, complete and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where datasets and logs lie.
    pub store: StoreUrl,
    /// The account of a store on Azure, which always has one.
    pub storage_account: Option<StorageAccount>,
    /// Where work waits.
    pub queue: QueueUrl,
    /// What a queue on Azure Service Bus needs, which always has it.
    #[cfg(feature = "service-bus")]
    pub service_bus: Option<ServiceBusConfig>,
    /// Access to the X API.
    pub x: XConfig,
    /// The HTTP service.
    pub http: HttpConfig,
    /// What a collection is like unless its request says otherwise.
    pub collection: CollectionDefaults,
    /// Whom others are to cite for the datasets.
    pub cite: Option<String>,
    /// Fetching.
    pub sender: SenderConfig,
    /// Storing.
    pub receiver: ReceiverConfig,
    /// Who is told when a dataset is complete.
    pub notices: NoticeConfig,
    /// How often unfinished work that nobody has is put back on a queue.
    pub sweep_interval: Duration,
    /// How long work stays with a process that has died. Short by default, because a person may be
    /// waiting at the other end of a crash; renewals come three times as often.
    pub lease_time: Duration,
    effective: Vec<Effective>,
    warnings: Vec<String>,
}

/// Access to the X API.
#[derive(Debug, Clone)]
pub struct XConfig {
    /// Where it is, without `/2/…`.
    pub api_url: Url,
    /// The token of the app, if one was given.
    pub bearer_token: Option<SecretString>,
    /// Whether requests keep to the pace that X allows.
    pub pacing: Pacing,
}

impl XConfig {
    /// Whether a simulator answers in X's place: not at an address of X, surely on this machine,
    /// and unknown elsewhere, where a gateway may stand.
    pub fn is_simulated(&self) -> Option<bool> {
        match (build::is_x(&self.api_url), build::is_loopback(&self.api_url)) {
            (true, _) => Some(false),
            (_, true) => Some(true),
            (false, false) => None,
        }
    }
}

/// A queue on Azure Service Bus.
#[cfg(feature = "service-bus")]
#[derive(Debug, Clone)]
pub struct ServiceBusConfig {
    /// How to get in.
    pub access: ServiceBusAccess,
    /// The queue on which collections wait for a sender.
    pub collect_queue: String,
    /// The queue on which parts wait for a receiver.
    pub store_queue: String,
    /// Messages that are fetched before they are needed.
    pub prefetch: u32,
}

/// How to get into a namespace.
#[cfg(feature = "service-bus")]
#[derive(Debug, Clone)]
pub enum ServiceBusAccess {
    /// By a key or a signature.
    ConnectionString(ConnectionString),
    /// By an identity of Microsoft Entra ID.
    Identity {
        /// The namespace.
        endpoint: Endpoint,
        /// Who this program is.
        identity: Identity,
        /// Where Entra ID gives out tokens.
        authority: Url,
    },
}

/// The HTTP service.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Address and port of the listener that serves health checks alone, if there is one.
    pub health_listen: Option<SocketAddr>,
    /// Keys that callers may use; without any, it listens on loopback only.
    pub api_keys: Vec<SecretString>,
    /// Names of this service in `Host` headers, besides those of loopback; lower case, no port.
    pub allowed_hosts: Vec<String>,
}

/// Which `Host` headers are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostRule {
    /// All of them: a key is needed anyway, and a web page that points its own name at this
    /// service (DNS rebinding) has none.
    Any,
    /// These names, with any port.
    Only(Vec<String>),
}

impl HttpConfig {
    /// Without an API key, only this machine may reach the service.
    pub fn check_exposure(&self) -> Result<(), ConfigError> {
        if self.listen.ip().is_loopback() || !self.api_keys.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Exposed { listen: self.listen })
        }
    }

    /// Which `Host` headers are answered.
    pub fn host_rule(&self) -> HostRule {
        if self.allowed_hosts.is_empty() && !self.api_keys.is_empty() {
            return HostRule::Any;
        }
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "[::1]"].map(String::from).into();
        names.push(match self.listen.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        });
        names.extend(self.allowed_hosts.iter().cloned());
        names.sort();
        names.dedup();
        HostRule::Only(names)
    }
}

/// Fetching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderConfig {
    /// Collections that one process has in hand at a time.
    pub concurrency: usize,
    /// A collection is fetched on only while fewer parts than this wait to be stored.
    pub max_parts_ahead: u64,
}

/// Storing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiverConfig {
    /// Parts that one process stores at a time.
    pub concurrency: usize,
}

/// One setting as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Its key.
    pub key: &'static str,
    /// Its value for people: a secret is shown as `[redacted]`, an absent value as nothing.
    pub value: String,
    /// Which layer it comes from.
    pub origin: Origin,
}

impl Config {
    /// Every setting in the table's order, with its origin.
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }

    /// What is odd but no reason to stop.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The effective configuration of no file, no variable and no flag.
    pub fn defaults() -> Result<Self, ConfigError> {
        load(&Sources {
            environment: BTreeMap::new(),
            flags: Flags::default(),
            read: &|_| Err(io::ErrorKind::NotFound.into()),
        })
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Effective { key, value, origin } in &self.effective {
            match (value.as_str(), origin) {
                ("", Origin::Default) => writeln!(f, "{key} is not set")?,
                _ => writeln!(f, "{key} = {value} ({origin})")?,
            }
        }
        Ok(())
    }
}

/// A way to read a small file; that of a process is [`read_file`].
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

/// Where a configuration comes from. Not `Debug`: the environment holds secrets.
pub struct Sources<'a> {
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// What the command line says.
    pub flags: Flags,
    /// How files are read.
    pub read: ReadFile<'a>,
}

/// What the command line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    config: Option<PathBuf>,
    keys: Option<PathBuf>,
    given: Vec<Given>,
    company: Company,
}

/// Whether others take part in the work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Company {
    /// They may.
    #[default]
    Others,
    /// They may not.
    Alone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Given {
    key: &'static str,
    flag: &'static str,
    value: String,
}

impl Flags {
    /// The files that `--config` and `--keys` name.
    pub fn of_files(config: Option<PathBuf>, keys: Option<PathBuf>) -> Self {
        Self { config, keys, ..Self::default() }
    }

    /// The command works alone: its work waits in its own memory, whatever queue is configured.
    /// Notices go to the configured one all the same.
    pub fn work_alone(&mut self) {
        self.company = Company::Alone;
    }

    /// `flag` gives the setting `key` this value.
    pub fn set(&mut self, key: &'static str, flag: &'static str, value: impl Into<String>) {
        self.given.push(Given { key, flag, value: value.into() });
    }
}

/// The configuration that `sources` amount to.
pub fn load(sources: &Sources<'_>) -> Result<Config, ConfigError> {
    let Sources { environment, flags, read } = sources;
    let mut layers = layers::Layers::defaults();
    let named = |flag: &Option<PathBuf>, variable: &str| match flag {
        Some(path) => Ok(Some(path.clone())),
        None => environment::path(environment, variable),
    };
    match named(&flags.config, environment::CONFIG_FILE)? {
        Some(path) => layers.add_file(&file::read_config(&path, *read)?),
        None => {
            if let Some(found) = file::read_config_if_there(Path::new(DEFAULT_FILE), *read)? {
                layers.add_file(&found);
            }
        }
    }
    if let Some(path) = named(&flags.keys, environment::KEYS_FILE)? {
        layers.add_file(&file::read_keys(&path, *read)?);
    }
    environment::add(&mut layers, environment, *read)?;
    for Given { key, flag, value } in &flags.given {
        layers.set(key, value.clone().into(), Origin::Flag { name: flag });
    }
    let shared = layers.required(key::QUEUE, str::parse)?;
    if flags.company == Company::Alone {
        let memory = QueueUrl::Memory.to_string().into();
        layers.set(key::QUEUE, memory, Origin::Flag { name: "a queue of its own" });
    }
    let mut warnings = environment::unknown(environment);
    warnings.extend(environment::unusable_proxies(environment));
    build::build(&layers, &shared, warnings)
}
