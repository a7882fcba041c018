//! Wiring: the only room that puts back ends together, and what every face of the program shares.
//!
//! An [`App`] is a store, two queues and a clock, opened from a configuration. The command line
//! and the HTTP API are faces of it: they translate, and decide nothing.

mod ages;
mod errors;
mod lists;
mod notices;
mod places;
mod queues;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use errors::{OpenError, RunError};
pub use lists::Newest;
pub use places::{Queues, open_queues, open_store};
pub use queues::own_queues;

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Pacing};
use crate::model::overview::Overview;
use crate::model::record::{ControlAction, Provenance};
use crate::model::request::{InvalidRequest, Request, resolve};
use crate::model::{CollectionId, Spec};
use crate::notice::Notices;
use crate::queue::Queue;
use crate::receiver::{Receiver, Remembered};
use crate::sender::{self, AcceptError, ControlError, IdempotencyKey, NewCollection, Sender};
use crate::store::{Log, Store, StoreError};
use crate::x;

/// Everything that the program works with.
#[derive(Debug, Clone)]
pub struct App {
    config: Arc<Config>,
    store: Store,
    collect: Arc<dyn Queue>,
    parts: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
    writer: String,
    ages: Arc<ages::Ages>,
}

/// Which roles a process plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roles {
    /// Both.
    Both,
    /// It fetches.
    Sender,
    /// It stores.
    Receiver,
}

impl App {
    /// Opens the store and the queues that are configured.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        Self::open_with(config, Queues::Configured)
    }

    /// Opens the store that is configured, and these queues.
    pub fn open_with(config: Config, queues: Queues) -> Result<Self, OpenError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let store = open_store(&config)?;
        let [collect, parts] = open_queues(&config, queues, &clock)?;
        let writer = format!("mistnet/{} {}", env!("CARGO_PKG_VERSION"), std::process::id());
        let (config, ages) = (Arc::new(config), Arc::default());
        Ok(Self { config, store, collect, parts, clock, writer, ages })
    }

    /// What it was opened with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where logs and datasets are.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Both queues, the collect queue first.
    pub fn queues(&self) -> [&Arc<dyn Queue>; 2] {
        [&self.collect, &self.parts]
    }

    /// The sending role; it needs a token.
    pub fn sender(&self) -> Result<Sender, OpenError> {
        let token = self.config.x.bearer_token.clone().ok_or(OpenError::NoToken)?;
        let transport =
            x::ReqwestTransport::new(self.config.x.api_url.clone(), token, notices::USER_AGENT)?;
        let pacing = match self.config.x.pacing {
            Pacing::On => x::Pacing::On,
            Pacing::Off => x::Pacing::Off,
        };
        let settings = x::Settings { pacing, ..x::Settings::default() };
        let sender = self.config.sender;
        Ok(Sender {
            store: self.store.clone(),
            collect: Arc::clone(&self.collect),
            parts: Arc::clone(&self.parts),
            x: x::Client::new(Arc::new(transport), Arc::clone(&self.clock), settings),
            clock: Arc::clone(&self.clock),
            writer: self.writer.clone(),
            settings: sender::Settings {
                concurrency: sender.concurrency,
                parts_ahead: sender.max_parts_ahead,
                ..sender::Settings::default()
            },
            shared: sender::Shared::default(),
        })
    }

    /// The receiving role, with those whom it tells of complete datasets.
    pub fn receiver(&self) -> Result<Receiver, OpenError> {
        Ok(Receiver {
            store: self.store.clone(),
            parts: Arc::clone(&self.parts),
            clock: Arc::clone(&self.clock),
            notices: self.notices()?,
            writer: self.writer.clone(),
            concurrency: self.config.receiver.concurrency,
            remembered: Remembered::default(),
        })
    }

    /// Who is told when a dataset is complete; `None`: nobody.
    pub fn notices(&self) -> Result<Option<Notices>, OpenError> {
        notices::notices(&self.config, &self.clock)
    }

    /// What this process calls itself in records.
    pub fn writer(&self) -> &str {
        &self.writer
    }

    /// Plays its roles until `stop`, then finishes or hands back what is in hand and returns.
    pub async fn run(&self, roles: Roles, stop: &CancellationToken) -> Result<(), RunError> {
        // A store that is away now is looked at again by whoever needs it.
        if let Err(error) = self.store.recognise().await {
            tracing::warn!(%error, "the store can't be recognised yet");
        }
        let send = async {
            let sender = self.sender()?;
            let (sent, ()) = tokio::join!(sender.run(stop), self.sweeps(stop));
            Ok::<(), RunError>(sent?)
        };
        match roles {
            Roles::Both => {
                let receiver = self.receiver()?;
                let (done, ()) = tokio::join!(send, receiver.run(stop));
                done
            }
            Roles::Sender => send.await,
            Roles::Receiver => {
                self.receiver()?.run(stop).await;
                Ok(())
            }
        }
    }

    /// Sweeps now and then until `stop`.
    async fn sweeps(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = sender::sweep(&self.store, &*self.collect, self.clock.now()).await {
                tracing::error!(%error, "the sweep could not read the store");
            }
            tokio::select! {
                biased;
                () = self.clock.sleep(self.config.sweep_interval) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// The specification that a request comes to, with every default filled in.
    pub fn specify(&self, request: &Request) -> Result<Spec, InvalidRequest> {
        resolve(request, &self.config.collection, self.clock.now())
    }

    /// Accepts a collection, exactly as it was specified, and returns its id. With a key, a
    /// repetition returns the same id.
    pub async fn collect(
        &self,
        spec: Spec,
        key: Option<IdempotencyKey<'_>>,
    ) -> Result<CollectionId, AcceptError> {
        let (provenance, now, random) = (self.provenance(), self.clock.now(), rand::random());
        let (queue, new) = (&*self.collect, NewCollection { spec, provenance, now, random });
        match key {
            Some(key) => sender::accept_once(&self.store, queue, new, &key).await,
            None => sender::accept(&self.store, queue, new).await,
        }
    }

    /// How a collection comes about that is accepted now.
    fn provenance(&self) -> Provenance {
        let api = self.config.x.api_url.as_str();
        Provenance {
            program: Some(concat!("mistnet/", env!("CARGO_PKG_VERSION")).to_owned()),
            x_api: Some(api.trim_end_matches('/').to_owned()),
            simulated: self.config.x.is_simulated(),
            cite: self.config.cite.clone(),
        }
    }

    /// A collection at a glance; `None` if there is none with this id.
    pub async fn overview(&self, id: &CollectionId) -> Result<Option<Overview>, StoreError> {
        let history = Log::new(&self.store, id.clone()).history().await?;
        if history.is_none() {
            // None here, or no store: the answer must not be the same.
            self.store.check().await?;
        }
        Ok(history.as_ref().map(Overview::of))
    }

    /// Pauses, resumes, cancels, or sets another budget.
    pub async fn intervene(
        &self,
        id: &CollectionId,
        action: ControlAction,
    ) -> Result<(), ControlError> {
        sender::intervene(&self.store, &*self.collect, id, action, self.clock.now()).await
    }
}
