//! Wiring: the only room that puts back ends together, and what every face of the program shares.
//!
//! An [`App`] is a store, two queues and a clock, opened from a configuration. The command line
//! and the HTTP API are faces of it: they translate, and decide nothing.

mod lists;
mod notices;
mod queues;

use std::sync::Arc;

#[cfg(feature = "service-bus")]
pub use queues::service_bus;

pub use lists::Newest;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config, Pacing, StoreUrl};
use crate::model::overview::Overview;
use crate::model::record::{ControlAction, Provenance};
use crate::model::request::{InvalidRequest, Request, resolve};
use crate::model::{CollectionId, Spec};
use crate::notice::{Notices, signature, webhook};
use crate::queue::{Queue, QueueError};
use crate::receiver::{Receiver, Remembered};
use crate::sender::{
    self, AcceptError, ControlError, IdempotencyKey, NewCollection, Sender, Unsaved,
};
use crate::store::{Log, Store, StoreError};
use crate::x;

/// The name of the queue on which collections wait for a sender.
pub const COLLECT_QUEUE: &str = config::OWN_QUEUES[0];

/// The name of the queue on which parts wait for a receiver.
pub const STORE_QUEUE: &str = config::OWN_QUEUES[1];

/// Everything that the program works with.
#[derive(Debug, Clone)]
pub struct App {
    config: Arc<Config>,
    store: Store,
    collect: Arc<dyn Queue>,
    parts: Arc<dyn Queue>,
    clock: Arc<dyn Clock>,
    writer: String,
    ages: Arc<lists::Ages>,
}

/// Why the program can't start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store can't be used.
    #[error("can't open the store")]
    Store(#[from] StoreError),
    /// A store on Azure is in an account.
    #[error("no storage account for the store on Azure")]
    NoAccount,
    /// The queue can't be used.
    #[error("can't open the queue")]
    Queue(#[from] QueueError),
    /// The X API needs a token.
    #[error("no bearer token for the X API")]
    NoToken,
    /// The X client could not be made.
    #[error("can't set up the X client")]
    X(#[from] x::http::SetupError),
    /// The webhook can't be called as it is configured.
    #[error("can't set up the webhook for notices")]
    Webhook(#[from] webhook::SetupError),
    /// Its secret is no key.
    #[error("can't sign webhooks")]
    WebhookKey(#[from] signature::InvalidKey),
}

/// Why a process could not play its roles to a good end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not begin.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Pages that were paid for could not be stored.
    #[error(transparent)]
    Unsaved(#[from] Unsaved),
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
    /// Opens store and queues.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let store = open_store(&config)?;
        let open = |name| queues::open(&config, &config.queue, name, &clock);
        let (collect, parts) = (open(COLLECT_QUEUE)?, open(STORE_QUEUE)?);
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
        let transport = x::ReqwestTransport::new(self.config.x.api_url.clone(), token, USER_AGENT)?;
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

    /// Every collection, newest first; those whose log can't be read with the reason.
    pub async fn overviews(
        &self,
    ) -> Result<Vec<Result<Overview, (CollectionId, StoreError)>>, StoreError> {
        self.store.check().await?;
        let found = self.store.collections().await?;
        let unusable = |(id, reason): (CollectionId, String)| {
            let key = id.to_string();
            Err((id, StoreError::Corrupt { key, reason }))
        };
        let mut overviews: Vec<_> = found.damaged.into_iter().map(unusable).collect();
        for id in found.ids {
            match self.overview(&id).await {
                Ok(overview) => overviews.extend(overview.map(Ok)),
                Err(error) => overviews.push(Err((id, error))),
            }
        }
        lists::sort(&mut overviews);
        Ok(overviews)
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

fn open_store(config: &Config) -> Result<Store, OpenError> {
    Ok(match &config.store {
        StoreUrl::Folder(path) => Store::folder(path)?,
        StoreUrl::Memory => Store::memory(),
        #[cfg(feature = "azure")]
        StoreUrl::Azure { container, prefix } => {
            let account = config.storage_account.as_ref().ok_or(OpenError::NoAccount)?;
            Store::azure(account, container, prefix)?
        }
        #[cfg(not(feature = "azure"))]
        StoreUrl::Azure { .. } => return Err(OpenError::NoAccount),
    })
}

/// What this program calls itself towards X.
const USER_AGENT: &str = concat!("mistnet/", env!("CARGO_PKG_VERSION"));
