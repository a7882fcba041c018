//! The receiving link: a task that owns it, and credit for exactly the receives that wait.
//!
//! A message that arrives after its waiter gave up is kept for the next one, but only for a third
//! of its lease: renewals come every third, so whoever gets it later would be too late with the
//! first. Older ones go back to the service. Credit is never taken back: a message under way would
//! then count as one too many, and end the link.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use fe2o3_amqp::link::RecvError;
use fe2o3_amqp::link::delivery::DeliveryInfo;
use fe2o3_amqp::types::messaging::Body;
use fe2o3_amqp::types::primitives::Value;
use fe2o3_amqp::{Delivery, Receiver};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::entity::Entity;
use super::locks::{Lock, Locks};
use super::message::Incoming;
use super::settlement::{Death, Settlement};
use super::trouble::{self, Trouble};
use crate::clock::Clock;
use crate::queue::{EXPIRED, Settings, expired_for_good};

/// Requests that may wait for the task at a time.
const WAITING: usize = 256;

/// What the inbox goes by.
#[derive(Debug, Clone)]
pub(super) struct InboxSettings {
    pub(super) queue: Settings,
    /// Messages that are fetched before anybody asks.
    pub(super) prefetch: u32,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) locks: Arc<Locks>,
}

/// A message under lock.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) info: DeliveryInfo,
    pub(super) message: Incoming,
    /// When it came.
    pub(super) since: Instant,
    /// Its lock, counted from then.
    pub(super) lock: Lock,
}

impl Received {
    /// When it is too old to be handed out: the first renewal would come too late.
    fn stale_at(&self) -> Instant {
        self.since + self.lock.lasts / 3
    }
}

enum Request {
    Receive(oneshot::Sender<Received>),
    Settle {
        info: DeliveryInfo,
        settlement: Settlement,
        reply: oneshot::Sender<Result<(), Trouble>>,
    },
    Forget(DeliveryInfo),
}

/// The receiving link.
#[derive(Debug)]
pub(super) struct Inbox {
    requests: mpsc::Sender<Request>,
    end: Arc<OnceLock<Trouble>>,
}

impl Inbox {
    /// Takes over a link that is open and has no credit yet.
    pub(super) fn new(link: Receiver, entity: Arc<Entity>, settings: InboxSettings) -> Self {
        let (requests, inbox) = mpsc::channel(WAITING);
        let end = Arc::new(OnceLock::new());
        let work =
            Work { link, entity, settings, waiting: VecDeque::new(), ready: VecDeque::new() };
        tokio::spawn({
            let end = Arc::clone(&end);
            async move { work.run(inbox, &end).await }
        });
        Self { requests, end }
    }

    /// Whether the link is still there.
    pub(super) fn is_open(&self) -> bool {
        !self.requests.is_closed()
    }

    /// The next message; waits for one until `deadline`.
    pub(super) async fn receive(&self, deadline: Instant) -> Result<Option<Received>, Trouble> {
        let (waiter, received) = oneshot::channel();
        self.requests.send(Request::Receive(waiter)).await.map_err(|_| self.ended())?;
        match tokio::time::timeout_at(deadline, received).await {
            Ok(received) => received.map(Some).map_err(|_| self.ended()),
            Err(_) => Ok(None),
        }
    }

    /// Ends a delivery. The service's answer is not awaited: a disposition that it never sees is
    /// a lock that runs out, and so another delivery.
    pub(super) async fn settle(
        &self,
        info: DeliveryInfo,
        settlement: Settlement,
    ) -> Result<(), Trouble> {
        let (reply, outcome) = oneshot::channel();
        let request = Request::Settle { info, settlement, reply };
        self.requests.send(request).await.map_err(|_| self.ended())?;
        outcome.await.map_err(|_| self.ended())?
    }

    /// Gives up a delivery whose lease ran out, so that nothing remembers it for ever.
    pub(super) fn forget(&self, info: DeliveryInfo) {
        // With the task too busy for it, the lock just runs out.
        drop(self.requests.try_send(Request::Forget(info)));
    }

    fn ended(&self) -> Trouble {
        self.end.get().cloned().unwrap_or_else(|| Trouble::passing("the receiving link ended"))
    }
}

/// What the task has.
struct Work {
    link: Receiver,
    entity: Arc<Entity>,
    settings: InboxSettings,
    waiting: VecDeque<oneshot::Sender<Received>>,
    /// Messages that nobody has asked for yet.
    ready: VecDeque<Received>,
}

impl Work {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>, end: &OnceLock<Trouble>) {
        match self.serve(&mut requests).await {
            Ok(()) => self.leave().await,
            Err(trouble) => {
                // Nobody else sets it; first, so that whoever is told of the end finds the reason.
                drop(end.set(trouble));
            }
        }
        drop(requests);
    }

    /// Until nobody has requests any more.
    async fn serve(&mut self, requests: &mut mpsc::Receiver<Request>) -> Result<(), Trouble> {
        loop {
            self.hand_out().await?;
            self.ask().await?;
            let stale = self.ready.front().map_or_else(Instant::now, Received::stale_at);
            let stale = sleep_until(stale);
            tokio::select! {
                biased;
                request = requests.recv() => {
                    let Some(request) = request else { return Ok(()) };
                    self.handle(request).await?;
                    while let Ok(request) = requests.try_recv() {
                        self.handle(request).await?;
                    }
                }
                delivery = self.link.recv::<Body<Value>>() => self.take(delivery).await?,
                () = stale, if !self.ready.is_empty() => self.put_back().await?,
            }
        }
    }

    async fn handle(&mut self, request: Request) -> Result<(), Trouble> {
        match request {
            Request::Receive(waiter) => self.waiting.push_back(waiter),
            Request::Settle { info, settlement, reply } => {
                let outcome = self.dispose(info, &settlement).await;
                let broken = outcome.clone();
                drop(reply.send(outcome));
                broken?;
            }
            Request::Forget(info) => self.dispose(info, &Settlement::Abandon).await?,
        }
        Ok(())
    }

    async fn dispose(&self, info: DeliveryInfo, settlement: &Settlement) -> Result<(), Trouble> {
        let disposed = self.link.dispose(info, settlement.disposition()).await;
        disposed.map_err(|error| Trouble::passing(format!("{}: {error}", self.entity.queue)))
    }

    /// Looks at a message that came.
    async fn take(
        &mut self,
        delivery: Result<Delivery<Body<Value>>, RecvError>,
    ) -> Result<(), Trouble> {
        let delivery = match delivery {
            Ok(delivery) => delivery,
            Err(RecvError::MessageDecode(error)) => {
                return self.refuse(error.info, 1, &error.source.to_string()).await;
            }
            Err(error) => return Err(trouble::of_recv(&error, &self.entity)),
        };
        let (info, message) = delivery.into_parts();
        let message = Incoming::read(message);
        if let Some(problem) = &message.problem {
            return self.refuse(info, message.attempt, problem).await;
        }
        if message.attempt > self.settings.queue.max_attempts {
            let deliveries = message.attempt - 1;
            let death = self.death(EXPIRED, expired_for_good(deliveries), deliveries);
            return self.dispose(info, &death).await;
        }
        let lock = self.settings.locks.delivered(message.locked_until_ms, message.enqueued_ms);
        self.ready.push_back(Received { info, message, since: Instant::now(), lock });
        Ok(())
    }

    /// Sets aside what somebody else sent.
    async fn refuse(&self, info: DeliveryInfo, deliveries: u32, why: &str) -> Result<(), Trouble> {
        tracing::warn!(queue.name = self.entity.queue, why, "a message is none of mistnet's");
        let death = self.death("not understood", why.to_owned(), deliveries);
        self.dispose(info, &death).await
    }

    fn death(&self, reason: &str, description: String, deliveries: u32) -> Settlement {
        Settlement::DeadLetter(Death {
            reason: reason.to_owned(),
            description,
            deliveries,
            since_ms: self.settings.clock.now().as_millisecond(),
        })
    }

    /// Gives what is ready to those who wait.
    async fn hand_out(&mut self) -> Result<(), Trouble> {
        self.waiting.retain(|waiter| !waiter.is_closed());
        while !self.waiting.is_empty()
            && let Some(received) = self.ready.pop_front()
        {
            if received.stale_at() <= Instant::now() {
                self.dispose(received.info, &Settlement::Release).await?;
                continue;
            }
            if let Some(waiter) = self.waiting.pop_front()
                && let Err(received) = waiter.send(received)
            {
                self.ready.push_front(received);
            }
        }
        Ok(())
    }

    /// Puts the oldest message back that nobody asked for in time.
    async fn put_back(&mut self) -> Result<(), Trouble> {
        match self.ready.pop_front() {
            Some(received) => self.dispose(received.info, &Settlement::Release).await,
            None => Ok(()),
        }
    }

    /// Gives credit for those who wait and for what is to be fetched ahead.
    async fn ask(&mut self) -> Result<(), Trouble> {
        let ready = u32::try_from(self.ready.len()).unwrap_or(u32::MAX);
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        let wanted = (waiting.saturating_add(self.settings.prefetch)).saturating_sub(ready);
        if wanted <= self.link.credit() {
            return Ok(());
        }
        let asked = self.link.set_credit(wanted).await;
        asked.map_err(|error| Trouble::passing(format!("{}: {error}", self.entity.queue)))
    }

    /// Puts back what nobody asked for, and says goodbye.
    async fn leave(mut self) {
        while let Some(received) = self.ready.pop_front() {
            // Without an answer the lock runs out.
            drop(self.dispose(received.info, &Settlement::Release).await);
        }
        drop(self.link.close().await);
    }
}
