//! Renewals against a queue that says how long a lease lasts, or fails.

use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;

use super::*;
use crate::clock::TestClock;
use crate::queue::{DeadLetter, Delivery, Depth, Merging, NewMessage};

/// A queue of which only the renewals matter: each has an answer, and the last one is repeated.
#[derive(Debug)]
struct Renewals {
    clock: TestClock,
    answers: Mutex<Vec<Result<Duration, QueueError>>>,
    /// When it was asked, in milliseconds.
    asked: Mutex<Vec<u128>>,
    /// How long an answer takes.
    latency: Duration,
}

impl Renewals {
    fn new(answers: &[Result<Duration, QueueError>]) -> Self {
        Self {
            clock: TestClock::at(Timestamp::UNIX_EPOCH),
            answers: Mutex::new(answers.iter().rev().cloned().collect()),
            asked: Mutex::default(),
            latency: Duration::ZERO,
        }
    }

    /// Works for so long under a lease that lasts `lasts` at first: whether it was lost.
    async fn keep(&self, lasts: Duration, work: Duration) -> bool {
        let lost = CancellationToken::new();
        let lease = Lease { message: 1, token: 1, lasts };
        keep(self, &lease, &self.clock, &lost, self.clock.sleep(work)).await;
        lost.is_cancelled()
    }

    fn asked(&self) -> Vec<u128> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Queue for Renewals {
    fn name(&self) -> &'static str {
        "renewals"
    }

    fn merging(&self) -> Merging {
        Merging::Never
    }

    fn lease_time(&self) -> Duration {
        Duration::from_mins(1)
    }

    async fn send(&self, _: &[NewMessage]) -> Result<(), QueueError> {
        unreachable!()
    }

    async fn receive(&self, _: Duration) -> Result<Option<Delivery>, QueueError> {
        unreachable!()
    }

    async fn has_waiting(&self) -> Result<bool, QueueError> {
        unreachable!()
    }

    async fn renew(&self, _: &Lease) -> Result<Duration, QueueError> {
        self.asked.lock().unwrap().push(self.clock.elapsed().as_millis());
        self.clock.sleep(self.latency).await;
        let mut answers = self.answers.lock().unwrap();
        let last = answers.last().cloned().unwrap();
        if answers.len() > 1 { answers.pop().unwrap() } else { last }
    }

    async fn ack(&self, _: Lease) -> Result<(), QueueError> {
        unreachable!()
    }

    async fn nack(&self, _: Lease, _: Duration, _: &str) -> Result<(), QueueError> {
        unreachable!()
    }

    async fn release(&self, _: Lease, _: Duration) -> Result<(), QueueError> {
        unreachable!()
    }

    async fn dead_letter(&self, _: Lease, _: &str, _: &str) -> Result<(), QueueError> {
        unreachable!()
    }

    async fn dead_letters(&self, _: usize) -> Result<Vec<DeadLetter>, QueueError> {
        unreachable!()
    }

    async fn replay(&self, _: i64) -> Result<bool, QueueError> {
        unreachable!()
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        unreachable!()
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn away() -> Result<Duration, QueueError> {
    Err(QueueError::Unavailable { reason: "the line is cut".into() })
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_at_a_third_of_what_the_queue_says() {
    let queue = Renewals::new(&[Ok(SECOND * 6), Ok(SECOND * 30)]);
    assert!(!queue.keep(SECOND * 3, SECOND * 15).await);
    assert_eq!(queue.asked(), [1000, 3000, 13_000]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_ends_the_renewals() {
    let queue = Renewals::new(&[Ok(SECOND * 3), Err(QueueError::LeaseLost)]);
    assert!(queue.keep(SECOND * 3, SECOND * 60).await);
    assert_eq!(queue.asked(), [1000, 2000]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_is_tried_again_before_the_lease_ends() {
    let queue = Renewals::new(&[away(), away(), Ok(SECOND * 60)]);
    assert!(!queue.keep(SECOND * 9, SECOND * 20).await);
    assert_eq!(queue.asked(), [3000, 5000, 6334]);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_nobody_can_renew_is_lost_at_its_end() {
    let queue = Renewals::new(&[away()]);
    assert!(!queue.keep(SECOND * 9, SECOND * 8).await);
    let queue = Renewals::new(&[away()]);
    assert!(queue.keep(SECOND * 9, SECOND * 10).await);
    assert!(queue.asked().len() < 20, "{:?}", queue.asked());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_longer_than_the_lease_is_not_waited_for() {
    let queue = Renewals { latency: SECOND * 100, ..Renewals::new(&[Ok(SECOND * 9)]) };
    assert!(queue.keep(SECOND * 9, SECOND * 10).await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_no_time_at_all_is_not_asked_for_without_a_pause() {
    let queue = Renewals::new(&[Ok(Duration::from_millis(1))]);
    queue.keep(SECOND, SECOND * 10).await;
    assert!(queue.asked().len() < 50, "{}", queue.asked().len());
}
