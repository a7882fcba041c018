//! The receiver: stores parts, and finishes datasets.
//!
//! A receiver holds no state of its own but what saves work ([`Remembered`]). It takes a part from
//! the store queue, reads the pages that the part lies on, encodes every format, and only then says
//! so: files before receipt before acknowledgement. Each of these is a `create`, so a redelivery
//! finds its own work done.
//!
//! Whoever writes a receipt, or handles the end message, looks whether everything is in
//! ([`finish`]). The last one always sees all; if it dies, its message comes back. Two may see all
//! at the same moment: of one process, the second steps aside until the first is done.
//!
//! Then others are told ([`tell`]), and only then is the message acknowledged. Those who are told may
//! take their time, so this is not done by the workers that store: they hand the message over to a
//! few of their own kind ([`teller`]), or back to the queue if all of these are busy.

mod finish;
pub mod found;
mod kept;
mod merge;
mod part;
mod recent;
mod remembered;
mod tell;
mod teller;

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
use tell::Due;
pub use tell::tell_again;
use teller::{Desk, Handed};

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

/// What is to be done with a message after the work on it.
enum Then {
    /// It is settled.
    Settle,
    /// Others are told first.
    Tell(Due),
}

impl Receiver {
    /// Works until `stop`; then finishes what is in hand and returns. A notice that is being told is
    /// cut off, and told later.
    pub async fn run(&self, stop: &CancellationToken) {
        self.run_and_tell(stop, stop).await;
    }

    /// The same, with a token of its own for when notices are cut off: a process that ends because
    /// its work is done tells others first.
    pub async fn run_and_tell(&self, stop: &CancellationToken, cut: &CancellationToken) {
        // Tasks of their own, or all would share the one processor that polls this future.
        let mut workers = JoinSet::new();
        let (desk, handed) = teller::desk();
        for _ in 0..self.concurrency.max(1) {
            let (receiver, stop, desk) = (self.clone(), stop.clone(), desk.clone());
            workers.spawn(async move { receiver.work(&stop, &desk).await });
        }
        // The teller ends when no worker is left that could hand it something.
        drop(desk);
        let (receiver, cut) = (self.clone(), cut.clone());
        workers.spawn(async move { receiver.tell_what_is_handed(handed, &cut).await });
        workers.join_all().await;
    }

    async fn work(&self, stop: &CancellationToken, desk: &Desk) {
        while !stop.is_cancelled() {
            match self.parts.receive(IDLE_WAIT).await {
                Ok(Some(delivery)) => self.handle_with(delivery, Some(desk)).await,
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(queue.name = self.parts.name(), %error, "can't receive");
                    self.pause(stop).await;
                }
            }
        }
    }

    /// Lets a failure pass, unless a stop comes first.
    async fn pause(&self, stop: &CancellationToken) {
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = self.clock.sleep(PAUSE_AFTER_FAILURE) => {}
        }
    }

    /// Handles one delivery to its end, notices included; whatever happens, the message is settled
    /// or comes back.
    pub async fn handle(&self, delivery: Delivery) {
        self.handle_with(delivery, None).await;
    }

    async fn handle_with(&self, delivery: Delivery, desk: Option<&Desk>) {
        let Delivery { key, body, lease, .. } = delivery;
        let lost = CancellationToken::new();
        let message = match Message::parse(&body) {
            Ok(message) => message,
            Err(error) if error.is_newer() => {
                let waits = self.wait(&key, lease, error.to_string()).await;
                return report(&key, waits, &lost);
            }
            Err(error) => {
                let refused = self.refuse(&key, lease, "not understood", error.to_string()).await;
                return report(&key, refused, &lost);
            }
        };
        let work = self.do_task(&message);
        let done = keep(&*self.parts, &lease, &*self.clock, &lost, work).await;
        let due = match done {
            Ok(Then::Tell(due)) => due,
            Ok(Then::Settle) => return self.conclude(&key, lease, Ok(()), &lost).await,
            Err(error) => return self.conclude(&key, lease, Err(error), &lost).await,
        };
        let Some(desk) = desk else {
            let telling = self.tell_due(&due);
            let told = keep(&*self.parts, &lease, &*self.clock, &lost, telling).await;
            return self.conclude(&key, lease, told, &lost).await;
        };
        let Some(place) = self.remembered.place_to_tell() else {
            let busy = Err(PartError::Untold { delay: self.until_a_place(&due) });
            return self.conclude(&key, lease, busy, &lost).await;
        };
        desk.hand(Handed { key, lease, due, place });
    }

    /// Settles a message after the work on it.
    async fn conclude(
        &self,
        key: &str,
        lease: Lease,
        done: Result<(), PartError>,
        lost: &CancellationToken,
    ) {
        let settled = self.settle(key, lease, self.unless_gone(done).await).await;
        report(key, settled, lost);
    }

    /// What was done, unless the store is gone: then nothing that is missing is damage.
    async fn unless_gone(&self, done: Result<(), PartError>) -> Result<(), PartError> {
        match done {
            Err(PartError::Store(_) | PartError::Invalid(_)) => {
                self.store.check().await?;
                done
            }
            done => done,
        }
    }

    async fn do_task(&self, message: &Message) -> Result<Then, PartError> {
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
        if !Box::pin(self.finish_if_all_in(&log)).await? {
            return Ok(Then::Settle);
        }
        Ok(self.due(log, &message.key()).await?.map_or(Then::Settle, Then::Tell))
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

/// Says what went wrong with settling a message; that its lease is lost was said before, if it was
/// found out by a renewal (`lost`).
fn report(key: &str, settled: Result<(), QueueError>, lost: &CancellationToken) {
    match settled {
        Ok(()) => {}
        Err(QueueError::LeaseLost) if lost.is_cancelled() => {}
        Err(QueueError::LeaseLost) => {
            tracing::warn!(key, "a lease was lost; the message comes back");
        }
        Err(error) => tracing::warn!(key, %error, "message not settled; it will come back"),
    }
}
