//! Rule 5: what nobody can handle is set aside with its reason, and can come back.

use std::time::Duration;

use super::{
    SETTINGS, Subject, assert_nothing_ready, message, message_saying, send, take, the_dead_letter,
};
use crate::queue::Queue;

async fn fail_until_dead(queue: &dyn Queue) {
    for attempt in 1..=SETTINGS.max_attempts {
        let delivery = take(queue).await;
        assert_eq!(delivery.attempt, attempt);
        queue.nack(delivery.lease, Duration::ZERO, "no space").await.unwrap();
    }
}

async fn refuse(queue: &dyn Queue) {
    let delivery = take(queue).await;
    queue.dead_letter(delivery.lease, "unknown version", "version 9").await.unwrap();
}

pub(crate) async fn the_last_failure_makes_a_dead_letter_with_its_reason(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message_saying("a", "work")).await;
    fail_until_dead(&*queue).await;
    assert_nothing_ready(&*queue).await;
    let letter = the_dead_letter(&*queue).await;
    assert_eq!((letter.key.as_str(), letter.body.as_str()), ("a", "work"));
    assert_eq!((letter.reason.as_str(), letter.attempts), ("no space", SETTINGS.max_attempts));
    assert!(!letter.description.is_empty());
}

pub(crate) async fn the_last_expiry_makes_a_dead_letter(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    for _ in 0..SETTINGS.max_attempts {
        take(&*queue).await;
        subject.pass(queue.lease_time()).await;
    }
    assert_nothing_ready(&*queue).await;
    let letter = the_dead_letter(&*queue).await;
    assert_eq!((letter.reason.as_str(), letter.attempts), ("max attempts", SETTINGS.max_attempts));
    assert!(letter.description.contains("lease"), "{}", letter.description);
}

pub(crate) async fn a_refused_message_is_a_dead_letter_at_once(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message("a")).await;
    refuse(&*queue).await;
    subject.pass(queue.lease_time() * 2).await;
    assert_nothing_ready(&*queue).await;
    let letter = the_dead_letter(&*queue).await;
    assert_eq!(letter.reason, "unknown version");
    assert_eq!(letter.description, "version 9");
    assert_eq!(letter.attempts, 1);
}

pub(crate) async fn dead_letters_survive_reopening_and_are_listed_oldest_first(
    subject: &dyn Subject,
) {
    let queue = subject.open().await;
    for key in ["a", "b", "c"] {
        send(&*queue, message(key)).await;
        refuse(&*queue).await;
        subject.pass(Duration::from_secs(1)).await;
    }
    drop(queue);
    let queue = subject.open().await;
    let letters = queue.dead_letters(2).await.unwrap();
    let keys: Vec<&str> = letters.iter().map(|letter| letter.key.as_str()).collect();
    assert_eq!(keys, ["a", "b"]);
    assert!(letters[0].dead_since < letters[1].dead_since);
    assert_eq!(queue.depth().await.unwrap().dead, 3);
}

pub(crate) async fn a_replayed_message_starts_anew(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message_saying("a", "work")).await;
    fail_until_dead(&*queue).await;
    let letter = the_dead_letter(&*queue).await;
    assert!(queue.replay(letter.id).await.unwrap());
    let delivery = take(&*queue).await;
    assert_eq!((delivery.body.as_str(), delivery.attempt), ("work", 1));
    assert_eq!(queue.depth().await.unwrap().dead, 0);
    queue.ack(delivery.lease).await.unwrap();
    assert!(!queue.replay(letter.id).await.unwrap());
}

pub(crate) async fn replaying_what_is_not_there_says_so(subject: &dyn Subject) {
    let queue = subject.open().await;
    assert!(!queue.replay(7).await.unwrap());
    assert_nothing_ready(&*queue).await;
}

pub(crate) async fn a_dead_letter_does_not_merge_with_new_sends(subject: &dyn Subject) {
    let queue = subject.open().await;
    send(&*queue, message_saying("a", "old")).await;
    fail_until_dead(&*queue).await;
    send(&*queue, message_saying("a", "new")).await;
    let delivery = take(&*queue).await;
    assert_eq!((delivery.body.as_str(), delivery.attempt), ("new", 1));
    assert_eq!(the_dead_letter(&*queue).await.body, "old");
}
