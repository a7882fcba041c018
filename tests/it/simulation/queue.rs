//! A queue whose calls fail, lose their answers or kill the process, and whose messages come
//! twice, late and out of order.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mistnet::queue::memory::MemoryQueue;
use mistnet::queue::{DeadLetter, Delivery, Depth, Lease, Merging, NewMessage, Queue, QueueError};

use super::chaos::Mortal;

/// A memory queue, as one mortal process reaches it.
#[derive(Debug)]
pub struct StormyQueue {
    pub inner: Arc<MemoryQueue>,
    pub mortal: Mortal,
    /// Whether it admits to merging; without, nothing may rely on it.
    pub merging: Merging,
}

fn lost() -> QueueError {
    QueueError::Unavailable { reason: "the connection was lost".into() }
}

impl StormyQueue {
    /// The messages as they will arrive.
    fn scattered(&self, messages: &[NewMessage]) -> Vec<NewMessage> {
        let chaos = &self.mortal.chaos;
        let mut scattered = Vec::new();
        for message in messages {
            let delay = message.delay + chaos.dawdles();
            scattered.push(NewMessage { delay, ..message.clone() });
            if chaos.doubles() || self.merging == Merging::Never {
                let key = format!("{}~{}", message.key, chaos.pick(0..1_000_000));
                let copies = if chaos.doubles() { 2 } else { 0 };
                let delay = message.delay + chaos.dawdles();
                scattered.extend((0..copies).map(|n| {
                    let key = format!("{key}{n}");
                    NewMessage { key, body: message.body.clone(), delay }
                }));
            }
        }
        scattered
    }
}

#[async_trait]
impl Queue for StormyQueue {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn merging(&self) -> Merging {
        self.merging
    }

    fn lease_time(&self) -> Duration {
        self.inner.lease_time()
    }

    async fn send(&self, messages: &[NewMessage]) -> Result<(), QueueError> {
        let messages = self.scattered(messages);
        self.mortal.call("send", lost, self.inner.send(&messages)).await
    }

    async fn receive(&self, wait: Duration) -> Result<Option<Delivery>, QueueError> {
        // Only a receive that brings something rolls the dice; idle polls would use them up.
        match self.inner.receive(wait).await? {
            // What was taken by a process that sleeps is its own until the lease runs out.
            Some(delivery) => self.mortal.call("receive", lost, async { Ok(Some(delivery)) }).await,
            None => Ok(None),
        }
    }

    async fn has_waiting(&self) -> Result<bool, QueueError> {
        self.inner.has_waiting().await
    }

    async fn renew(&self, lease: &Lease) -> Result<Duration, QueueError> {
        self.mortal.call("renew", lost, self.inner.renew(lease)).await
    }

    async fn ack(&self, lease: Lease) -> Result<(), QueueError> {
        self.mortal.call("ack", lost, self.inner.ack(lease)).await
    }

    async fn nack(&self, lease: Lease, delay: Duration, reason: &str) -> Result<(), QueueError> {
        self.mortal.call("nack", lost, self.inner.nack(lease, delay, reason)).await
    }

    async fn release(&self, lease: Lease, delay: Duration) -> Result<(), QueueError> {
        self.mortal.call("release", lost, self.inner.release(lease, delay)).await
    }

    async fn dead_letter(
        &self,
        lease: Lease,
        reason: &str,
        description: &str,
    ) -> Result<(), QueueError> {
        self.mortal.chaos.tell(format!("dead letter: {reason}: {description}"));
        self.mortal
            .call("dead_letter", lost, self.inner.dead_letter(lease, reason, description))
            .await
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        self.inner.dead_letters(limit).await
    }

    async fn replay(&self, id: i64) -> Result<bool, QueueError> {
        self.inner.replay(id).await
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        self.inner.depth().await
    }
}
