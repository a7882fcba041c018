//! The receiver: stores parts, and finishes datasets.
//!
//! A receiver holds no state of its own but what saves work ([`Remembered`]). It takes a part from
//! the store queue, reads the pages that the part lies on, encodes every format, and only then says
//! so: files before receipt before acknowledgement. Each of these is a `create`, so a redelivery
//! finds its own work done.
//!
//! Whoever writes a receipt, or handles the end message, looks whether everything is in
//! ([`finish`]). The last one always sees all; if it dies, its message comes back. Then others are
//! told ([`tell`]), and only then is the message acknowledged. Two may see all at the same moment:
//! of one process, the second steps aside until the first is done.

mod finish;
pub mod found;
mod kept;
mod merge;
mod part;
mod recent;
mod remembered;
mod tell;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::format::FormatError;
use crate::model::message::{Message, Task};
use crate::notice::Notices;
use crate::queue::{Delivery, Lease, Queue, QueueError, keep};
use crate::store::{Log, Store, StoreError};
use crate::telemetry;
pub use finish::package;
pub use part::InvalidPart;
pub use remembered::Remembered;

/// What a receiver works with.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Where logs and datasets are.
    pub store: Store,
    /// Parts to be stored.
    pub parts: Arc<dyn Queue>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is told when a dataset is complete; `None`: nobody.
    pub notices: Option<Notices>,
    /// What this process calls itself in records.
    pub writer: String,
    /// Parts in hand at once.
    pub concurrency: usize,
    /// What saves it work; nothing at the beginning.
    pub remembered: Remembered,
}

/// How long one call to an idle queue waits, which bounds how soon a stop is noticed.
const IDLE_WAIT: Duration = Duration::from_secs(1);

/// The pause after the store or the queue failed; the work waits, and nothing counts as an attempt.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// After which time a message is looked at again that only a newer version of this program can
/// handle: soon enough for the end of an upgrade, seldom enough to cost nothing.
const WAIT_FOR_NEWER: Duration = Duration::from_mins(5);

/// After which time a message looks again whose dataset another worker is finishing: soon beside the
/// time that its lease would take to run out, seldom beside the work.
const FINISHING_LOOK: Duration = Duration::from_secs(1);

/// Why a part could not be stored, by what becomes of its message.
#[derive(Debug, thiserror::Error)]
enum PartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Invalid(#[from] InvalidPart),
    #[error("the part can't be encoded")]
    Format(#[from] FormatError),
    #[error("encoding the part hit a defect of this program")]
    Crashed,
    #[error("another worker is finishing the dataset")]
    Finishing,
    #[error("others could not be told yet that the dataset is complete")]
    Untold {
        /// When to try again.
        delay: Duration,
    },
}

impl Receiver {
    /// Works until `stop`; then finishes what is in hand and returns.
    pub async fn run(&self, stop: &CancellationToken) {
        // Tasks of their own, or all would share the one processor that polls this future.
        let mut workers = JoinSet::new();
        for _ in 0..self.concurrency.max(1) {
            let (receiver, stop) = (self.clone(), stop.clone());
            workers.spawn(async move { receiver.work(&stop).await });
        }
        workers.join_all().await;
    }

    async fn work(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self.parts.receive(IDLE_WAIT).await {
                Ok(Some(delivery)) => self.handle(delivery).await,
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(queue.name = self.parts.name(), %error, "can't receive");
                    self.clock.sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    /// Handles one delivery; whatever happens, the message is settled or comes back.
    pub async fn handle(&self, delivery: Delivery) {
        let Delivery { key, body, lease, .. } = delivery;
        let settled = match Message::parse(&body) {
            Ok(message) => {
                let lost = CancellationToken::new();
                let work = self.do_task(&message);
                let done = keep(&*self.parts, &lease, &*self.clock, &lost, work).await;
                self.settle(&key, lease, done).await
            }
            Err(error) if error.is_newer() => self.wait(&key, lease, error.to_string()).await,
            Err(error) => self.refuse(&key, lease, "not understood", error.to_string()).await,
        };
        match settled {
            Ok(()) => {}
            Err(QueueError::LeaseLost) => tracing::debug!(key, "the lease was lost meanwhile"),
            Err(error) => tracing::warn!(key, %error, "message not settled; it will come back"),
        }
    }

    async fn do_task(&self, message: &Message) -> Result<(), PartError> {
        if let Some(store) = message.store() {
            self.store.require(store).await?;
        }
        let log = Log::new(&self.store, message.collection().clone());
        self.leave_to_newer(&log).await?;
        match message.task() {
            Task::Part(part) => self.store_part(&log, part).await?,
            Task::End if log.created().await?.is_none() => {
                return Err(InvalidPart::UnknownCollection.into());
            }
            Task::End => {}
            Task::Collect => return Err(InvalidPart::WrongQueue.into()),
        }
        // Boxed: large, and wanted once for each dataset.
        Box::pin(self.finish_if_all_in(&log, &message.key())).await
    }

    /// Refuses to touch a collection of whose log a newer version wrote something. Asked once in a
    /// while for each collection, because a listing of a large log costs as much as a part.
    async fn leave_to_newer(&self, log: &Log) -> Result<(), StoreError> {
        let (id, now) = (log.layout().id(), self.clock.elapsed());
        if !self.remembered.looks_again(id, now) {
            return Ok(());
        }
        match log.history().await {
            Err(error) if error.is_newer() => {
                self.remembered.forget(id);
                Err(error)
            }
            // Whatever else is wrong is met where it is needed.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn settle(
        &self,
        key: &str,
        lease: Lease,
        done: Result<(), PartError>,
    ) -> Result<(), QueueError> {
        match done {
            Ok(()) => {
                self.count("ack");
                self.parts.ack(lease).await
            }
            Err(PartError::Store(error)) if error.is_passing() => {
                tracing::error!(key, %error, "the store failed; the part waits");
                self.count("release");
                self.parts.release(lease, PAUSE_AFTER_FAILURE).await
            }
            Err(PartError::Store(error)) if error.is_newer() => {
                self.wait(key, lease, error.to_string()).await
            }
            Err(PartError::Store(error)) => {
                self.refuse(key, lease, "log unusable", error.to_string()).await
            }
            Err(PartError::Invalid(error)) => {
                self.refuse(key, lease, error.in_short(), error.to_string()).await
            }
            Err(PartError::Format(error)) => {
                self.refuse(key, lease, "not encodable", error.to_string()).await
            }
            Err(PartError::Finishing) => {
                self.count("release");
                self.parts.release(lease, FINISHING_LOOK).await
            }
            Err(PartError::Untold { delay }) => {
                self.count("release");
                self.parts.release(lease, delay).await
            }
            Err(error @ PartError::Crashed) => {
                tracing::error!(key, %error, "the part is tried again");
                self.count("nack");
                self.parts.nack(lease, PAUSE_AFTER_FAILURE, &error.to_string()).await
            }
        }
    }

    async fn refuse(
        &self,
        key: &str,
        lease: Lease,
        reason: &'static str,
        error: String,
    ) -> Result<(), QueueError> {
        tracing::error!(key, reason, %error, "dead letter");
        self.count("dead_letter");
        self.parts.dead_letter(lease, reason, &error).await
    }

    /// Leaves the message for a newer version of this program: it comes back until one takes it.
    async fn wait(&self, key: &str, lease: Lease, error: String) -> Result<(), QueueError> {
        if telemetry::is_first(&format!("{key}: {error}")) {
            tracing::warn!(key, %error, "left for a newer version");
        }
        self.count("release");
        self.parts.release(lease, WAIT_FOR_NEWER).await
    }

    /// Counts a message that is settled.
    fn count(&self, outcome: &'static str) {
        let queue = self.parts.name().to_owned();
        metrics::counter!(telemetry::MESSAGES, "queue" => queue, "outcome" => outcome).increment(1);
    }
}
