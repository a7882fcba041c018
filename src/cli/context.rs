//! What every command works with: the configuration, the store behind it, and names that exist.
//!
//! Reading commands leave nothing behind: they refuse a store that is not there instead of making
//! it, and do without a queue that nobody has made yet (the log is the truth, and a sweep finds
//! what it says).

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;

use super::args::Cli;
use super::environment::Environment;
use super::output::Output;
use super::report::{Exit, failure};
use crate::app::{App, Queues};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError, Flags, Sources, key, load, read_file};
use crate::model::CollectionId;
use crate::model::overview::Overview;
use crate::store::{FolderConfig, Store, StoreConfig};
use crate::telemetry::Metrics;

/// What every command works with. Not `Debug`: the environment holds secrets.
pub struct Context {
    /// Where the command prints.
    pub output: Output,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The process's metrics.
    pub metrics: Metrics,
    /// The address to listen on, if the command line gives one.
    pub listen: Option<SocketAddr>,
    environment: Environment,
    flags: Flags,
    queues: Queues,
}

impl Context {
    /// The context of a command line.
    pub fn new(cli: &Cli, output: Output, environment: Environment, metrics: Metrics) -> Self {
        let clock = Arc::new(SystemClock::new());
        let (flags, listen, queues) = (cli.flags(), cli.global.listen(), cli.queues());
        Self { output, clock, metrics, listen, environment, flags, queues }
    }

    /// The configuration; what is odd about it is said.
    pub fn config(&self) -> anyhow::Result<Config> {
        self.config_of(self.flags.clone())
    }

    /// The configuration with the store at `url`, which the command line names as `argument`.
    pub fn config_at(&self, url: &str, argument: &'static str) -> anyhow::Result<Config> {
        let mut flags = self.flags.clone();
        flags.set(key::STORE, argument, url);
        self.config_of(flags)
    }

    fn config_of(&self, flags: Flags) -> anyhow::Result<Config> {
        if let Some(name) = self.environment.no_text.first() {
            return Err(ConfigError::NoText { name: name.clone() }.into());
        }
        let environment = self.environment.text.clone();
        let config = load(&Sources { environment, flags, read: &read_file })?;
        config.warnings().iter().for_each(|warning| self.output.warn(warning));
        Ok(config)
    }

    /// Opens the store and the queues that this command works with.
    pub fn open(&self, config: Config) -> anyhow::Result<App> {
        Ok(App::open_with(config, self.queues)?)
    }

    /// Opens a store that must be there, with its queue if there is one.
    pub async fn open_existing(&self) -> anyhow::Result<App> {
        let config = self.config()?;
        store_is_there(&*config.store)?;
        let queues = if config.queue.is_there() { self.queues } else { Queues::OfItsOwn };
        let app = App::open_with(config, queues)?;
        if !app.store().is_there().await? {
            return Err(no_store(app.store().shown()));
        }
        Ok(app)
    }
}

/// The store in a folder that must be there.
pub fn existing_store(folder: &Path) -> anyhow::Result<Store> {
    store_is_there(&FolderConfig::new(folder))?;
    Ok(Store::folder(folder)?)
}

/// A mistyped store is an error, not a new folder.
pub fn store_is_there(store: &dyn StoreConfig) -> anyhow::Result<()> {
    if store.is_missing() { Err(no_store(store)) } else { Ok(()) }
}

fn no_store(shown: impl std::fmt::Display) -> anyhow::Error {
    let hint = "name it with --store DIR|URL or MISTNET_STORE; a first collection makes one";
    failure(anyhow!("there is no store at {shown}"), Exit::NoInput, hint)
}

/// A collection that must exist.
pub async fn known(app: &App, id: &CollectionId) -> anyhow::Result<Overview> {
    match app.overview(id).await? {
        Some(overview) => Ok(overview),
        None => Err(unknown(app.store(), id).await),
    }
}

/// The report on an id that no collection has.
pub async fn unknown(store: &Store, id: &CollectionId) -> anyhow::Error {
    let names = store.folders().await.unwrap_or_default();
    let near = near(id.as_str(), names.iter().map(String::as_str));
    let hint = match near.as_slice() {
        [] if matches!(store.recognise().await, Ok(None)) => {
            "it has no _mistnet/store.json, so nothing was ever collected here: look at --store, \
             and whether its volume is mounted"
                .to_owned()
        }
        [] => "`mistnet list` shows those that there are".to_owned(),
        near => format!("did you mean {}?", near.join(" or ")),
    };
    failure(anyhow!("there is no collection {id} in {}", store.shown()), Exit::NoInput, hint)
}

/// The ids that `wanted` may be a slip of: the same beginning or the same end.
fn near<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    const MOST: usize = 3;
    let halves = |id: &str| id.rsplit_once('-').map(|(a, b)| (a.to_owned(), b.to_owned()));
    let alike = |id: &&str| match (halves(wanted), halves(id)) {
        (Some((a, b)), Some((c, d))) => a == c || b == d || id.starts_with(wanted),
        (_, _) => false,
    };
    known.filter(|id| id.parse::<CollectionId>().is_ok()).filter(alike).take(MOST).collect()
}

/// Where the dataset of a collection is, as people write it.
pub fn location(store: &Arc<dyn StoreConfig>, id: &CollectionId) -> String {
    store.dataset(id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_id_finds_those_with_the_same_beginning_or_end() {
        let known = [
            "20261122-rustlang-k3v9x2m7qa",
            "20261121-rustlang-aaaaaaaaaa",
            "20261122-golang-bbbbbbbbbb",
            "_idempotency",
        ];
        let near = |wanted| near(wanted, known.into_iter());
        assert_eq!(near("20261122-rustlang-k3v9x2m7qb"), [known[0]]);
        assert_eq!(near("20261112-rustlang-aaaaaaaaaa"), [known[1]]);
        assert_eq!(near("20261122-golang"), [known[2]]);
        assert!(near("20200101-python-zzzzzzzzzz").is_empty());
    }
}
