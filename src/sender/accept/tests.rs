//! Accepting beside a queue that never answers.

use std::time::Duration;

use async_trait::async_trait;

use super::*;
use crate::model::record::ControlAction;
use crate::queue::{DeadLetter, Delivery, Depth, Lease, Merging, QueueError};
use crate::sender::control::intervene;

/// A queue that never answers, as a throttled one seems to.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl Queue for Silent {
    fn name(&self) -> &'static str {
        "silent"
    }

    fn merging(&self) -> Merging {
        Merging::Never
    }

    fn lease_time(&self) -> Duration {
        Duration::from_mins(1)
    }

    async fn send(&self, _: &[NewMessage]) -> Result<(), QueueError> {
        std::future::pending().await
    }

    async fn receive(&self, _: Duration) -> Result<Option<Delivery>, QueueError> {
        std::future::pending().await
    }

    async fn has_waiting(&self) -> Result<bool, QueueError> {
        std::future::pending().await
    }

    async fn renew(&self, _: &Lease) -> Result<Duration, QueueError> {
        std::future::pending().await
    }

    async fn ack(&self, _: Lease) -> Result<(), QueueError> {
        std::future::pending().await
    }

    async fn nack(&self, _: Lease, _: Duration, _: &str) -> Result<(), QueueError> {
        std::future::pending().await
    }

    async fn release(&self, _: Lease, _: Duration) -> Result<(), QueueError> {
        std::future::pending().await
    }

    async fn dead_letter(&self, _: Lease, _: &str, _: &str) -> Result<(), QueueError> {
        std::future::pending().await
    }

    async fn dead_letters(&self, _: usize) -> Result<Vec<DeadLetter>, QueueError> {
        std::future::pending().await
    }

    async fn replay(&self, _: i64) -> Result<bool, QueueError> {
        std::future::pending().await
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn callers_have_their_answer_within_two_seconds_whatever_the_queue_does() {
    let store = Store::memory();
    let spec = crate::model::record::tests::created().spec;
    let (now, began) = (Timestamp::UNIX_EPOCH, tokio::time::Instant::now());
    let new = |random| NewCollection {
        spec: spec.clone(),
        provenance: Provenance::default(),
        now,
        random,
    };
    let within = |calls: u32| assert!(began.elapsed() < Duration::from_secs(2) * calls);
    let id = accept(&store, &Silent, new(1)).await.unwrap();
    within(1);
    let key = IdempotencyKey { key: "once", request: b"{}" };
    for (random, calls) in [(2, 2), (3, 3)] {
        accept_once(&store, &Silent, new(random), &key).await.unwrap();
        within(calls);
    }
    intervene(&store, &Silent, &id, ControlAction::Pause, now).await.unwrap();
    intervene(&store, &Silent, &id, ControlAction::Resume, now).await.unwrap();
    within(4);
    assert!(Log::new(&store, id).created().await.unwrap().is_some());
}
