//! The loop of a worker: a message, a turn at its collection, and what becomes of the message.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::shared::Unsaved;
use super::turn::Turn;
use super::turn_over::TurnOver;
use super::{PAUSE_AFTER_FAILURE, Sender};
use crate::model::message::{Message, Task};
use crate::queue::{Delivery, Lease, QueueError, keep};
use crate::store::StoreError;
use crate::telemetry;

/// After which time a message is looked at again whose store is not here.
const STORE_AWAY: Duration = Duration::from_secs(15);

/// How long one call to an idle queue waits, which bounds how soon a stop is noticed.
const IDLE_WAIT: Duration = Duration::from_secs(1);

/// After which time a message is looked at again that only a newer version of this program can
/// handle: soon enough for the end of an upgrade, seldom enough to cost nothing.
const WAIT_FOR_NEWER: Duration = Duration::from_mins(5);

impl Sender {
    /// Works until `stop`; then hands back what is in hand and returns. An error says that pages
    /// which may have been paid for could not be stored before the end.
    pub async fn run(&self, stop: &CancellationToken) -> Result<(), Unsaved> {
        // Tasks of their own, or all would share the one processor that polls this future.
        let mut workers = JoinSet::new();
        for _ in 0..self.settings.concurrency.max(1) {
            let (sender, stop) = (self.clone(), stop.clone());
            workers.spawn(async move { sender.work(&stop).await });
        }
        workers.join_all().await;
        self.shared.unsaved()
    }

    async fn work(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self.collect.receive(IDLE_WAIT).await {
                Ok(Some(delivery)) => self.handle(delivery, stop).await,
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(queue.name = self.collect.name(), %error, "can't receive");
                    tokio::select! {
                        biased;
                        () = stop.cancelled() => {}
                        () = self.clock.sleep(PAUSE_AFTER_FAILURE) => {}
                    }
                }
            }
        }
    }

    /// Handles one delivery; whatever happens, the message is settled or comes back.
    pub async fn handle(&self, delivery: Delivery, stop: &CancellationToken) {
        let Delivery { key, body, lease, .. } = delivery;
        let lost = CancellationToken::new();
        let work = Box::pin(self.take_turn(&body, stop, &lost));
        let over = keep(&*self.collect, &lease, &*self.clock, &lost, work).await;
        match self.settle(lease, over).await {
            Ok(()) => {}
            // Said already, by whoever renewed it.
            Err(QueueError::LeaseLost) if lost.is_cancelled() => {}
            Err(QueueError::LeaseLost) => {
                tracing::warn!(key, "a lease was lost; the message comes back");
            }
            Err(error) => tracing::warn!(key, %error, "message not settled; it will come back"),
        }
    }

    async fn settle(&self, lease: Lease, over: TurnOver) -> Result<(), QueueError> {
        let outcome = match &over {
            TurnOver::Done => "ack",
            TurnOver::Later(_) | TurnOver::Again(_) => "release",
            TurnOver::Refused { .. } => "dead_letter",
        };
        let queue = self.collect.name().to_owned();
        metrics::counter!(telemetry::MESSAGES, "queue" => queue, "outcome" => outcome).increment(1);
        match over {
            TurnOver::Done => self.collect.ack(lease).await,
            TurnOver::Later(delay) => self.collect.release(lease, delay).await,
            TurnOver::Again(_) => self.collect.release(lease, Duration::ZERO).await,
            TurnOver::Refused { reason, description } => {
                tracing::error!(reason, description, "dead letter");
                self.collect.dead_letter(lease, reason, &description).await
            }
        }
    }

    async fn take_turn(
        &self,
        body: &str,
        stop: &CancellationToken,
        lost: &CancellationToken,
    ) -> TurnOver {
        let message = match Message::parse(body) {
            Ok(message) => message,
            Err(error) if error.is_newer() => return left_to_newer(&error),
            Err(error) => return TurnOver::refused("not understood", &error),
        };
        if message.task() != Task::Collect {
            return TurnOver::refused("wrong queue", &"this message belongs on the store queue");
        }
        match self.take_turns(&message, stop, lost).await {
            Ok(over) => over,
            Err(error @ StoreError::Elsewhere { .. }) => {
                self.shared.say_once(message.collection(), &error);
                TurnOver::Later(STORE_AWAY)
            }
            Err(error) if error.is_passing() => {
                tracing::error!(collection.id = %message.collection(), %error, "the store failed");
                TurnOver::Later(PAUSE_AFTER_FAILURE)
            }
            Err(error) if error.is_newer() => left_to_newer(&error),
            // Of a store that is gone, nothing that is missing is damage.
            Err(error) => match self.store.check().await {
                Ok(()) => TurnOver::refused("log unusable", &error),
                Err(_) => TurnOver::Later(STORE_AWAY),
            },
        }
    }

    /// Takes one turn after the other, as long as they end only to say what was lost.
    async fn take_turns(
        &self,
        message: &Message,
        stop: &CancellationToken,
        lost: &CancellationToken,
    ) -> Result<TurnOver, StoreError> {
        if let Some(store) = message.store() {
            self.store.require(store).await?;
        }
        let id = message.collection();
        let Some(_in_hand) = self.shared.take_in_hand(id) else {
            return Ok(TurnOver::Later(self.collect.lease_time()));
        };
        let mut backoff = None;
        loop {
            match Turn::take(self, id.clone(), backoff, stop, lost).await? {
                TurnOver::Again(left) => backoff = Some(left),
                over => {
                    self.shared.is_back(id);
                    return Ok(over);
                }
            }
        }
    }
}

/// Leaves the message for a newer version of this program: it comes back until one takes it.
fn left_to_newer(error: &dyn std::fmt::Display) -> TurnOver {
    if telemetry::is_first(&error.to_string()) {
        tracing::warn!(%error, "left for a newer version");
    }
    TurnOver::Later(WAIT_FOR_NEWER)
}
