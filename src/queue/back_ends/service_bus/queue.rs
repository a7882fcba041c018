//! The queue itself: what the contract asks of it, by way of the other files of this folder.
//!
//! What it promises beyond and besides the contract of the room:
//!
//! * **Durable** as the namespace is: [`Queue::send`] returns when the service has accepted every
//!   message. A repeated send has the same message id, which a queue with duplicate detection drops.
//! * **A lease is a lock.** It lasts as the service says (`locks`), also where that is shorter than
//!   `lease.seconds`, and is renewed with [`Queue::renew`]. After the connection broke, locks are settled and renewed by their tokens.
//! * **Settling is a request.** The service's answer to an acknowledgement is not awaited; one
//!   that got lost is another delivery when the lock runs out.
//! * **A delay of nack and release is a copy** with the delay, sent before the original is completed:
//!   a crash in between leaves both, and so one delivery too many.
//! * **Nothing is merged** ([`Merging::Never`]).
//! * **Attempts** are the service's delivery count, plus those that a copy carries along. The
//!   queue's own limit should be out of reach ([`MAX_DELIVERY_COUNT`](super::MAX_DELIVERY_COUNT)).
//! * [`Queue::depth`] reads messages to count them, up to 5,000 of each kind; the service does not
//!   tell ready from leased ([`LeasedDepth::AmongReady`]).
//! * A [`Queue::receive`] that waits less than a round trip finds only what came too late for
//!   an earlier one.
//!
//! Whether an acknowledgement of an expired lease is noticed depends on this machine's clock, which
//! counts the lease from the moment when the message arrived here.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::bus::{Bus, Plan};
use super::connector::{Connector, Pauses};
use super::dial::Dial;
use super::endpoint::Endpoint;
use super::entity::Entity;
use super::inbox::{Inbox, InboxSettings, Received};
use super::leases::{Held, Leases};
use super::locks::Locks;
use super::message::{Outgoing, transfers};
use super::settlement::{Death, Settlement};
use super::tokens::Tokens;
use super::trouble::Trouble;
use super::{calls, letters};
use crate::clock::Clock;
use crate::queue::{
    DeadLetter, Delivery, Depth, Lease, LeasedDepth, Merging, NewMessage, Queue, QueueError,
    Settings, ceil_ms, check, failed_for_good,
};

/// How long a count is believed.
///
/// Our own choice. Counting a full queue with its dead letters takes 40 operations, and Azure charges
/// for operations (azure.microsoft.com, "Service Bus pricing", read 2026-11); at this pace two full
/// queues cost one process 7 million a month, and empty ones a third of a million. Prometheus asks
/// twice as often, and more.
const COUNT_KEEPS: Duration = Duration::from_secs(30);

/// A namespace, and how to get in.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// Where it is.
    pub endpoint: Endpoint,
    /// The way there.
    pub dial: Arc<dyn Dial>,
    /// What opens it.
    pub tokens: Arc<dyn Tokens>,
}

/// A queue on Azure Service Bus; see the module.
#[derive(Debug)]
pub struct ServiceBusQueue {
    name: String,
    settings: Settings,
    clock: Arc<dyn Clock>,
    connector: Connector,
    leases: Leases,
    locks: Arc<Locks>,
}

impl ServiceBusQueue {
    /// The queue `entity` of a namespace. Nothing is connected before the first call.
    ///
    /// `prefetch` messages are fetched, and so leased, before anybody asks for them.
    pub fn new(
        name: impl Into<String>,
        namespace: Namespace,
        entity: impl Into<String>,
        settings: Settings,
        prefetch: u32,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let Namespace { endpoint, dial, tokens } = namespace;
        let Settings { lease_time: lock_duration, content_type, .. } = settings;
        let entity = Entity { endpoint, queue: entity.into(), lock_duration, content_type };
        let locks = Arc::new(Locks::new(&entity.queue, lock_duration, Arc::clone(&clock)));
        let inbox = InboxSettings {
            queue: settings,
            prefetch,
            clock: Arc::clone(&clock),
            locks: Arc::clone(&locks),
        };
        let connector = Connector::new(Plan { entity: Arc::new(entity), dial, tokens, inbox });
        Self { name: name.into(), settings, clock, connector, leases: Leases::default(), locks }
    }

    /// The command that gives the queue the settings that mistnet wants.
    pub fn update_command(&self) -> String {
        self.connector.plan().entity.settings_command()
    }

    /// What to try when the namespace can't be reached, if there is another way to it.
    pub fn way_around(&self) -> Option<String> {
        self.connector.plan().entity.endpoint.way_around()
    }

    /// Opens every link that work will need, without sending or receiving: an error names the
    /// missing queue or right. Returns what is in the queue.
    pub async fn look(&self) -> Result<Depth, QueueError> {
        let look = |bus: Arc<Bus>| async move {
            bus.outbox().await?;
            bus.inbox().await?;
            letters::depth(&bus).await
        };
        Ok(self.connector.persist(look).await?)
    }

    /// When something that waits for `delay` is due; `None` if it does not wait.
    fn due_ms(&self, delay: Duration) -> Option<i64> {
        let now = self.clock.now().as_millisecond();
        (!delay.is_zero()).then(|| now.saturating_add(ceil_ms(delay)))
    }

    fn outgoing(&self, key: &str, body: &str) -> Outgoing {
        Outgoing::new(&self.connector.plan().entity, key, body)
    }

    async fn send_all(&self, messages: &[Outgoing]) -> Result<(), Trouble> {
        self.connector
            .persist(|bus| async move {
                let outbox = bus.outbox().await?;
                let transfers = transfers(messages, outbox.max_bytes)?;
                let sends = transfers.into_iter().map(|transfer| outbox.send(transfer));
                futures::future::try_join_all(sends).await.map(drop)
            })
            .await
    }

    /// Ends a delivery that was held: on its link if that is still there, else by its token.
    async fn settle(&self, held: Held, settlement: Settlement) -> Result<(), Trouble> {
        if held.inbox.is_open() && held.inbox.settle(held.info, settlement.clone()).await.is_ok() {
            return Ok(());
        }
        let (token, settlement) = (held.token, &settlement);
        self.connector
            .persist(|bus| async move { calls::settle(&bus, token, settlement).await })
            .await
    }

    async fn renew_held(&self, held: &Held) -> Result<Option<i64>, Trouble> {
        let token = held.token;
        self.connector.persist(|bus| async move { calls::renew(&bus, token).await }).await
    }

    /// Sends a copy that waits, then completes the original. The lock is renewed first, so that
    /// nobody else has the message meanwhile.
    async fn postpone(&self, held: Held, delay: Duration, failed: u32) -> Result<(), Trouble> {
        self.renew_held(&held).await?;
        let due_ms = self.due_ms(delay);
        let copy = Outgoing { due_ms, failed, ..self.outgoing(&held.key, &held.body) };
        self.send_all(&[copy]).await?;
        if let Err(error) = self.settle(held, Settlement::Complete).await {
            // The copy is there, so the original is one delivery too many, not too few.
            tracing::debug!(
                queue.name = self.name,
                ?error,
                "a postponed message was not completed"
            );
        }
        Ok(())
    }

    fn death(&self, reason: &str, description: &str, deliveries: u32) -> Settlement {
        Settlement::DeadLetter(Death {
            reason: reason.to_owned(),
            description: description.to_owned(),
            deliveries,
            since_ms: self.clock.now().as_millisecond(),
        })
    }

    /// One try to receive: with the inbox, because only on it a delivery can be settled.
    async fn try_receive(
        &self,
        deadline: &mut Option<Instant>,
        wait: Duration,
    ) -> Result<Option<(Arc<Inbox>, Received)>, Trouble> {
        let bus: Arc<Bus> = self.connector.bus().await?;
        let inbox = Arc::clone(bus.inbox().await?);
        // Connecting takes its own time.
        let deadline = *deadline.get_or_insert_with(|| Instant::now() + wait);
        let received = inbox.receive(deadline).await?;
        Ok(received.map(|received| (inbox, received)))
    }
}

#[async_trait]
impl Queue for ServiceBusQueue {
    fn name(&self) -> &str {
        &self.name
    }

    fn merging(&self) -> Merging {
        Merging::Never
    }

    fn leased_depth(&self) -> LeasedDepth {
        LeasedDepth::AmongReady
    }

    fn lease_time(&self) -> Duration {
        self.settings.lease_time
    }

    async fn send(&self, messages: &[NewMessage]) -> Result<(), QueueError> {
        check(messages)?;
        if messages.is_empty() {
            return Ok(());
        }
        let outgoing = messages.iter().map(|NewMessage { key, body, delay }| Outgoing {
            due_ms: self.due_ms(*delay),
            ..self.outgoing(key, body)
        });
        let outgoing: Vec<_> = outgoing.collect();
        Ok(self.send_all(&outgoing).await?)
    }

    async fn receive(&self, wait: Duration) -> Result<Option<Delivery>, QueueError> {
        let give_up = Instant::now() + wait;
        let (mut deadline, mut pauses) = (None, Pauses::new());
        loop {
            match self.try_receive(&mut deadline, wait).await {
                Ok(None) => return Ok(None),
                Ok(Some((inbox, received))) => match self.leases.begin(&inbox, received) {
                    Some(delivery) => return Ok(Some(delivery)),
                    None => {
                        tracing::warn!(queue.name = self.name, "a delivery without a lock token");
                    }
                },
                Err(Trouble::Passing { reason, pause }) => {
                    let pause = pauses.next(pause);
                    if Instant::now() + pause >= give_up || !self.connector.was_connected().await {
                        return Err(QueueError::Unavailable { reason });
                    }
                    sleep(pause).await;
                }
                Err(trouble) => return Err(trouble.into()),
            }
        }
    }

    /// Always `true`: the service does not say what is ready, and counting costs.
    async fn has_waiting(&self) -> Result<bool, QueueError> {
        Ok(true)
    }

    async fn renew(&self, lease: &Lease) -> Result<Duration, QueueError> {
        let held = self.leases.get(lease)?;
        let since = Instant::now();
        match self.renew_held(&held).await {
            Ok(until_ms) => {
                let lock = self.locks.renewed(until_ms, since.elapsed());
                self.leases.renewed(lease, since, lock);
                Ok(lock.lasts)
            }
            Err(Trouble::LeaseLost) => {
                self.locks.lost_after(held.lock_age());
                // The lock is gone, so nothing is to be settled any more.
                self.leases.end(lease)?;
                Err(QueueError::LeaseLost)
            }
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn ack(&self, lease: Lease) -> Result<(), QueueError> {
        let held = self.leases.end(&lease)?;
        Ok(self.settle(held, Settlement::Complete).await?)
    }

    async fn nack(&self, lease: Lease, delay: Duration, reason: &str) -> Result<(), QueueError> {
        let held = self.leases.end(&lease)?;
        let attempt = held.attempt;
        if attempt >= self.settings.max_attempts {
            let death = self.death(reason, &failed_for_good(attempt), attempt);
            return Ok(self.settle(held, death).await?);
        }
        if delay.is_zero() {
            return Ok(self.settle(held, Settlement::Abandon).await?);
        }
        Ok(self.postpone(held, delay, attempt).await?)
    }

    async fn release(&self, lease: Lease, delay: Duration) -> Result<(), QueueError> {
        let held = self.leases.end(&lease)?;
        Ok(self.postpone(held, delay, 0).await?)
    }

    async fn dead_letter(
        &self,
        lease: Lease,
        reason: &str,
        description: &str,
    ) -> Result<(), QueueError> {
        let held = self.leases.end(&lease)?;
        let death = self.death(reason, description, held.attempt);
        Ok(self.settle(held, death).await?)
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        let list = |bus: Arc<Bus>| async move { letters::list(&bus, limit).await };
        Ok(self.connector.persist(list).await?)
    }

    async fn replay(&self, id: i64) -> Result<bool, QueueError> {
        let replay = |bus: Arc<Bus>| async move { letters::replay(&bus, id).await };
        Ok(self.connector.persist(replay).await?)
    }

    fn depth_keeps(&self) -> Duration {
        COUNT_KEEPS
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        let depth = |bus: Arc<Bus>| async move { letters::depth(&bus).await };
        Ok(self.connector.persist(depth).await?)
    }

    async fn reach(&self) -> Result<(), QueueError> {
        let reach = |bus: Arc<Bus>| async move { letters::reach(&bus).await };
        Ok(self.connector.persist(reach).await?)
    }
}
