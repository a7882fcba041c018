//! Rules 1 and 2: what is sent arrives, durably, whole and not too early.

use std::time::Duration;

use super::{
    SOON, Subject, assert_depth, assert_nothing_ready, message, message_after, message_saying,
    send, take,
};
use crate::queue::{Depth, MAX_BODY_BYTES, MAX_KEY_BYTES, QueueError};

pub(crate) async fn a_message_arrives_as_it_was_sent(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message_saying("job/part-000003", r#"{"part":3}"#)).await;
    let delivery = take(&*queue).await;
    assert_eq!(delivery.key, "job/part-000003");
    assert_eq!(delivery.body, r#"{"part":3}"#);
    assert_eq!(delivery.attempt, 1);
}

pub(crate) async fn a_sent_message_survives_reopening(subject: &dyn Subject) {
    let queue = subject.open().await;
    queue.send(&[message("a"), message("b")]).await.unwrap();
    drop(queue);
    let queue = subject.open().await;
    let mut keys = [take(&*queue).await.key, take(&*queue).await.key];
    keys.sort();
    assert_eq!(keys, ["a", "b"]);
}

pub(crate) async fn an_acknowledged_message_is_gone_for_good(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    queue.ack(take(&*queue).await.lease).await.unwrap();
    subject.pass(queue.lease_time() * 2).await;
    assert_nothing_ready(&*queue).await;
    drop(queue);
    let queue = subject.open().await;
    assert_nothing_ready(&*queue).await;
    assert_eq!(queue.depth().await.unwrap(), Depth::default());
}

pub(crate) async fn an_empty_queue_delivers_nothing_and_waits_as_told(subject: &dyn Subject) {
    let queue = subject.open().await;
    assert!(queue.receive(Duration::ZERO).await.unwrap().is_none());
    let started = tokio::time::Instant::now();
    assert!(queue.receive(SOON).await.unwrap().is_none());
    assert!(started.elapsed() >= SOON);
}

pub(crate) async fn a_waiting_receive_gets_what_is_sent_meanwhile(subject: &dyn Subject) {
    let queue = subject.open().await;
    let sending = async {
        subject.pass(SOON).await;
        send(&*queue, message("a")).await;
    };
    let (delivery, ()) = tokio::join!(queue.receive(SOON * 2), sending);
    assert_eq!(delivery.unwrap().unwrap().key, "a");
}

pub(crate) async fn a_delay_is_honoured(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message_after("a", Duration::from_secs(10))).await;
    subject.pass(Duration::from_secs(9)).await;
    assert_nothing_ready(&*queue).await;
    subject.pass(Duration::from_secs(1)).await;
    assert_eq!(take(&*queue).await.attempt, 1);
}

pub(crate) async fn a_waiting_receive_gets_what_becomes_due(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message_after("a", Duration::from_secs(10))).await;
    let started = tokio::time::Instant::now();
    let delivery = queue.receive(Duration::from_mins(1)).await.unwrap();
    assert_eq!(delivery.unwrap().key, "a");
    let waited = started.elapsed();
    assert!(waited >= Duration::from_secs(10) && waited < Duration::from_secs(10) + SOON);
}

pub(crate) async fn an_empty_batch_is_fine(subject: &dyn Subject) {
    let queue = subject.open().await;
    queue.send(&[]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), Depth::default());
}

pub(crate) async fn a_body_too_large_is_rejected_with_its_whole_batch(subject: &dyn Subject) {
    let queue = subject.open().await;
    let fits = message_saying("fits", &"x".repeat(MAX_BODY_BYTES));
    let too_large = message_saying("too large", &"x".repeat(MAX_BODY_BYTES + 1));
    let outcome = queue.send(&[fits.clone(), too_large]).await;
    assert!(matches!(outcome, Err(QueueError::Rejected { .. })), "{outcome:?}");
    assert_nothing_ready(&*queue).await;
    send(&*queue, fits).await;
    assert_eq!(take(&*queue).await.body.len(), MAX_BODY_BYTES);
}

pub(crate) async fn a_key_that_no_back_end_can_carry_is_rejected(subject: &dyn Subject) {
    let queue = subject.open().await;
    let long = "k".repeat(MAX_KEY_BYTES + 1);
    for key in ["", "líne", "line\n", "nul\0", &long] {
        let outcome = queue.send(&[message(key)]).await;
        assert!(matches!(outcome, Err(QueueError::Rejected { .. })), "{key:?}: {outcome:?}");
    }
    let longest = "k".repeat(MAX_KEY_BYTES);
    send(&*queue, message(&longest)).await;
    assert_eq!(take(&*queue).await.key, longest);
}

pub(crate) async fn a_unicode_body_arrives_intact(subject: &dyn Subject) {
    let queue = subject.open().await;
    let body = "{\"tag\":\"#Straße 東京 🕊\u{fe0f} \u{202e}rtl e\u{301} \\u0000 \u{0} '; DROP\"}";
    send(&*queue, message_saying("a", body)).await;
    assert_eq!(take(&*queue).await.body, body);
}

pub(crate) async fn depth_counts_every_state(subject: &dyn Subject) {
    let queue = subject.open().await;
    queue.send(&["a", "b", "c", "d"].map(message)).await.unwrap();
    send(&*queue, message_after("later", Duration::from_secs(5))).await;
    let _leased = take(&*queue).await;
    let refused = take(&*queue).await;
    queue.dead_letter(refused.lease, "unknown version", "version 9").await.unwrap();
    let expected = Depth { ready: 2, delayed: 1, leased: 1, dead: 1 };
    assert_depth(&*queue, expected).await;
    subject.pass(Duration::from_secs(5)).await;
    assert_depth(&*queue, Depth { ready: 3, delayed: 0, ..expected }).await;
    subject.pass(queue.lease_time()).await;
    assert_depth(&*queue, Depth { ready: 4, delayed: 0, leased: 0, dead: 1 }).await;
}
