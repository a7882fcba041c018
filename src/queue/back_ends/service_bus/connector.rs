//! Keeps one connection: makes it when it is first needed, and a new one when it is over.
//!
//! Calls that fail in passing are repeated with growing pauses for up to [`PATIENCE`], because a
//! link that Azure detaches is an everyday thing. Before the first connection nothing is
//! repeated: a wrong address should show at once.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::bus::{Bus, Plan};
use super::trouble::{self, Trouble};

/// How long a call tries again after trouble that passes: longer than a restart of a broker's node,
/// shorter than people wait.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How long connecting may take.
const CONNECT_WAIT: Duration = Duration::from_secs(20);

/// The longest pause between tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Pauses that double.
#[derive(Debug)]
pub(super) struct Pauses(Duration);

impl Pauses {
    pub(super) fn new() -> Self {
        Self(Duration::from_millis(50))
    }

    /// The next pause, at least `least`.
    pub(super) fn next(&mut self, least: Duration) -> Duration {
        let pause = self.0.max(least);
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
        pause
    }
}

#[derive(Debug)]
struct State {
    bus: Option<Arc<Bus>>,
    /// Since the last connection.
    pauses: Pauses,
    /// What the last try came to, and when the next one may be.
    failure: Option<(Trouble, Instant)>,
    was_connected: bool,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Connector {
    plan: Arc<Plan>,
    state: Mutex<State>,
}

impl Connector {
    pub(super) fn new(plan: Plan) -> Self {
        let pauses = Pauses::new();
        let state = State { bus: None, pauses, failure: None, was_connected: false };
        Self { plan: Arc::new(plan), state: Mutex::new(state) }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A connection that is open. While the pause after a failure lasts, that failure again.
    pub(super) async fn bus(&self) -> Result<Arc<Bus>, Trouble> {
        let mut state = self.state.lock().await;
        if let Some(bus) = state.bus.as_ref().filter(|bus| bus.is_open()) {
            return Ok(Arc::clone(bus));
        }
        if let Some((trouble, until)) = &state.failure
            && Instant::now() < *until
        {
            return Err(trouble.clone());
        }
        state.bus = None;
        let connected = timeout(CONNECT_WAIT, Bus::connect(Arc::clone(&self.plan))).await;
        let connected =
            connected.unwrap_or_else(|_| Err(trouble::of_silence(CONNECT_WAIT, &self.plan.entity)));
        match connected {
            Ok(bus) => {
                state.bus = Some(Arc::clone(&bus));
                state.failure = None;
                state.pauses = Pauses::new();
                state.was_connected = true;
                Ok(bus)
            }
            Err(trouble) => {
                let until = Instant::now() + state.pauses.next(Duration::ZERO);
                state.failure = Some((trouble.clone(), until));
                Err(trouble)
            }
        }
    }

    /// Whether there ever was a connection.
    pub(super) async fn was_connected(&self) -> bool {
        self.state.lock().await.was_connected
    }

    /// Does `call`, again and again while its trouble passes and patience lasts.
    pub(super) async fn persist<T, F>(
        &self,
        call: impl Fn(Arc<Bus>) -> F + Send,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, Trouble>> + Send,
    {
        let give_up = Instant::now() + PATIENCE;
        let mut pauses = Pauses::new();
        loop {
            let tried = match self.bus().await {
                Ok(bus) => call(bus).await,
                Err(trouble) => Err(trouble),
            };
            let Err(Trouble::Passing { reason, pause }) = tried else { return tried };
            let pause = pauses.next(pause);
            if Instant::now() + pause > give_up || !self.was_connected().await {
                return Err(Trouble::Passing { reason, pause });
            }
            sleep(pause).await;
        }
    }
}
