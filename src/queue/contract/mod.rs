//! The contract of the room as tests, for every back end alike.
//!
//! A back end implements [`Subject`] and says `contract!(Subject::new())`: that makes one test
//! of every rule below. The rules know the trait only. They wait generously ([`SOON`]) for what has
//! to come and briefly ([`MOMENT`]) for what must not, in the subject's time, which is tokio's paused
//! time where the back end allows it.
//!
//! The rules are those of `queue/mod.rs`; each file here has those of one subject.

mod competition;
mod dead_letters;
mod delivery;
mod leases;
mod merging;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

pub(crate) use self::competition::*;
pub(crate) use self::dead_letters::*;
pub(crate) use self::delivery::*;
pub(crate) use self::leases::*;
pub(crate) use self::merging::*;
use super::{
    DeadLetter, Delivery, Depth, JSON, LeasedDepth, NewMessage, Queue, QueueError, Settings,
};

/// The settings that every subject has to use.
pub(crate) const SETTINGS: Settings =
    Settings { lease_time: Duration::from_secs(30), max_attempts: 3, content_type: JSON };

/// Long enough for any back end to deliver what is ready; far below the lease time.
pub(crate) const SOON: Duration = Duration::from_secs(2);

/// Long enough for a wrong delivery to show.
pub(crate) const MOMENT: Duration = Duration::from_millis(200);

/// A back end under test: one queue, empty at first, and its time.
#[async_trait]
pub(crate) trait Subject: Send + Sync {
    /// The queue, through a handle of its own where the back end has more than one process.
    async fn open(&self) -> Arc<dyn Queue>;

    /// Lets `time` pass.
    async fn pass(&self, time: Duration);
}

/// Makes one test of every rule, for the [`Subject`] that the expression makes, which may
/// contain `.await`.
macro_rules! contract {
    ($subject:expr) => {
        $crate::queue::contract::contract!(@rules $subject;
            // delivery
            a_message_arrives_as_it_was_sent
            a_sent_message_survives_reopening
            an_acknowledged_message_is_gone_for_good
            an_empty_queue_delivers_nothing_and_waits_as_told
            a_waiting_receive_gets_what_is_sent_meanwhile
            a_delay_is_honoured
            a_waiting_receive_gets_what_becomes_due
            an_empty_batch_is_fine
            a_body_too_large_is_rejected_with_its_whole_batch
            a_key_that_no_back_end_can_carry_is_rejected
            a_unicode_body_arrives_intact
            depth_counts_every_state
            // leases
            a_leased_message_is_hidden
            lease_expiry_redelivers_with_a_higher_attempt
            a_stale_lease_settles_nothing
            a_lease_lost_to_another_delivery_settles_nothing
            a_stale_lease_does_not_settle_a_later_message
            renewing_extends_a_lease_to_its_full_time
            a_lease_survives_reopening
            failing_counts_attempts
            failing_with_a_delay_waits
            releasing_starts_attempts_anew
            releasing_with_a_delay_waits
            an_abandoned_receive_loses_nothing
            // dead letters
            the_last_failure_makes_a_dead_letter_with_its_reason
            the_last_expiry_makes_a_dead_letter
            a_refused_message_is_a_dead_letter_at_once
            dead_letters_survive_reopening_and_are_listed_oldest_first
            a_replayed_message_starts_anew
            replaying_what_is_not_there_says_so
            a_dead_letter_does_not_merge_with_new_sends
            // merging
            waiting_sends_with_one_key_merge_into_the_newest
            sends_with_different_keys_do_not_merge
            a_later_send_brings_a_delayed_message_forward
            a_later_send_postpones_nothing
            a_send_during_a_lease_is_not_delivered_before_it_ends
            a_send_during_a_lease_is_delivered_after_ack
            a_send_during_a_lease_is_delivered_after_nack
            a_send_during_a_lease_is_delivered_after_release
            a_send_during_a_lease_is_delivered_after_expiry
            a_send_during_a_lease_is_delivered_after_dead_letter
            a_send_during_the_last_attempt_outlives_it
            // competition
            whether_somebody_waits_is_known_or_assumed
            a_message_given_back_goes_behind_those_that_wait
            competing_receivers_never_hold_one_message_together
            a_thousand_messages_reach_eight_receivers_exactly_once
            a_poison_message_stops_no_other
        );
    };
    (@rules $subject:expr; $($rule:ident)+) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $rule() {
                $crate::queue::contract::$rule(&$subject).await;
            }
        )+
    };
}
pub(crate) use contract;

/// A message without delay whose body names its key.
pub(crate) fn message(key: &str) -> NewMessage {
    NewMessage { key: key.into(), body: format!("{{\"key\":{key:?}}}"), delay: Duration::ZERO }
}

/// The same with another body.
pub(crate) fn message_saying(key: &str, body: &str) -> NewMessage {
    NewMessage { body: body.into(), ..message(key) }
}

/// The same with a delay.
pub(crate) fn message_after(key: &str, delay: Duration) -> NewMessage {
    NewMessage { delay, ..message(key) }
}

async fn send(queue: &dyn Queue, message: NewMessage) {
    queue.send(&[message]).await.unwrap();
}

/// The next message, which has to come soon.
async fn take(queue: &dyn Queue) -> Delivery {
    queue.receive(SOON).await.unwrap().expect("a message should be ready")
}

async fn assert_nothing_ready(queue: &dyn Queue) {
    let delivery = queue.receive(MOMENT).await.unwrap();
    assert!(delivery.is_none(), "nothing should be ready, but there is {delivery:?}");
}

/// The queue counts exactly this, those on lease where it says that it counts them.
async fn assert_depth(queue: &dyn Queue, expected: Depth) {
    let expected = match queue.leased_depth() {
        LeasedDepth::Apart => expected,
        LeasedDepth::AmongReady => {
            Depth { ready: expected.ready + expected.leased, leased: 0, ..expected }
        }
    };
    assert_eq!(queue.depth().await.unwrap(), expected);
}

/// Nearly the whole lease time.
fn almost_a_lease(queue: &dyn Queue) -> Duration {
    queue.lease_time().saturating_sub(Duration::from_secs(1))
}

async fn the_dead_letter(queue: &dyn Queue) -> DeadLetter {
    let mut letters = queue.dead_letters(10).await.unwrap();
    assert_eq!(letters.len(), 1, "one dead letter: {letters:?}");
    letters.remove(0)
}

fn assert_lease_lost<T: std::fmt::Debug>(outcome: Result<T, QueueError>) {
    assert_eq!(outcome.err(), Some(QueueError::LeaseLost));
}
