//! One simulated world: a collection, processes that die and come back, and a user with patience.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use jiff::Timestamp;
use mistnet::clock::{Clock, TestClock};
use mistnet::model::message::{Message, Task};
use mistnet::model::overview::Overview;
use mistnet::model::record::{Channel, ControlAction};
use mistnet::model::spec::{Archive, Dialect, Expand, FileFormat, Profile, Spec, Window};
use mistnet::model::state::State;
use mistnet::model::{CollectionId, Usd};
use mistnet::notice::Notifier;
use mistnet::queue::memory::MemoryQueue;
use mistnet::queue::{Merging, NewMessage, Queue, Settings};
use mistnet::receiver::{Receiver, Remembered};
use mistnet::sender::{self, Sender};
use mistnet::store::{Log, Store};
use mistnet::x::router::RouterTransport;
use mistnet::x::{self, HttpRequest, HttpResponse, Transport, TransportError};
use mistnet_sim_x::{Fault, Ledger, Options, ScheduledFault, ShortPages, Simulator};
use object_store::ObjectStore;
use tokio_util::sync::CancellationToken;

use super::chaos::{ASK_X, Chaos, Fate, Mortal, Weather};
use super::notifier::{Heard, StormyNotifier};
use super::queue::StormyQueue;
use super::store::{Place, StormyStore};
use crate::support::{asked, new_collection, notices};

/// The longest that a world may take, in its own time.
const PATIENCE: Duration = Duration::from_hours(7 * 24);

/// Processes of each role.
const SENDERS: usize = 2;
const RECEIVERS: usize = 2;

pub struct World {
    pub chaos: Chaos,
    pub store: Store,
    pub spec: Spec,
    /// What others were told.
    pub heard: Heard,
    pub place: Place,
    /// The collect queue of a process that works beside the others, as `resume --here` does.
    beside: Arc<MemoryQueue>,
    collect: Arc<MemoryQueue>,
    parts: Arc<MemoryQueue>,
    clock: Arc<dyn Clock>,
    simulator: Simulator,
    merging: Merging,
    seed: u64,
    id: std::sync::OnceLock<CollectionId>,
}

impl World {
    pub fn new(seed: u64, weather: Weather) -> Self {
        let chaos = Chaos::new(seed, weather);
        let start: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(TestClock::at(start));
        let settings = Settings {
            lease_time: Duration::from_secs(20),
            max_attempts: 50,
            ..Settings::default()
        };
        let queue = |name: &str| Arc::new(MemoryQueue::new(name, settings, Arc::clone(&clock)));
        let place = Place::new(&clock);
        let spec = spec(&chaos, start);
        let options = Options {
            seed,
            tweets: chaos.pick(0..260),
            hashtag: "rustlang".into(),
            since: spec.window.start,
            until: spec.window.end,
            start: Some(start),
            latency: Duration::from_millis(chaos.pick(0..900)),
            short_pages: if chaos.happens(0.5) { ShortPages::Real } else { ShortPages::Off },
            ..Options::default()
        };
        let simulator = Simulator::new(options);
        if weather == Weather::Storm {
            simulator.faults(faults(&chaos));
        }
        let merging = if chaos.happens(0.5) { Merging::WhileLive } else { Merging::Never };
        let store = Store::new(Arc::new(place.objects.clone()), "memory");
        let (collect, parts, beside) = (queue("collect"), queue("store"), queue("collect"));
        Self {
            chaos,
            store,
            spec,
            heard: Heard::default(),
            place,
            beside,
            collect,
            parts,
            clock,
            simulator,
            merging,
            seed,
            id: std::sync::OnceLock::new(),
        }
    }

    pub fn id(&self) -> &CollectionId {
        self.id.get().unwrap()
    }

    pub fn log(&self) -> Log {
        Log::new(&self.store, self.id().clone())
    }

    pub fn ledger(&self) -> Ledger {
        self.simulator.ledger()
    }

    /// The ids that the collection should find, newest first.
    pub fn truth(&self) -> Vec<u64> {
        self.simulator.matching_ids("#rustlang").unwrap()
    }

    /// Runs until the collection is over.
    pub async fn run(&self) {
        let stop = CancellationToken::new();
        let senders =
            (0..SENDERS).map(|n| self.immortal(format!("sender {n}"), Role::Sender, &stop));
        let receivers =
            (0..RECEIVERS).map(|n| self.immortal(format!("receiver {n}"), Role::Receiver, &stop));
        let beside = self.immortal("beside".to_owned(), Role::Beside, &stop);
        let processes = senders.chain(receivers).collect::<Vec<_>>();
        let processes = futures::future::join(futures::future::join_all(processes), beside);
        let user = async {
            self.user().await;
            stop.cancel();
        };
        let both = futures::future::join(processes, user);
        assert!(tokio::time::timeout(PATIENCE, both).await.is_ok(), "it never ended");
    }

    /// Asks for the collection and sees to it until it is over.
    async fn user(&self) {
        let new = new_collection(self.spec.clone(), self.clock.now(), self.seed.into());
        let id = sender::accept(&self.store, &*self.collect, new).await;
        self.id.set(id.unwrap()).unwrap();
        loop {
            self.clock.sleep(Duration::from_secs(30)).await;
            let history = self.log().history().await.unwrap().unwrap();
            let overview = Overview::of(&history);
            match overview.state {
                State::Complete | State::Cancelled
                    if overview.parts == Some(overview.parts_stored) =>
                {
                    if history.complete && self.log().notified().await.unwrap().is_some() {
                        return;
                    }
                }
                State::Paused | State::Failed => self.mend(&overview).await,
                _ => self.meddle().await,
            }
            self.resume_beside().await;
            self.unmount().await;
        }
    }

    /// Mends what stopped the collection.
    async fn mend(&self, overview: &Overview) {
        self.chaos.tell(format!("{:?}", overview.trouble.as_ref().map(|trouble| &trouble.code)));
        if overview.trouble.as_ref().is_some_and(|trouble| trouble.code == "budget") {
            let max_cost = overview.max_cost_usd.unwrap_or_default() + Usd::from_micros(2_000_000);
            self.intervene(ControlAction::Budget { max_cost }).await;
        }
        self.intervene(ControlAction::Resume).await;
    }

    /// Changes their mind now and then.
    async fn meddle(&self) {
        if self.chaos.weather() == Weather::Storm && self.chaos.happens(0.03) {
            self.intervene(ControlAction::Pause).await;
        }
    }

    /// Types `resume --here` now and then, while the service works at the same collection.
    async fn resume_beside(&self) {
        if self.chaos.happens(0.1) {
            let id = self.id().clone();
            let message = Message::new(id, self.store.id().cloned(), Task::Collect);
            let (key, body) = (message.key(), message.to_json());
            let message = NewMessage { key, body, delay: Duration::ZERO };
            self.beside.send(&[message]).await.unwrap();
        }
    }

    /// Takes the store away for a while, and sees that nothing is bought or written meanwhile.
    async fn unmount(&self) {
        if self.chaos.weather() != Weather::Storm || !self.chaos.happens(0.04) {
            return;
        }
        self.chaos.tell("the store is gone");
        let before = self.ledger().requests_total;
        self.place.gone.store(true, Ordering::Relaxed);
        self.clock.sleep(Duration::from_secs(self.chaos.pick(20..2_000))).await;
        self.place.gone.store(false, Ordering::Relaxed);
        self.chaos.tell("the store is back");
        // What was on its way to X when the store went comes after all; nothing is asked anew. A
        // process that slept between its look at the store and what it does then comes late.
        let (bought, asleep) = (self.ledger().requests_total - before, self.chaos.naps() as usize);
        let story = self.chaos.story();
        assert!(bought <= 2 + asleep as u64, "{bought} requests without a store: {story:#?}");
        let left: Vec<_> = self.place.empty.list(None).collect().await;
        assert!(left.len() <= asleep, "{left:?} in the wrong place: {story:#?}");
    }

    async fn intervene(&self, action: ControlAction) {
        let now = self.clock.now();
        match sender::intervene(&self.store, &*self.collect, self.id(), action, now).await {
            Ok(()) | Err(sender::ControlError::Over { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// A process that is started again whenever it dies.
    async fn immortal(&self, name: String, role: Role, stop: &CancellationToken) {
        for life in 0.. {
            let mortal = Mortal::new(&self.chaos);
            let death = mortal.death.clone();
            let writer = format!("{name}, life {life}");
            let live = async {
                match role {
                    Role::Sender => {
                        let sender = self.sender(&self.collect, &mortal, writer);
                        let sweeps = self.sweeps(&mortal, stop);
                        let (sent, ()) = futures::future::join(sender.run(stop), sweeps).await;
                        sent.unwrap();
                    }
                    Role::Beside => {
                        self.sender(&self.beside, &mortal, writer).run(stop).await.unwrap();
                    }
                    Role::Receiver => self.receiver(&mortal, writer).run(stop).await,
                }
            };
            tokio::select! {
                biased;
                () = death.cancelled() => {}
                () = live => return,
            }
            self.clock.sleep(Duration::from_secs(3)).await;
        }
    }

    async fn sweeps(&self, mortal: &Mortal, stop: &CancellationToken) {
        let store = self.stormy_store(mortal);
        let collect = self.stormy_queue(&self.collect, mortal);
        while !stop.is_cancelled() {
            let _ = sender::sweep(&store, &*collect, self.clock.now()).await;
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = self.clock.sleep(Duration::from_mins(5)) => {}
            }
        }
    }

    fn stormy_store(&self, mortal: &Mortal) -> Store {
        let store = StormyStore { place: self.place.clone(), mortal: mortal.clone() };
        Store::new(Arc::new(store), "stormy")
    }

    fn stormy_queue(&self, queue: &Arc<MemoryQueue>, mortal: &Mortal) -> Arc<dyn Queue> {
        let (inner, mortal) = (Arc::clone(queue), mortal.clone());
        Arc::new(StormyQueue { inner, mortal, merging: self.merging })
    }

    fn sender(&self, collect: &Arc<MemoryQueue>, mortal: &Mortal, writer: String) -> Sender {
        let router = RouterTransport::new(self.simulator.router(), "token");
        let transport = StormyTransport { inner: router, mortal: mortal.clone() };
        let clock = Arc::clone(&self.clock);
        Sender {
            store: self.stormy_store(mortal),
            collect: self.stormy_queue(collect, mortal),
            parts: self.stormy_queue(&self.parts, mortal),
            x: x::Client::new(Arc::new(transport), Arc::clone(&clock), x::Settings::default()),
            clock,
            writer,
            settings: sender::Settings { concurrency: 2, chance: || 0.5, ..Default::default() },
            shared: sender::Shared::default(),
        }
    }

    fn receiver(&self, mortal: &Mortal, writer: String) -> Receiver {
        Receiver {
            store: self.stormy_store(mortal),
            parts: self.stormy_queue(&self.parts, mortal),
            clock: Arc::clone(&self.clock),
            notices: Some(notices(vec![
                self.stormy_notifier(Channel::Queue, mortal),
                self.stormy_notifier(Channel::Webhook, mortal),
            ])),
            writer,
            concurrency: 2,
            remembered: Remembered::default(),
        }
    }

    fn stormy_notifier(&self, channel: Channel, mortal: &Mortal) -> Arc<dyn Notifier> {
        let (heard, mortal) = (Arc::clone(&self.heard), mortal.clone());
        Arc::new(StormyNotifier { channel, heard, mortal })
    }
}

#[derive(Clone, Copy)]
enum Role {
    Sender,
    Receiver,
    Beside,
}

fn spec(chaos: &Chaos, now: Timestamp) -> Spec {
    let back = |seconds: i64| now.checked_sub(jiff::SignedDuration::from_secs(seconds)).unwrap();
    let archive = if chaos.happens(0.5) { Archive::All } else { Archive::Recent };
    // Recent search knows seven days, and the storm may last for one.
    let days = if archive == Archive::All { 30 } else { 5 };
    let mut spec = Spec {
        window: Window { start: back(days * 24 * 3600), end: back(60) },
        limit: chaos.happens(0.7).then(|| chaos.pick(1..300)),
        max_cost: chaos.happens(0.3).then(|| Usd::from_micros(chaos.pick(0..4_000_000))),
        partition_size: chaos.pick(1..80),
        profile: if chaos.happens(0.5) { Profile::Full } else { Profile::Original },
        single_file: chaos.happens(0.8),
        archive,
        dialect: if chaos.happens(0.5) { Dialect::Tweet } else { Dialect::Post },
        expand: Expand {
            authors: chaos.happens(0.5),
            referenced: chaos.happens(0.3),
            ..Expand::default()
        },
        ..asked(1)
    };
    if spec.partition_size.is_multiple_of(8) {
        // Merged by appending parts like CSV, and by encoding all pages again.
        spec.formats.extend([FileFormat::JsonlGz, FileFormat::JsonlZst]);
    }
    spec
}

/// X's own faults, a handful of them.
fn faults(chaos: &Chaos) -> Vec<ScheduledFault> {
    let form = mistnet_sim_x::Form::default();
    let kinds = [
        Fault::RateWindow { reset_in_seconds: 300, form },
        Fault::OnePerSecond,
        Fault::CreditsDepleted { form },
        Fault::SpendCap,
        Fault::UsageCap,
        Fault::Unauthorized,
        Fault::TokenRefused,
        Fault::ServerError { status: 503, form },
        Fault::HtmlBody,
        Fault::EmptyBody,
        Fault::CutBody { percent: 50 },
        Fault::Reset { stage: mistnet_sim_x::Stage::default() },
        Fault::RepeatPage,
        Fault::LoopToken,
        Fault::ChangeMetrics,
        Fault::NoRateHeaders,
        Fault::ClockSkew { seconds: 3000 },
        Fault::UnknownFields,
        Fault::LoneSurrogates,
        Fault::WrongTypes,
        Fault::DuplicatePosts { count: 3 },
        Fault::OutOfOrder,
    ];
    (0..chaos.pick(0..8))
        .map(|_| {
            let kind = kinds[usize::try_from(chaos.pick(0..kinds.len() as u64)).unwrap()];
            chaos.tell(format!("X will {}", kind.name()));
            ScheduledFault::nth(chaos.pick(1..20), kind)
        })
        .collect()
}

/// X, as one mortal process reaches it.
#[derive(Debug)]
struct StormyTransport {
    inner: RouterTransport,
    mortal: Mortal,
}

#[async_trait]
impl Transport for StormyTransport {
    async fn get(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        match self.mortal.fate(ASK_X).await {
            Fate::Works | Fate::Nap => self.inner.get(request).await,
            Fate::Dropped => Err(TransportError::NotSent { detail: "no route".into() }),
            Fate::AnswerLost => {
                let _ = self.inner.get(request).await;
                self.mortal.chaos.count_lost_answer();
                Err(TransportError::AnswerLost { detail: "connection reset".into() })
            }
            Fate::CrashBefore => self.mortal.die().await,
            Fate::CrashAfter => {
                let _ = self.inner.get(request).await;
                self.mortal.die().await
            }
        }
    }
}
