//! The durable queue of one machine: an SQLite file, nothing to install.
//!
//! It promises the whole contract of the room to every process on the machine that opens the file.
//! A send that returned is on disk (`synchronous=FULL`), several queues share one file under
//! their names, and acknowledged messages leave no trace, so the file stays as large as the largest
//! backlog was. Waiting never blocks the async runtime: all SQL runs in turns on its blocking
//! threads (`writer`), and calls that wait for a turn together share one transaction.
//!
//! It deliberately does not work on network file systems (WAL needs shared memory), and is no
//! database: whatever it holds can be rebuilt from the logs of the collections.
//!
//! Another process's send is noticed within 50 ms; one through the same handle at once.

mod config;
mod database;
mod errors;
mod identity;
mod job;
mod line;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

pub use self::config::KIND;
use self::database::Database;
use self::job::Kind;
use self::line::{Line, Replay};
use self::writer::Writer;
use crate::clock::Clock;
use crate::queue::{
    DeadLetter, Delivery, Depth, Lease, Merging, NewMessage, Queue, QueueError, Settings, check,
    failed_for_good,
};

/// How often a waiting receive looks for messages of other processes.
///
/// A look costs one `PRAGMA data_version`, some 20 µs; a page takes X about a second.
const POLL: Duration = Duration::from_millis(50);

/// A queue in an SQLite file; see the module.
#[derive(Debug)]
pub struct SqliteQueue {
    name: String,
    settings: Settings,
    clock: Arc<dyn Clock>,
    writer: Writer,
    changed: Notify,
}

impl SqliteQueue {
    /// Opens the queue `name` in the file at `path`, which is created if it isn't there, readable
    /// by its owner only.
    ///
    /// Blocks for a few milliseconds, and up to five seconds if another process is busy with the
    /// file.
    pub fn open(
        path: impl AsRef<Path>,
        name: impl Into<String>,
        settings: Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, QueueError> {
        let name = name.into();
        let database = Database::open(path.as_ref(), &name, settings, clock.clone())?;
        let writer = Writer::new(database);
        Ok(Self { name, settings, clock, writer, changed: Notify::new() })
    }

    /// Runs `work` in a transaction and wakes whoever waits for a message.
    async fn change<T, F>(&self, work: F) -> Result<T, QueueError>
    where
        T: Default + Send + 'static,
        F: FnMut(&Line<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let outcome = self.writer.call(Kind::Change, work).await?;
        self.changed.notify_waiters();
        Ok(outcome)
    }

    /// Like [`Self::change`], for work that answers `false` if the lease is gone.
    async fn settle<F>(&self, work: F) -> Result<(), QueueError>
    where
        F: FnMut(&Line<'_>) -> rusqlite::Result<bool> + Send + 'static,
    {
        if self.change(work).await? { Ok(()) } else { Err(QueueError::LeaseLost) }
    }

    async fn try_receive(&self) -> Result<Option<Delivery>, QueueError> {
        let writer = self.writer.clone();
        let taken = self
            .writer
            .call(Kind::Poll, move |line| {
                let delivery = line.take(rand::random())?;
                Ok(delivery.map(|delivery| Taken::new(delivery, writer.clone())))
            })
            .await?;
        Ok(taken.and_then(Taken::keep))
    }
}

#[async_trait]
impl Queue for SqliteQueue {
    fn name(&self) -> &str {
        &self.name
    }

    fn merging(&self) -> Merging {
        Merging::WhileLive
    }

    fn lease_time(&self) -> Duration {
        self.settings.lease_time
    }

    async fn send(&self, messages: &[NewMessage]) -> Result<(), QueueError> {
        check(messages)?;
        if messages.is_empty() {
            return Ok(());
        }
        let messages = messages.to_vec();
        self.change(move |line| messages.iter().try_for_each(|message| line.send(message))).await
    }

    async fn receive(&self, wait: Duration) -> Result<Option<Delivery>, QueueError> {
        let deadline = self.clock.elapsed().saturating_add(wait);
        loop {
            // Listening starts before looking, or a send in between would wake nobody.
            let changed = self.changed.notified();
            if let Some(delivery) = self.try_receive().await? {
                return Ok(Some(delivery));
            }
            let left = deadline.saturating_sub(self.clock.elapsed());
            if left.is_zero() {
                return Ok(None);
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = self.clock.sleep(left.min(POLL)) => {}
            }
        }
    }

    async fn has_waiting(&self) -> Result<bool, QueueError> {
        // On a quiet queue nothing is ready, and `false` is known without a transaction.
        self.writer.call(Kind::Poll, |line| Ok(line.first_ready()?.is_some())).await
    }

    async fn renew(&self, lease: &Lease) -> Result<Duration, QueueError> {
        let lease = lease.copy();
        self.settle(move |line| line.renew(&lease)).await?;
        Ok(self.settings.lease_time)
    }

    async fn ack(&self, lease: Lease) -> Result<(), QueueError> {
        self.settle(move |line| {
            let Some(message) = line.find(&lease)? else { return Ok(false) };
            line.remove(&message)?;
            Ok(true)
        })
        .await
    }

    async fn nack(&self, lease: Lease, delay: Duration, reason: &str) -> Result<(), QueueError> {
        let reason = reason.to_owned();
        self.settle(move |line| {
            let Some(message) = line.find(&lease)? else { return Ok(false) };
            if line.was_last_attempt(&message) {
                line.bury(&message, &reason, &failed_for_good(message.attempts))?;
            } else {
                line.line_up(&message, delay, message.attempts)?;
            }
            Ok(true)
        })
        .await
    }

    async fn release(&self, lease: Lease, delay: Duration) -> Result<(), QueueError> {
        self.settle(move |line| {
            let Some(message) = line.find(&lease)? else { return Ok(false) };
            line.line_up(&message, delay, 0)?;
            Ok(true)
        })
        .await
    }

    async fn dead_letter(
        &self,
        lease: Lease,
        reason: &str,
        description: &str,
    ) -> Result<(), QueueError> {
        let (reason, description) = (reason.to_owned(), description.to_owned());
        self.settle(move |line| {
            let Some(message) = line.find(&lease)? else { return Ok(false) };
            line.bury(&message, &reason, &description)?;
            Ok(true)
        })
        .await
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        self.writer.call(Kind::Change, move |line| line.dead_letters(limit)).await
    }

    async fn replay(&self, id: i64) -> Result<bool, QueueError> {
        match self.change(move |line| line.replay(id)).await? {
            Replay::Unknown => Ok(false),
            Replay::Done => Ok(true),
            Replay::Unusable(why) => Err(QueueError::Rejected {
                reason: format!("dead letter {id} is no message of mistnet's: {why}"),
            }),
        }
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "the bare method is bound to one lifetime and does not compile here"
        )]
        let depth = self.writer.call(Kind::Change, |line| line.depth()).await;
        depth
    }
}

impl Lease {
    /// For a call that may run twice; the original stays the only one that is handed out.
    fn copy(&self) -> Self {
        Self { message: self.message, token: self.token, lasts: self.lasts }
    }
}

/// A delivery on its way to the caller of `receive`, who may be gone by then: in that case it goes
/// back at once, and the attempt does not count.
#[derive(Debug)]
struct Taken {
    delivery: Option<Delivery>,
    writer: Writer,
}

impl Taken {
    fn new(delivery: Delivery, writer: Writer) -> Self {
        Self { delivery: Some(delivery), writer }
    }

    fn keep(mut self) -> Option<Delivery> {
        self.delivery.take()
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let Some(Delivery { lease, .. }) = self.delivery.take() else { return };
        self.writer.call_unheard(move |line| {
            let Some(message) = line.find(&lease)? else { return Ok(()) };
            line.line_up(&message, Duration::ZERO, message.attempts.saturating_sub(1))
        });
    }
}
