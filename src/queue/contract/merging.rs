//! Rule 4: sends with one key may become one delivery, and never none.

use std::time::Duration;

use super::{
    SETTINGS, Subject, almost_a_lease, assert_nothing_ready, message, message_after,
    message_saying, send, take, the_dead_letter,
};
use crate::queue::{Delivery, Merging, Queue};

const SECOND: Duration = Duration::from_secs(1);

fn merges(queue: &dyn Queue) -> bool {
    queue.merging() == Merging::WhileLive
}

pub(crate) async fn waiting_sends_with_one_key_merge_into_the_newest(subject: &dyn Subject) {
    let queue = subject.open().await;
    if !merges(&*queue) {
        return;
    }
    send(&*queue, message_saying("a", "1")).await;
    queue.send(&[message_saying("a", "2"), message_saying("a", "3")]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap().ready, 1);
    let delivery = take(&*queue).await;
    assert_eq!(delivery.body, "3");
    queue.ack(delivery.lease).await.unwrap();
    assert_nothing_ready(&*queue).await;
}

pub(crate) async fn sends_with_different_keys_do_not_merge(subject: &dyn Subject) {
    let queue = subject.open().await;
    queue.send(&["a", "A", "a ", "a/1"].map(message)).await.unwrap();
    let mut keys = Vec::new();
    for _ in 0..4 {
        keys.push(take(&*queue).await.key);
    }
    keys.sort();
    assert_eq!(keys, ["A", "a", "a ", "a/1"]);
}

pub(crate) async fn a_later_send_brings_a_delayed_message_forward(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    queue.release(take(&*queue).await.lease, SECOND * 900).await.unwrap();
    send(&*queue, message("a")).await;
    let delivery = take(&*queue).await;
    assert_eq!((delivery.key.as_str(), delivery.attempt), ("a", 1));
}

pub(crate) async fn a_later_send_postpones_nothing(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message_after("a", SECOND * 5)).await;
    send(&*queue, message_after("a", SECOND * 900)).await;
    subject.pass(SECOND * 5).await;
    assert_eq!(take(&*queue).await.key, "a");
}

/// Takes a message, and sends its key again meanwhile.
async fn sent_during_lease(queue: &dyn Queue) -> Delivery {
    send(queue, message_saying("a", "old")).await;
    let delivery = take(queue).await;
    send(queue, message_saying("a", "new")).await;
    delivery
}

pub(crate) async fn a_send_during_a_lease_is_not_delivered_before_it_ends(subject: &dyn Subject) {
    let queue = subject.open().await;
    if !merges(&*queue) {
        return;
    }
    let held = sent_during_lease(&*queue).await;
    assert_nothing_ready(&*queue).await;
    subject.pass(almost_a_lease(&*queue)).await;
    queue.renew(&held.lease).await.unwrap();
    subject.pass(almost_a_lease(&*queue)).await;
    assert_nothing_ready(&*queue).await;
    let depth = queue.depth().await.unwrap();
    assert_eq!((depth.leased, depth.ready), (1, 0));
}

/// What follows a lease during which its key was sent again.
async fn assert_new_follows(queue: &dyn Queue, attempt: u32) {
    let delivery = take(queue).await;
    if merges(queue) {
        assert_eq!((delivery.body.as_str(), delivery.attempt), ("new", attempt));
        queue.ack(delivery.lease).await.unwrap();
        assert_nothing_ready(queue).await;
    }
}

pub(crate) async fn a_send_during_a_lease_is_delivered_after_ack(subject: &dyn Subject) {
    let queue = subject.open().await;
    let held = sent_during_lease(&*queue).await;
    queue.ack(held.lease).await.unwrap();
    assert_new_follows(&*queue, 1).await;
}

pub(crate) async fn a_send_during_a_lease_is_delivered_after_nack(subject: &dyn Subject) {
    let queue = subject.open().await;
    let held = sent_during_lease(&*queue).await;
    queue.nack(held.lease, SECOND * 900, "no space").await.unwrap();
    assert_new_follows(&*queue, 2).await;
}

pub(crate) async fn a_send_during_a_lease_is_delivered_after_release(subject: &dyn Subject) {
    let queue = subject.open().await;
    let held = sent_during_lease(&*queue).await;
    queue.release(held.lease, SECOND * 900).await.unwrap();
    assert_new_follows(&*queue, 1).await;
}

pub(crate) async fn a_send_during_a_lease_is_delivered_after_expiry(subject: &dyn Subject) {
    let queue = subject.open().await;
    sent_during_lease(&*queue).await;
    subject.pass(queue.lease_time()).await;
    assert_new_follows(&*queue, 2).await;
}

pub(crate) async fn a_send_during_a_lease_is_delivered_after_dead_letter(subject: &dyn Subject) {
    let queue = subject.open().await;
    let held = sent_during_lease(&*queue).await;
    queue.dead_letter(held.lease, "unknown version", "version 9").await.unwrap();
    assert_eq!(the_dead_letter(&*queue).await.body, "old");
    assert_new_follows(&*queue, 1).await;
}

pub(crate) async fn a_send_during_the_last_attempt_outlives_it(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message_saying("a", "old")).await;
    for _ in 1..SETTINGS.max_attempts {
        queue.nack(take(&*queue).await.lease, Duration::ZERO, "no space").await.unwrap();
    }
    let last = take(&*queue).await;
    send(&*queue, message_saying("a", "new")).await;
    queue.nack(last.lease, Duration::ZERO, "no space").await.unwrap();
    assert_eq!(the_dead_letter(&*queue).await.body, "old");
    assert_new_follows(&*queue, 1).await;
}
