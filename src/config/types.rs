//! Everything that can be configured, by what it belongs to.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::error::ConfigError;
use super::notices::NoticeConfig;
use super::values::Pacing;
use crate::model::request::Defaults;
use crate::queue::QueueConfig;
use crate::setting::address::is_loopback;
use crate::setting::{Effective, Origin};
use crate::store::StoreConfig;

/// Everything that can be configured, complete and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where datasets and logs lie.
    pub store: Arc<dyn StoreConfig>,
    /// Where work waits.
    pub queue: Arc<dyn QueueConfig>,
    /// Access to the X API.
    pub x: XConfig,
    /// The HTTP service.
    pub http: HttpConfig,
    /// What a collection is like unless its request says otherwise.
    pub collection: Defaults,
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
    pub(super) effective: Vec<Effective>,
    pub(super) warnings: Vec<String>,
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
        match (is_x(&self.api_url), is_loopback(&self.api_url)) {
            (true, _) => Some(false),
            (_, true) => Some(true),
            (false, false) => None,
        }
    }
}

/// Whether it is an address of X.
pub(super) fn is_x(url: &Url) -> bool {
    let of = |domain: &str| {
        url.host_str().is_some_and(|host| host == domain || host.ends_with(&format!(".{domain}")))
    };
    of("x.com") || of("twitter.com")
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

impl Config {
    /// Every setting in the table's order, with its origin.
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }

    /// What is odd but no reason to stop.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
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
