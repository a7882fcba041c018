//! What a queue promises, without any I/O: time is a number.

use std::time::Duration;

use super::*;
use crate::amqp::{Value, string, symbol};
use crate::options::Expired;

const LOCK_MS: i64 = 60_000;

fn queue() -> QueueSettings {
    QueueSettings::named("Birds")
}

fn address() -> Address {
    Address::parse("birds")
}

fn dead() -> Address {
    Address::parse("birds/$DeadLetterQueue")
}

fn broker(settings: QueueSettings) -> Broker {
    Broker::new(&[settings], 0)
}

fn encoded(sections: &[Value]) -> Bytes {
    let mut out = bytes::BytesMut::new();
    for section in sections {
        crate::amqp::encode(section, &mut out);
    }
    out.freeze()
}

fn data(body: &str) -> Value {
    Value::described(0x75, Value::Binary(Bytes::copy_from_slice(body.as_bytes())))
}

fn content(sections: &[Value]) -> Content {
    Content::decode(&encoded(sections)).unwrap()
}

fn message(body: &str) -> Vec<Content> {
    vec![content(&[data(body)])]
}

fn with_id(id: &str) -> Vec<Content> {
    vec![content(&[Value::described(0x73, Value::List(vec![string(id)])), data(id)])]
}

fn scheduled(due_ms: i64) -> Vec<Content> {
    let due = (symbol("x-opt-scheduled-enqueue-time"), Value::Timestamp(due_ms));
    vec![content(&[Value::described(0x72, Value::Map(vec![due])), data("due")])]
}

fn mortal(ttl_ms: u32) -> Vec<Content> {
    let header = Value::List(vec![Value::Null, Value::Null, Value::Uint(ttl_ms)]);
    vec![content(&[Value::described(0x70, header), data("mortal")])]
}

/// A section of a delivered message.
fn section(delivery: &Delivery, wanted: u64) -> Value {
    let mut decoder = crate::amqp::Decoder::new(delivery.encoded.clone());
    loop {
        let (code, inner) = decoder.value().unwrap().into_described().unwrap();
        if code == wanted {
            return inner;
        }
    }
}

fn body(delivery: &Delivery) -> String {
    let Value::Binary(bytes) = section(delivery, 0x75) else { panic!("no data") };
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn delivery_count(delivery: &Delivery) -> i64 {
    section(delivery, 0x70).items()[4].as_i64().unwrap()
}

fn annotation(delivery: &Delivery, name: &str) -> i64 {
    section(delivery, 0x72).get(name).unwrap().as_i64().unwrap()
}

/// Takes under lock.
fn take(broker: &mut Broker, now_ms: i64) -> Option<(Delivery, LockToken)> {
    broker.advance(now_ms);
    let delivery = broker.take(&address(), Receive::PeekLock, now_ms)?;
    let lock = delivery.lock.unwrap();
    Some((delivery, lock))
}

fn abandon() -> Outcome {
    Outcome::Modified { undeliverable_here: false, annotations: Vec::new() }
}

fn defer() -> Outcome {
    Outcome::Modified { undeliverable_here: true, annotations: Vec::new() }
}

fn active(broker: &Broker) -> usize {
    broker.counts(&address()).unwrap().active
}

#[test]
fn messages_come_in_order_and_a_completed_one_is_gone() {
    let mut broker = broker(queue());
    let sent = broker.send(&address(), [message("a"), message("b")].concat(), 5).unwrap();
    assert_eq!(sent, [1, 2]);
    let (first, lock) = take(&mut broker, 6).unwrap();
    assert_eq!((body(&first).as_str(), delivery_count(&first)), ("a", 0));
    assert_eq!(annotation(&first, "x-opt-sequence-number"), 1);
    assert_eq!(annotation(&first, "x-opt-enqueued-time"), 5);
    assert_eq!(annotation(&first, "x-opt-locked-until"), 6 + LOCK_MS);
    assert_eq!(broker.settle(&address(), lock, &Outcome::Accepted, 7), Ok(()));
    assert_eq!(body(&take(&mut broker, 7).unwrap().0), "b");
    assert!(take(&mut broker, 7).is_none());
}

#[test]
fn a_lock_runs_out_exactly_when_it_said_and_the_delivery_counts() {
    let mut broker = broker(queue());
    broker.send(&address(), message("a"), 0).unwrap();
    let (_, lock) = take(&mut broker, 10).unwrap();
    assert_eq!(broker.next_due(), Some(10 + LOCK_MS));
    assert!(take(&mut broker, 9 + LOCK_MS).is_none());
    let (again, _) = take(&mut broker, 10 + LOCK_MS).unwrap();
    assert_eq!(delivery_count(&again), 1);
    let error = broker.settle(&address(), lock, &Outcome::Accepted, 10 + LOCK_MS).unwrap_err();
    assert_eq!(error.condition, "com.microsoft:message-lock-lost");
}

#[test]
fn a_renewed_lock_lasts_from_the_renewal_on() {
    let mut broker = broker(queue());
    broker.send(&address(), message("a"), 0).unwrap();
    let (_, lock) = take(&mut broker, 0).unwrap();
    assert_eq!(broker.renew(&address(), lock, 50_000), Ok(50_000 + LOCK_MS));
    assert!(take(&mut broker, LOCK_MS + 1).is_none());
    assert_eq!(broker.settle(&address(), lock, &Outcome::Accepted, LOCK_MS + 2), Ok(()));
    assert_eq!(broker.next_due(), None);
    let error = broker.renew(&address(), lock, LOCK_MS + 3).unwrap_err();
    assert_eq!(error.condition, "com.microsoft:message-lock-lost");
}

#[test]
fn the_last_failed_delivery_makes_a_dead_letter() {
    let mut broker = broker(QueueSettings { max_delivery: 2, ..queue() });
    broker.send(&address(), message("a"), 0).unwrap();
    for _ in 0..2 {
        let (_, lock) = take(&mut broker, 0).unwrap();
        broker.settle(&address(), lock, &abandon(), 0).unwrap();
    }
    assert_eq!(broker.counts(&address()).unwrap(), Counts { dead_letters: 1, ..Counts::default() });
    let letter = broker.take(&dead(), Receive::PeekLock, 0).unwrap();
    let properties = section(&letter, 0x74);
    let reason = properties.get("DeadLetterReason").unwrap();
    assert_eq!(reason.as_str(), Some("MaxDeliveryCountExceeded"));
    let source = section(&letter, 0x72).get("x-opt-deadletter-source").cloned();
    assert_eq!(source, Some(string("birds")));
    // It can't die again, however often it fails.
    for _ in 0..20 {
        broker.lose_locks(0);
        assert!(broker.take(&dead(), Receive::PeekLock, 0).is_some());
    }
}

#[test]
fn a_rejected_message_says_why_in_its_properties() {
    let mut broker = broker(queue());
    broker.send(&address(), message("a"), 0).unwrap();
    let (_, lock) = take(&mut broker, 0).unwrap();
    let mut error = Error::new("com.microsoft:dead-letter", "");
    error.info = vec![(symbol("DeadLetterReason"), string("poison"))];
    broker.settle(&address(), lock, &Outcome::Rejected(Some(error)), 0).unwrap();
    let letter = broker.take(&dead(), Receive::AndDelete, 0).unwrap();
    let properties = section(&letter, 0x74);
    assert_eq!(properties, Value::Map(vec![(string("DeadLetterReason"), string("poison"))]));
    assert_eq!(body(&letter), "a");
}

#[test]
fn a_released_message_comes_again_uncounted() {
    let mut broker = broker(queue());
    broker.send(&address(), message("a"), 0).unwrap();
    let (_, lock) = take(&mut broker, 0).unwrap();
    broker.settle(&address(), lock, &Outcome::Released, 0).unwrap();
    assert_eq!(delivery_count(&take(&mut broker, 0).unwrap().0), 0);
}

#[test]
fn received_and_deleted_is_gone_without_a_lock() {
    let mut broker = broker(queue());
    broker.send(&address(), message("a"), 0).unwrap();
    let delivery = broker.take(&address(), Receive::AndDelete, 0).unwrap();
    assert_eq!(delivery.lock, None);
    assert_eq!(broker.counts(&address()).unwrap(), Counts::default());
}

#[test]
fn a_deferred_message_is_received_by_its_number_only() {
    let mut broker = broker(queue());
    broker.send(&address(), message("a"), 0).unwrap();
    let (_, lock) = take(&mut broker, 0).unwrap();
    broker.settle(&address(), lock, &defer(), 0).unwrap();
    assert!(take(&mut broker, 0).is_none());
    let refused = broker.take_deferred(&address(), &[1, 99], Receive::PeekLock, 0);
    assert_eq!(refused.unwrap_err().condition, "com.microsoft:message-not-found");
    let found = broker.take_deferred(&address(), &[1], Receive::PeekLock, 0).unwrap();
    assert_eq!(annotation(&found[0], "x-opt-message-state"), 1);
    // Its lock runs out, and it is still put aside.
    broker.advance(LOCK_MS);
    assert_eq!(broker.counts(&address()).unwrap(), Counts { deferred: 1, ..Counts::default() });
}

#[test]
fn a_scheduled_message_appears_when_it_is_due() {
    let mut broker = broker(queue());
    let sequences = broker.send(&address(), scheduled(500), 0).unwrap();
    assert!(take(&mut broker, 499).is_none());
    assert_eq!(broker.next_due(), Some(500));
    let (delivery, _) = take(&mut broker, 500).unwrap();
    assert_eq!(annotation(&delivery, "x-opt-sequence-number"), sequences[0]);
    assert_eq!(annotation(&delivery, "x-opt-enqueued-time"), 500);
    assert_eq!(annotation(&delivery, "x-opt-message-state"), 0);
}

#[test]
fn a_cancelled_message_never_appears() {
    let mut broker = broker(queue());
    let sequences = broker.send(&address(), scheduled(500), 0).unwrap();
    assert_eq!(broker.cancel(&address(), &sequences), Ok(()));
    assert!(take(&mut broker, 1_000).is_none());
    assert_eq!(broker.next_due(), None);
    let error = broker.cancel(&address(), &sequences).unwrap_err();
    assert_eq!(error.condition, "com.microsoft:message-not-found");
}

#[test]
fn a_message_id_is_taken_once_within_the_window() {
    let window = Some(Duration::from_secs(10));
    let mut broker = broker(QueueSettings { duplicate_window: window, ..queue() });
    assert_eq!(broker.send(&address(), with_id("x"), 0), Ok(vec![1]));
    let (_, lock) = take(&mut broker, 1).unwrap();
    broker.settle(&address(), lock, &Outcome::Accepted, 1).unwrap();
    broker.advance(9_999);
    assert_eq!(broker.send(&address(), with_id("x"), 9_999), Ok(vec![1]));
    assert_eq!(active(&broker), 0);
    broker.advance(10_000);
    assert_eq!(broker.send(&address(), with_id("x"), 10_000), Ok(vec![2]));
    // Messages without an id are never the same.
    broker.send(&address(), [message("a"), message("a")].concat(), 10_000).unwrap();
    assert_eq!(active(&broker), 3);
}

#[test]
fn a_message_that_nobody_took_in_time_is_dropped_or_buried() {
    for (expired, dead_letters) in [(Expired::Dropped, 0), (Expired::DeadLettered, 1)] {
        let mut broker = broker(QueueSettings { expired, ..queue() });
        broker.send(&address(), mortal(1_000), 0).unwrap();
        assert_eq!(broker.next_due(), Some(1_000));
        assert!(take(&mut broker, 1_000).is_none());
        let counts = broker.counts(&address()).unwrap();
        assert_eq!(counts, Counts { dead_letters, ..Counts::default() });
        assert_eq!(broker.next_due(), None);
    }
}

#[test]
fn a_locked_message_does_not_expire_before_its_lock() {
    let mut broker = broker(queue());
    broker.send(&address(), mortal(1_000), 0).unwrap();
    let (_, lock) = take(&mut broker, 500).unwrap();
    broker.advance(2_000);
    assert_eq!(broker.settle(&address(), lock, &abandon(), 2_000), Ok(()));
    assert!(take(&mut broker, 2_000).is_none());
}

#[test]
fn a_full_queue_takes_all_of_a_batch_or_nothing() {
    let mut broker = broker(QueueSettings { max_messages: Some(2), ..queue() });
    broker.send(&address(), message("a"), 0).unwrap();
    take(&mut broker, 0).unwrap();
    let error = broker.send(&address(), [message("b"), message("c")].concat(), 0).unwrap_err();
    assert_eq!(error.condition, "amqp:resource-limit-exceeded");
    assert_eq!(active(&broker), 0);
    assert!(broker.send(&address(), message("b"), 0).is_ok());
}

#[test]
fn peeking_shows_every_place_and_changes_none() {
    let mut broker = broker(queue());
    broker.send(&address(), [message("a"), message("b"), scheduled(500)].concat(), 0).unwrap();
    take(&mut broker, 0).unwrap();
    let before = broker.counts(&address());
    let found = broker.peek(&address(), 0, 10, usize::MAX).unwrap();
    let sequence = |encoded: &Bytes| {
        let delivery = Delivery { encoded: encoded.clone(), lock: None };
        annotation(&delivery, "x-opt-sequence-number")
    };
    assert_eq!(found.iter().map(sequence).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(broker.peek(&address(), 2, 10, 1).unwrap().len(), 1);
    assert_eq!(broker.counts(&address()), before);
}

#[test]
fn a_duplicated_delivery_can_be_completed_and_comes_again() {
    let mut broker = broker(queue());
    broker.send(&address(), message("a"), 0).unwrap();
    let first = broker.take_twice(&address(), Receive::PeekLock, 0).unwrap();
    broker.settle(&address(), first.lock.unwrap(), &Outcome::Accepted, 0).unwrap();
    let (again, _) = take(&mut broker, 0).unwrap();
    assert_eq!(annotation(&again, "x-opt-sequence-number"), 1);
    assert_ne!(first.lock, again.lock);
}

#[test]
fn a_message_without_an_id_gets_one_and_keeps_its_other_properties() {
    let mut broker = broker(queue());
    let properties = Value::List(vec![Value::Null, Value::Null, string("to")]);
    let sections = [Value::described(0x73, properties), data("a")];
    broker.send(&address(), vec![content(&sections)], 0).unwrap();
    let (delivery, _) = take(&mut broker, 0).unwrap();
    let properties = section(&delivery, 0x73);
    assert!(properties.items()[0].as_str().is_some_and(|id| id.len() == 32));
    assert_eq!(properties.items()[2], string("to"));
}

#[test]
fn body_and_footer_stay_as_they_came() {
    let mut broker = broker(queue());
    // The long form of a binary, which is not how it would be written here.
    let unusual =
        b"\x00\x53\x75\xb0\x00\x00\x00\x01a\x00\x53\x78\xd1\x00\x00\x00\x04\x00\x00\x00\x00";
    let content = Content::decode(&Bytes::from_static(unusual)).unwrap();
    broker.send(&address(), vec![content], 0).unwrap();
    assert!(take(&mut broker, 0).unwrap().0.encoded.ends_with(unusual));
}

#[test]
fn what_is_no_message_is_refused() {
    for bytes in [&b"\x40"[..], b"\x00\x53\x75\xb0\x00\x00\x00\x09a", b"\x00\x53\x24\x45", b"\x00"]
    {
        assert!(Content::decode(&Bytes::from_static(bytes)).is_err(), "{bytes:02x?}");
    }
}

#[test]
fn unknown_queues_and_sends_to_dead_letters_are_refused() {
    let mut broker = broker(queue());
    let nowhere = Address::parse("nowhere");
    assert_eq!(broker.send(&nowhere, message("a"), 0).unwrap_err().condition, "amqp:not-found");
    assert_eq!(broker.send(&dead(), message("a"), 0).unwrap_err().condition, "amqp:not-allowed");
    assert_eq!(broker.counts(&nowhere), None);
}
