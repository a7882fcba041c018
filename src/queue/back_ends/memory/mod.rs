//! The reference queue: in memory, deterministic, and the first to pass the contract.
//!
//! It promises the whole contract of the room to everything inside one process: a message survives
//! every task, but not the process. Ready messages leave in the order in which they became due, and
//! within one millisecond in the order in which they joined the line, so that a simulation with a
//! seed repeats itself. All time comes from the clock given in, and under tokio's paused time a day
//! of waiting costs nothing.
//!
//! It deliberately injects no faults: a simulation wraps it for that.

mod config;
mod line;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

pub use self::config::{KIND, Memory};
use self::line::Line;
use crate::clock::Clock;
use crate::queue::{
    DeadLetter, Delivery, Depth, Lease, Merging, NewMessage, Queue, QueueError, Settings, check,
    failed_for_good,
};

/// A queue in memory; see the module.
#[derive(Debug)]
pub struct MemoryQueue {
    name: String,
    settings: Settings,
    clock: Arc<dyn Clock>,
    line: Mutex<Line>,
    changed: Notify,
}

impl MemoryQueue {
    /// An empty queue.
    pub fn new(name: impl Into<String>, settings: Settings, clock: Arc<dyn Clock>) -> Self {
        let line = Mutex::new(Line::new(settings));
        Self { name: name.into(), settings, clock, line, changed: Notify::new() }
    }

    /// The line as it is now, with every lease that ran out already ended.
    fn line(&self) -> MutexGuard<'_, Line> {
        // A panic elsewhere can't leave the line half changed: nothing in it panics.
        let mut line = self.line.lock();
        line.advance(&*self.clock);
        line
    }

    /// Runs `change` and wakes whoever waits for a message.
    fn change<T>(&self, change: impl FnOnce(&mut Line) -> T) -> T {
        let outcome = change(&mut self.line());
        self.changed.notify_waiters();
        outcome
    }

    /// One try: a delivery, or how long nothing can become ready by itself.
    fn try_receive(&self) -> Result<Delivery, Duration> {
        let mut line = self.line();
        line.take().ok_or_else(|| {
            let due = Duration::from_millis(line.next_due_ms().unsigned_abs());
            due.saturating_sub(self.clock.elapsed())
        })
    }
}

#[async_trait]
impl Queue for MemoryQueue {
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
        self.change(|line| messages.iter().for_each(|message| line.send(message)));
        Ok(())
    }

    async fn receive(&self, wait: Duration) -> Result<Option<Delivery>, QueueError> {
        let deadline = self.clock.elapsed().saturating_add(wait);
        loop {
            // Listening starts before looking, or a send in between would wake nobody.
            let changed = self.changed.notified();
            let quiet = match self.try_receive() {
                Ok(delivery) => return Ok(Some(delivery)),
                Err(quiet) => quiet,
            };
            let left = deadline.saturating_sub(self.clock.elapsed());
            if left.is_zero() {
                return Ok(None);
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = self.clock.sleep(left.min(quiet)) => {}
            }
        }
    }

    async fn has_waiting(&self) -> Result<bool, QueueError> {
        Ok(self.line().has_ready())
    }

    async fn renew(&self, lease: &Lease) -> Result<Duration, QueueError> {
        self.line().renew(lease)
    }

    async fn ack(&self, lease: Lease) -> Result<(), QueueError> {
        self.change(|line| line.end(&lease).map(drop))
    }

    async fn nack(&self, lease: Lease, delay: Duration, reason: &str) -> Result<(), QueueError> {
        self.change(|line| {
            let message = line.end(&lease)?;
            if line.was_last_attempt(&message) {
                let description = failed_for_good(message.attempts);
                line.bury(message, reason, &description);
            } else {
                let attempts = message.attempts;
                line.line_up(message, delay, attempts);
            }
            Ok(())
        })
    }

    async fn release(&self, lease: Lease, delay: Duration) -> Result<(), QueueError> {
        self.change(|line| {
            let message = line.end(&lease)?;
            line.line_up(message, delay, 0);
            Ok(())
        })
    }

    async fn dead_letter(
        &self,
        lease: Lease,
        reason: &str,
        description: &str,
    ) -> Result<(), QueueError> {
        self.change(|line| {
            let message = line.end(&lease)?;
            line.bury(message, reason, description);
            Ok(())
        })
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        Ok(self.line().dead.values().take(limit).cloned().collect())
    }

    async fn replay(&self, id: i64) -> Result<bool, QueueError> {
        Ok(self.change(|line| line.replay(id)))
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        Ok(self.line().depth())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::clock::TestClock;
    use crate::queue::contract::{self, Subject, contract, message};

    struct Memory(Arc<MemoryQueue>);

    impl Memory {
        fn new() -> Self {
            let clock = Arc::new(TestClock::at(Timestamp::UNIX_EPOCH));
            Self(Arc::new(MemoryQueue::new("memory", contract::SETTINGS, clock)))
        }
    }

    #[async_trait]
    impl Subject for Memory {
        async fn open(&self) -> Arc<dyn Queue> {
            self.0.clone()
        }

        async fn pass(&self, time: Duration) {
            tokio::time::sleep(time).await;
        }
    }

    contract!(Memory::new());

    #[tokio::test(start_paused = true)]
    async fn messages_leave_in_the_order_in_which_they_became_due() {
        let queue = Memory::new().0;
        let late = NewMessage { delay: Duration::from_secs(1), ..message("late") };
        queue.send(&[late, message("a"), message("b"), message("c")]).await.unwrap();
        let first = queue.receive(Duration::ZERO).await.unwrap().unwrap();
        queue.nack(first.lease, Duration::ZERO, "again").await.unwrap();
        let mut keys = Vec::new();
        while let Some(delivery) = queue.receive(Duration::from_secs(1)).await.unwrap() {
            keys.push(delivery.key);
        }
        assert_eq!(keys, ["b", "c", "a", "late"]);
    }
}
