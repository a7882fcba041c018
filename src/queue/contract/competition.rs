//! Several receivers at once: every message to one of them, and none held up by another.

use std::collections::HashSet;
use std::time::Duration;

use futures::future::join_all;

use super::{SOON, Subject, message, message_after, send, take};
use crate::queue::{LeasedDepth, NewMessage, Queue};

fn numbered(count: usize) -> Vec<NewMessage> {
    (0..count).map(|number| message(&format!("part-{number:06}"))).collect()
}

/// Eight handles of the queue.
async fn eight(subject: &dyn Subject) -> Vec<std::sync::Arc<dyn Queue>> {
    join_all((0..8).map(|_| subject.open())).await
}

/// Acknowledges everything until nothing comes any more; the keys in their order.
async fn drain(queue: &dyn Queue) -> Vec<String> {
    let mut keys = Vec::new();
    while let Some(delivery) = queue.receive(SOON).await.unwrap() {
        queue.ack(delivery.lease).await.unwrap();
        keys.push(delivery.key);
    }
    keys
}

pub(crate) async fn competing_receivers_never_hold_one_message_together(subject: &dyn Subject) {
    let queues = eight(subject).await;
    queues[0].send(&numbered(64)).await.unwrap();
    let held = join_all(queues.iter().map(|queue| async {
        let mut keys = Vec::new();
        while let Some(delivery) = queue.receive(SOON).await.unwrap() {
            keys.push(delivery.key);
        }
        keys
    }))
    .await
    .concat();
    assert_eq!(held.len(), 64);
    assert_eq!(held.iter().collect::<HashSet<_>>().len(), 64);
}

pub(crate) async fn a_thousand_messages_reach_eight_receivers_exactly_once(subject: &dyn Subject) {
    let queues = eight(subject).await;
    for batch in numbered(1000).chunks(100) {
        queues[0].send(batch).await.unwrap();
    }
    let keys = join_all(queues.iter().map(|queue| drain(&**queue))).await.concat();
    assert_eq!(keys.len(), 1000);
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 1000);
    assert_eq!(queues[0].depth().await.unwrap(), crate::queue::Depth::default());
}

pub(crate) async fn a_poison_message_stops_no_other(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("poison")).await;
    queue.send(&numbered(20)).await.unwrap();
    let mut done = 0;
    while done < 20 {
        let delivery = take(&*queue).await;
        if delivery.key == "poison" {
            queue.nack(delivery.lease, Duration::ZERO, "poison").await.unwrap();
        } else {
            queue.ack(delivery.lease).await.unwrap();
            done += 1;
        }
    }
    assert!(drain(&*queue).await.iter().all(|key| key == "poison"));
}

/// Whether somebody waits is as expected, or assumed by a queue that can't know.
async fn assert_has_waiting(queue: &dyn Queue, expected: bool) {
    let cannot_tell = queue.leased_depth() == LeasedDepth::AmongReady;
    assert_eq!(queue.has_waiting().await.unwrap(), expected || cannot_tell);
}

pub(crate) async fn whether_somebody_waits_is_known_or_assumed(subject: &dyn Subject) {
    let queue = subject.open().await;
    assert_has_waiting(&*queue, false).await;
    send(&*queue, message_after("later", Duration::from_secs(10))).await;
    assert_has_waiting(&*queue, false).await;
    send(&*queue, message("a")).await;
    assert_has_waiting(&*queue, true).await;
    let taken = take(&*queue).await;
    assert_has_waiting(&*queue, false).await;
    // Held back by the lease on the first, where sends are merged.
    send(&*queue, message("a")).await;
    assert_has_waiting(&*queue, false).await;
    // Seen through another handle as well.
    send(&*subject.open().await, message("b")).await;
    assert_has_waiting(&*queue, true).await;
    queue.ack(take(&*queue).await.lease).await.unwrap();
    queue.ack(taken.lease).await.unwrap();
    assert_has_waiting(&*queue, true).await;
    queue.ack(take(&*queue).await.lease).await.unwrap();
    assert_has_waiting(&*queue, false).await;
    subject.pass(Duration::from_secs(10)).await;
    assert_has_waiting(&*queue, true).await;
}

pub(crate) async fn a_message_given_back_goes_behind_those_that_wait(subject: &dyn Subject) {
    let queue = subject.open().await;
    for key in ["a", "b", "c"] {
        send(&*queue, message(key)).await;
        subject.pass(Duration::from_secs(1)).await;
    }
    let mut keys = Vec::new();
    for _ in 0..6 {
        let delivery = take(&*queue).await;
        keys.push(delivery.key);
        queue.release(delivery.lease, Duration::ZERO).await.unwrap();
    }
    assert_eq!(keys, ["a", "b", "c", "a", "b", "c"]);
}
