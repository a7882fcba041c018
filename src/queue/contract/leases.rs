//! Rule 3: a delivery is a lease, and only the lease that still runs can settle it.

use std::time::Duration;

use futures::FutureExt;

use super::{
    Subject, almost_a_lease, assert_lease_lost, assert_nothing_ready, message, send, take,
};
use crate::queue::{Lease, Queue};

const SECOND: Duration = Duration::from_secs(1);

pub(crate) async fn a_leased_message_is_hidden(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    let delivery = take(&*queue).await;
    subject.pass(almost_a_lease(&*queue)).await;
    assert_nothing_ready(&*queue).await;
    queue.ack(delivery.lease).await.unwrap();
}

pub(crate) async fn lease_expiry_redelivers_with_a_higher_attempt(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    assert_eq!(take(&*queue).await.attempt, 1);
    subject.pass(queue.lease_time()).await;
    let again = take(&*queue).await;
    assert_eq!((again.key.as_str(), again.attempt), ("a", 2));
}

/// Every call that takes a lease, with this one.
async fn assert_settles_nothing(queue: &dyn Queue, leases: [Lease; 4]) {
    let [done, failed, waiting, refused] = leases;
    for lease in [&done, &failed, &waiting, &refused] {
        assert_lease_lost(queue.renew(lease).await);
    }
    assert_lease_lost(queue.ack(done).await);
    assert_lease_lost(queue.nack(failed, Duration::ZERO, "late").await);
    assert_lease_lost(queue.release(waiting, Duration::ZERO).await);
    assert_lease_lost(queue.dead_letter(refused, "late", "late").await);
}

/// Sends four messages and takes them.
async fn four_leases(queue: &dyn Queue) -> [Lease; 4] {
    queue.send(&["a", "b", "c", "d"].map(message)).await.unwrap();
    let mut leases = Vec::new();
    for _ in 0..4 {
        leases.push(take(queue).await.lease);
    }
    leases.try_into().unwrap()
}

pub(crate) async fn a_stale_lease_settles_nothing(subject: &dyn Subject) {
    let queue = subject.open().await;
    let stale = four_leases(&*queue).await;
    subject.pass(queue.lease_time()).await;
    assert_settles_nothing(&*queue, stale).await;
    let depth = queue.depth().await.unwrap();
    assert_eq!((depth.ready, depth.dead), (4, 0));
    assert_eq!(take(&*queue).await.attempt, 2);
}

pub(crate) async fn a_lease_lost_to_another_delivery_settles_nothing(subject: &dyn Subject) {
    let queue = subject.open().await;
    let stale = four_leases(&*queue).await;
    subject.pass(queue.lease_time()).await;
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(take(&*queue).await.lease);
    }
    assert_settles_nothing(&*queue, stale).await;
    for lease in others {
        queue.ack(lease).await.unwrap();
    }
}

pub(crate) async fn a_stale_lease_does_not_settle_a_later_message(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    let stale = take(&*queue).await;
    subject.pass(queue.lease_time()).await;
    queue.ack(take(&*queue).await.lease).await.unwrap();
    // The queue is empty again: a back end that reuses its numbers does so now.
    send(&*queue, message("b")).await;
    let later = take(&*queue).await;
    assert_lease_lost(queue.ack(stale.lease).await);
    queue.ack(later.lease).await.unwrap();
}

pub(crate) async fn renewing_extends_a_lease_to_its_full_time(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    let delivery = take(&*queue).await;
    assert_full(&*queue, delivery.lease.lasts());
    for _ in 0..3 {
        subject.pass(almost_a_lease(&*queue)).await;
        let lasts = queue.renew(&delivery.lease).await.unwrap();
        assert_full(&*queue, lasts);
    }
    subject.pass(almost_a_lease(&*queue)).await;
    assert_nothing_ready(&*queue).await;
    subject.pass(SECOND).await;
    assert_lease_lost(queue.renew(&delivery.lease).await);
    assert_eq!(take(&*queue).await.attempt, 2);
}

/// The queue says that a lease lasts its full time, and not more.
fn assert_full(queue: &dyn Queue, lasts: Duration) {
    assert!(lasts > almost_a_lease(queue) && lasts <= queue.lease_time(), "{lasts:?}");
}

pub(crate) async fn a_lease_survives_reopening(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    let delivery = take(&*queue).await;
    drop(queue);
    let queue = subject.open().await;
    assert_nothing_ready(&*queue).await;
    subject.pass(queue.lease_time()).await;
    assert_eq!(take(&*queue).await.attempt, 2);
    assert_lease_lost(queue.ack(delivery.lease).await);
}

pub(crate) async fn failing_counts_attempts(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    let first = take(&*queue).await;
    queue.nack(first.lease, Duration::ZERO, "disk full").await.unwrap();
    assert_eq!(take(&*queue).await.attempt, 2);
}

pub(crate) async fn failing_with_a_delay_waits(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    let first = take(&*queue).await;
    queue.nack(first.lease, SECOND * 10, "disk full").await.unwrap();
    subject.pass(SECOND * 9).await;
    assert_nothing_ready(&*queue).await;
    assert_eq!(queue.depth().await.unwrap().delayed, 1);
    subject.pass(SECOND).await;
    assert_eq!(take(&*queue).await.attempt, 2);
}

pub(crate) async fn releasing_starts_attempts_anew(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    let first = take(&*queue).await;
    queue.nack(first.lease, Duration::ZERO, "disk full").await.unwrap();
    // Far more often than any message may fail.
    for expected in [2, 1, 1, 1, 1, 1] {
        let delivery = take(&*queue).await;
        assert_eq!(delivery.attempt, expected);
        queue.release(delivery.lease, Duration::ZERO).await.unwrap();
    }
}

pub(crate) async fn releasing_with_a_delay_waits(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    queue.release(take(&*queue).await.lease, SECOND * 900).await.unwrap();
    subject.pass(SECOND * 899).await;
    assert_nothing_ready(&*queue).await;
    subject.pass(SECOND).await;
    assert_eq!(take(&*queue).await.attempt, 1);
}

pub(crate) async fn an_abandoned_receive_loses_nothing(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    let taken = queue.receive(SECOND).now_or_never();
    drop(taken);
    subject.pass(queue.lease_time()).await;
    assert_eq!(take(&*queue).await.key, "a");
}
