//! What the connections of a simulator share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::broker::Broker;
use super::clock::Clock;
use super::faults::{Armed, Fault};
use super::options::Options;

/// Counters of what every connection must hear of. One that was busy sees how far they have come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// Messages or locks have changed.
    pub changes: u64,
    /// Links were detached.
    pub detaches: u64,
    /// Connections were dropped.
    pub drops: u64,
    /// Tokens have expired.
    pub expiries: u64,
}

/// What changes.
#[derive(Debug)]
pub struct State {
    /// The queues.
    pub broker: Broker,
    /// Faults to come.
    pub armed: Armed,
}

/// See the module.
#[derive(Debug)]
pub struct Shared {
    /// The choices.
    pub options: Options,
    /// The time.
    pub clock: Clock,
    state: Mutex<State>,
    signals: watch::Sender<Signals>,
}

impl Shared {
    /// Empty queues; the clock starts now.
    pub fn new(options: Options) -> Self {
        let clock = Clock::start();
        let broker = Broker::new(&options.queues, clock.now_ms());
        let state = Mutex::new(State { broker, armed: Armed::default() });
        Self { options, clock, state, signals: watch::Sender::default() }
    }

    /// The queues as they are now, and the time it is.
    pub fn state(&self) -> (MutexGuard<'_, State>, i64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = self.clock.now_ms();
        state.broker.advance(now_ms);
        (state, now_ms)
    }

    /// Hears of signals from now on.
    pub fn subscribe(&self) -> watch::Receiver<Signals> {
        self.signals.subscribe()
    }

    /// Tells all connections that messages or locks have changed.
    pub fn changed(&self) {
        self.signals.send_modify(|signals| signals.changes += 1);
    }

    /// Lets a fault happen, or arms it.
    pub fn inject(&self, fault: Fault) {
        let (mut state, now_ms) = self.state();
        state.armed.arm(fault);
        if fault == Fault::LoseLocks {
            state.broker.lose_locks(now_ms);
        }
        drop(state);
        self.signals.send_modify(|signals| match fault {
            Fault::ForceDetach => signals.detaches += 1,
            Fault::DropConnections => signals.drops += 1,
            Fault::ExpireTokens => signals.expiries += 1,
            Fault::LoseLocks
            | Fault::ServerBusy { .. }
            | Fault::SlowDispositions { .. }
            | Fault::LoseDispositions { .. }
            | Fault::DuplicateDeliveries { .. } => signals.changes += 1,
        });
    }

    /// Empties the queues, forgets faults, drops connections.
    pub fn reset(&self) {
        let (mut state, now_ms) = self.state();
        state.broker = Broker::new(&self.options.queues, now_ms);
        state.armed = Armed::default();
        drop(state);
        self.signals.send_modify(|signals| signals.drops += 1);
    }
}
