//! A rig: sender and receiver against the X simulator, in virtual time.
//!
//! Everything works unless a test says otherwise: X's faults are scheduled at the simulator,
//! [`Doctor`] changes what X answers, and [`FlakyStore`] takes the store away for a while. The
//! seeded storm of the simulation is another matter: here every test knows what goes wrong.

mod dataset;
mod doctor;
mod flaky_store;
mod listener;
mod timed_memory;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use mistnet::clock::{Clock, TestClock};
use mistnet::config::Config;
use mistnet::model::record::Provenance;
use mistnet::model::request::{Request, resolve};
use mistnet::model::spec::{Spec, Window};
use mistnet::model::{CollectionId, Usd};
use mistnet::notice::Notices;
use mistnet::queue::memory::MemoryQueue;
use mistnet::queue::{DeadLetter, Delivery, NewMessage, Queue, Settings};
use mistnet::receiver::{Receiver, Remembered};
use mistnet::sender::{self, NewCollection, Sender};
use mistnet::store::{Log, Store};
use mistnet::x::{self, router::RouterTransport};
use mistnet_sim_x::{Fault, Options, ScheduledFault, ShortPages, Simulator};
use tokio_util::sync::CancellationToken;

pub use dataset::Dataset;
pub use doctor::Doctor;
pub use flaky_store::{FlakyStore, Outage};
pub use listener::{Listener, notices};
pub use timed_memory::TimedMemory;

/// The longest that anything may take, in virtual time.
const PATIENCE: Duration = Duration::from_hours(48);

/// The moment at which every rig starts.
pub fn start() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn window() -> Window {
    let back = |hours| start().checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap();
    Window { start: back(30 * 24), end: back(1) }
}

/// A simulator in which so many tweets carry `#rustlang`, all of them in the window of [`asked`].
/// Its pages are full.
pub fn available(tweets: u64) -> Options {
    let Window { start: since, end: until } = window();
    Options {
        seed: 7,
        tweets,
        hashtag: "rustlang".into(),
        since,
        until,
        start: Some(start()),
        latency: Duration::from_millis(200),
        short_pages: ShortPages::Off,
        ..Options::default()
    }
}

/// A collection of `#rustlang` with everything as by default, and this limit.
pub fn asked(limit: u64) -> Spec {
    let request = Request { hashtag: Some("rustlang".into()), ..Request::default() };
    let defaults = Config::defaults().unwrap().collection;
    let spec = resolve(&request, &defaults, start()).unwrap();
    Spec { window: window(), limit: Some(limit), ..spec }
}

/// A collection of everything there is.
pub fn asked_for_all() -> Spec {
    let max_cost = Some(Usd::from_micros(1_000_000_000_000));
    Spec { limit: None, max_cost, ..asked(1) }
}

/// A collection to be accepted, of which nothing more is known.
pub fn new_collection(spec: Spec, now: Timestamp, random: u128) -> NewCollection {
    NewCollection { spec, provenance: Provenance::default(), now, random }
}

/// One sender and one receiver, or more, and all that they work with.
pub struct Rig {
    pub simulator: Simulator,
    pub objects: Arc<FlakyStore>,
    pub store: Store,
    pub collect: Arc<MemoryQueue>,
    pub parts: Arc<MemoryQueue>,
    pub clock: Arc<dyn Clock>,
    /// Who is told; nobody unless a test says so.
    pub notices: Option<Notices>,
    x: x::Client,
    accepted: AtomicU64,
}

impl Rig {
    /// A rig whose X answers as it is.
    pub fn new(options: Options) -> Self {
        Self::with(options, Doctor::default())
    }

    /// A rig whose X is doctored.
    pub fn with(options: Options, doctor: Doctor) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(TestClock::at(start()));
        let settings = Settings { lease_time: Duration::from_secs(20), ..Settings::default() };
        let queue = |name: &str| Arc::new(MemoryQueue::new(name, settings, Arc::clone(&clock)));
        let (collect, parts) = (queue("collect"), queue("store"));
        let simulator = Simulator::new(options);
        let router = RouterTransport::new(simulator.router(), "token");
        let transport = Arc::new(doctor.between(router));
        let x = x::Client::new(transport, Arc::clone(&clock), x::Settings::default());
        let objects = Arc::new(FlakyStore::new(Arc::clone(&clock)));
        let store = Store::new(Arc::clone(&objects) as _, "memory");
        let accepted = AtomicU64::new(1);
        Self { simulator, objects, store, collect, parts, clock, notices: None, x, accepted }
    }

    /// Schedules what X does wrong, each by the number of the request.
    pub fn faults(&self, faults: &[(u64, Fault)]) {
        let scheduled = faults.iter().map(|(n, fault)| ScheduledFault::nth(*n, *fault));
        self.simulator.faults(scheduled.collect());
    }

    pub async fn accept(&self, spec: Spec) -> CollectionId {
        let random = self.accepted.fetch_add(1, Ordering::Relaxed);
        let new = new_collection(spec, self.clock.now(), random.into());
        sender::accept(&self.store, &*self.collect, new).await.unwrap()
    }

    pub fn log(&self, id: &CollectionId) -> Log {
        Log::new(&self.store, id.clone())
    }

    pub fn sender(&self) -> Sender {
        Sender {
            store: self.store.clone(),
            collect: Arc::clone(&self.collect) as _,
            parts: Arc::clone(&self.parts) as _,
            x: self.x.clone(),
            clock: Arc::clone(&self.clock),
            writer: "sender".into(),
            settings: sender::Settings { chance: || 0.5, ..Default::default() },
            shared: sender::Shared::default(),
        }
    }

    pub fn receiver(&self) -> Receiver {
        Receiver {
            store: self.store.clone(),
            parts: Arc::clone(&self.parts) as _,
            clock: Arc::clone(&self.clock),
            notices: self.notices.clone(),
            writer: "receiver".into(),
            concurrency: 2,
            remembered: Remembered::default(),
        }
    }

    /// Collects from beginning to end.
    pub async fn collect(&self, spec: Spec) -> Dataset {
        let id = self.accept(spec).await;
        self.run_until_complete(&[&id]).await;
        Dataset::read(&self.store, &id).await
    }

    /// Sends and receives until these collections are complete.
    pub async fn run_until_complete(&self, ids: &[&CollectionId]) {
        self.run(1, async || {
            for id in ids {
                if self.log(id).manifest().await.ok().flatten().is_none() {
                    return false;
                }
            }
            true
        })
        .await;
    }

    /// Sends until the collection is sealed; nobody receives.
    pub async fn send_until_sealed(&self, id: &CollectionId) {
        self.run(0, async || {
            let idle = self.collect.depth().await.unwrap().leased == 0;
            idle && self.log(id).sealed().await.unwrap().is_some()
        })
        .await;
    }

    /// Runs one sender and so many receivers until `done`.
    pub async fn run(&self, receivers: usize, done: impl AsyncFn() -> bool) {
        let stop = CancellationToken::new();
        let (sender, receiver) = (self.sender(), self.receiver());
        let receiving = futures::future::join_all((0..receivers).map(|_| receiver.run(&stop)));
        let watching = async {
            while !done().await {
                self.clock.sleep(Duration::from_secs(1)).await;
            }
            stop.cancel();
        };
        let all = futures::future::join3(sender.run(&stop), receiving, watching);
        let (sent, ..) = tokio::time::timeout(PATIENCE, all).await.expect("it never ended");
        sent.unwrap();
    }

    /// Runs one sender and one receiver for a while.
    pub async fn run_for(&self, time: Duration) {
        let end = self.clock.elapsed() + time;
        self.run(1, async || self.clock.elapsed() >= end).await;
    }

    /// Takes everything on the store queue on lease.
    pub async fn take_parts(&self) -> Vec<Delivery> {
        let mut taken = Vec::new();
        while let Some(delivery) = self.parts.receive(Duration::ZERO).await.unwrap() {
            taken.push(delivery);
        }
        taken
    }

    /// The dead letters of both queues.
    pub async fn dead_letters(&self) -> Vec<DeadLetter> {
        let mut letters = self.collect.dead_letters(100).await.unwrap();
        letters.extend(self.parts.dead_letters(100).await.unwrap());
        letters
    }

    /// What was asked of X: `max_results` and the token of each request.
    pub fn requests(&self) -> Vec<(u64, Option<String>)> {
        let read = |query: &str| {
            let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
            let value = |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            let size = value("max_results").unwrap().parse().unwrap();
            (size, value("next_token").map(str::to_owned))
        };
        self.simulator.ledger().requests.iter().map(|entry| read(&entry.query)).collect()
    }

    /// Asserts that X served nothing twice.
    pub fn assert_nothing_fetched_twice(&self) {
        let served = self.simulator.ledger().served_posts;
        let twice: Vec<_> = served.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{} posts were served twice", twice.len());
    }

    /// The ids that match, newest first.
    pub fn truth(&self) -> Vec<u64> {
        self.simulator.matching_ids("#rustlang").unwrap()
    }
}

/// Puts a body on a queue as anybody with access could.
pub async fn forge(queue: &dyn Queue, key: &str, body: &str) {
    let message = NewMessage { key: key.into(), body: body.into(), delay: Duration::ZERO };
    queue.send(&[message]).await.unwrap();
}
