//! The queue against a simulated namespace inside the same process, in paused time.

mod faults;
mod life;
mod locks;
mod network;
mod throughput;
mod web;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use mistnet_sim_service_bus::{Options, QueueSettings, Simulator};

use super::*;
use crate::queue::back_ends::service_bus::MAX_DELIVERY_COUNT;
use crate::queue::back_ends::service_bus::address::SharedAccess;
use crate::queue::back_ends::service_bus::stream::{DialError, Stream};
use crate::queue::back_ends::service_bus::tokens::SharedAccessTokens;
use crate::queue::contract::{self, Subject, contract};

/// Policy and key of the simulated namespace.
const POLICY: &str = "Root";
const KEY: &str = "c2VjcmV0LWtleQ==";

/// The simulator's clock, so that both sides mean the same moment.
#[derive(Debug, Clone)]
struct SimClock(Simulator);

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.now_ms()).unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.now_ms().unsigned_abs())
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration).await;
    }
}

/// A way to the simulator without a network.
#[derive(Debug)]
struct Pipe {
    simulator: Simulator,
    dials: Arc<AtomicUsize>,
}

impl Pipe {
    fn to(simulator: &Simulator) -> Self {
        Self { simulator: simulator.clone(), dials: Arc::default() }
    }
}

#[async_trait]
impl Dial for Pipe {
    async fn dial(&self) -> Result<Box<dyn Stream>, DialError> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        self.dials.fetch_add(1, Ordering::Relaxed);
        let simulator = self.simulator.clone();
        tokio::spawn(async move { simulator.connection(theirs).await });
        Ok(Box::new(ours))
    }
}

/// A namespace with one queue, `q`.
struct World {
    simulator: Simulator,
}

impl World {
    fn new() -> Self {
        Self::with(|_| ())
    }

    fn with(change: impl FnOnce(&mut QueueSettings)) -> Self {
        let mut queue = QueueSettings::named("q");
        queue.lock_time = contract::SETTINGS.lease_time;
        queue.max_delivery = MAX_DELIVERY_COUNT;
        change(&mut queue);
        let options = Options {
            queues: vec![queue],
            keys: Some((POLICY.to_owned(), KEY.to_owned())),
            ..Options::default()
        };
        Self { simulator: Simulator::new(options) }
    }

    fn access() -> SharedAccess {
        SharedAccess::Key { name: POLICY.into(), key: KEY.into() }
    }

    fn queue(&self) -> Arc<ServiceBusQueue> {
        self.queue_with("q", Self::access(), 0)
    }

    fn queue_with(
        &self,
        entity: &str,
        access: SharedAccess,
        prefetch: u32,
    ) -> Arc<ServiceBusQueue> {
        let pipe = Arc::new(Pipe::to(&self.simulator));
        self.make(entity, access, contract::SETTINGS, prefetch, pipe)
    }

    /// A queue whose bodies are something else.
    fn queue_of(&self, content_type: &'static str) -> Arc<ServiceBusQueue> {
        let settings = Settings { content_type, ..contract::SETTINGS };
        self.make("q", Self::access(), settings, 0, Arc::new(Pipe::to(&self.simulator)))
    }

    /// A queue that reaches the simulator in another way.
    fn queue_by<D: Dial + 'static>(
        &self,
        dial: impl FnOnce(Simulator) -> D,
    ) -> Arc<ServiceBusQueue> {
        let dial = Arc::new(dial(self.simulator.clone()));
        self.make("q", Self::access(), contract::SETTINGS, 0, dial)
    }

    /// A queue, and how often it has dialled.
    fn counted_queue(&self) -> (Arc<ServiceBusQueue>, Arc<AtomicUsize>) {
        let pipe = Pipe::to(&self.simulator);
        let dials = Arc::clone(&pipe.dials);
        (self.make("q", Self::access(), contract::SETTINGS, 0, Arc::new(pipe)), dials)
    }

    fn make(
        &self,
        entity: &str,
        access: SharedAccess,
        settings: Settings,
        prefetch: u32,
        dial: Arc<dyn Dial>,
    ) -> Arc<ServiceBusQueue> {
        Self::make_by(entity, access, settings, prefetch, dial, self.clock())
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SimClock(self.simulator.clone()))
    }

    /// A queue on a machine whose clock is this one.
    fn queue_at(&self, clock: Arc<dyn Clock>) -> Arc<ServiceBusQueue> {
        let pipe = Arc::new(Pipe::to(&self.simulator));
        Self::make_by("q", Self::access(), contract::SETTINGS, 0, pipe, clock)
    }

    fn make_by(
        entity: &str,
        access: SharedAccess,
        settings: Settings,
        prefetch: u32,
        dial: Arc<dyn Dial>,
        clock: Arc<dyn Clock>,
    ) -> Arc<ServiceBusQueue> {
        let namespace = Namespace {
            endpoint: Endpoint::service("contoso.servicebus.windows.net"),
            dial,
            tokens: Arc::new(SharedAccessTokens::new(access, clock.clone())),
        };
        Arc::new(ServiceBusQueue::new("q", namespace, entity, settings, prefetch, clock))
    }
}

#[async_trait]
impl Subject for World {
    async fn open(&self) -> Arc<dyn Queue> {
        self.queue()
    }

    async fn pass(&self, time: Duration) {
        sleep(time).await;
    }
}

contract!(World::new());
