//! How long a lock lasts: the broker's word, on this machine's clock.
//!
//! The broker says with each delivery and each renewal until when a message is locked, by its own
//! clock. How far that is from ours nobody says, so two things are known of a lock:
//!
//! * what is left of it by our clock, which is right if both clocks are;
//! * a bound that needs no clock of ours: a message is locked after it came into the queue, so no
//!   lock is longer than the shortest time that was ever seen between these two moments, both of
//!   them by the broker's clock. A message that is delivered at once makes this exact. A lock that
//!   was lost before we expected teaches the same.
//!
//! The shorter of these and of `lease.seconds` counts. So with clocks that differ a lock may be
//! renewed too often, and never too seldom for long. It is never believed to be shorter than the
//! shortest that the service has, because a clock that is ahead would make every lock look over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use crate::clock::Clock;

/// The shortest lock that Azure takes (learn.microsoft.com, Microsoft.ServiceBus/namespaces/queues,
/// read 2026-11).
pub(super) const SHORTEST_LOCK: Duration = Duration::from_secs(5);

/// What is known of one lock, counted from the moment when it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lock {
    /// It holds for so long at least, as far as can be known: renewals go by this.
    pub(super) lasts: Duration,
    /// After this it is over: nothing is settled any more.
    pub(super) ends: Duration,
}

/// The locks of one queue.
#[derive(Debug)]
pub(super) struct Locks {
    queue: String,
    /// As it was configured.
    lease_time: Duration,
    clock: Arc<dyn Clock>,
    /// No lock is longer than this, in milliseconds.
    longest_ms: AtomicI64,
    warned: AtomicBool,
}

impl Locks {
    pub(super) fn new(queue: &str, lease_time: Duration, clock: Arc<dyn Clock>) -> Self {
        let longest_ms = AtomicI64::new(i64::MAX);
        Self {
            queue: queue.to_owned(),
            lease_time,
            clock,
            longest_ms,
            warned: AtomicBool::new(false),
        }
    }

    /// The lock of a delivery that came just now. Times are the broker's, in milliseconds since
    /// 1970, and absent if it did not say.
    pub(super) fn delivered(&self, until_ms: Option<i64>, enqueued_ms: Option<i64>) -> Lock {
        if let (Some(until), Some(enqueued)) = (until_ms, enqueued_ms) {
            self.is_at_most(until.saturating_sub(enqueued));
        }
        let left_ms = self.left_ms(until_ms);
        if let Some(ahead) = left_ms.filter(|left| *left < 0)
            && !self.warned.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                queue.name = self.queue,
                ahead_seconds = ahead.unsigned_abs() / 1000,
                "by this machine's clock a lock was over before it began: the clock is ahead of \
                 Azure's; set it, for until then locks are renewed more often than they need be"
            );
        }
        lock(self.lease_time, self.longest(), left_ms)
    }

    /// The lock after a renewal that was asked for `ago`.
    pub(super) fn renewed(&self, until_ms: Option<i64>, ago: Duration) -> Lock {
        let ago_ms = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        let left_ms = self.left_ms(until_ms).map(|left| left.saturating_add(ago_ms));
        lock(self.lease_time, self.longest(), left_ms)
    }

    /// A lock was lost so long after it was asked for, although it should have lasted longer. One
    /// that was lost sooner than any lock ends went for another reason, and teaches nothing.
    pub(super) fn lost_after(&self, held: Duration) {
        if held >= SHORTEST_LOCK {
            self.is_at_most(i64::try_from(held.as_millis()).unwrap_or(i64::MAX));
        }
    }

    fn is_at_most(&self, bound_ms: i64) {
        if bound_ms > 0 {
            self.longest_ms.fetch_min(bound_ms, Ordering::Relaxed);
        }
    }

    fn longest(&self) -> Duration {
        Duration::from_millis(self.longest_ms.load(Ordering::Relaxed).unsigned_abs())
    }

    fn left_ms(&self, until_ms: Option<i64>) -> Option<i64> {
        until_ms.map(|until| until.saturating_sub(self.clock.now().as_millisecond()))
    }
}

/// What is known of a lock, from what was configured, the bound, and what is left by our clock.
fn lock(lease_time: Duration, longest: Duration, left_ms: Option<i64>) -> Lock {
    let ends = lease_time.min(longest);
    match left_ms.map(|left| Duration::from_millis(u64::try_from(left).unwrap_or(0))) {
        None => Lock { lasts: ends, ends },
        // Implausible: the clock is ahead.
        Some(left) if left < SHORTEST_LOCK => Lock { lasts: ends.min(SHORTEST_LOCK), ends },
        Some(left) => Lock { lasts: ends.min(left), ends: ends.min(left) },
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::clock::TestClock;

    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_mins(1);

    /// The broker's clock at the start, in milliseconds; ours is off by so much.
    const BROKER_MS: i64 = 1_800_000_000_000;

    fn locks(ours_ahead_s: i64) -> Locks {
        let now = Timestamp::from_millisecond(BROKER_MS + 1000 * ours_ahead_s).unwrap();
        Locks::new("q", MINUTE, Arc::new(TestClock::at(now)))
    }

    /// The lock of a message that waited for so long, under a lock of five seconds.
    fn delivered(locks: &Locks, waited_s: i64) -> Lock {
        locks.delivered(Some(BROKER_MS + 5000), Some(BROKER_MS - 1000 * waited_s))
    }

    fn lasting(lasts: Duration, ends: Duration) -> Lock {
        Lock { lasts, ends }
    }

    #[tokio::test(start_paused = true)]
    async fn with_equal_clocks_a_lock_lasts_as_the_broker_says() {
        let five = lasting(SECOND * 5, SECOND * 5);
        for waited in [0, 3600] {
            assert_eq!(delivered(&locks(0), waited), five);
        }
        assert_eq!(locks(0).renewed(Some(BROKER_MS + 5000), Duration::ZERO), five);
        assert_eq!(locks(0).renewed(Some(BROKER_MS + 3000), SECOND * 2), five);
        // Never longer than configured: an earlier renewal does no harm.
        let minute = lasting(MINUTE, MINUTE);
        assert_eq!(locks(0).delivered(Some(BROKER_MS + 300_000), None), minute);
        assert_eq!(locks(0).delivered(None, None), minute);
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_clock_behind_one_prompt_message_tells_how_long_locks_are() {
        let locks = locks(-600);
        assert_eq!(delivered(&locks, 3600), lasting(MINUTE, MINUTE), "nothing is known yet");
        assert_eq!(delivered(&locks, 0), lasting(SECOND * 5, SECOND * 5));
        assert_eq!(delivered(&locks, 3600), lasting(SECOND * 5, SECOND * 5));
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_clock_behind_a_lost_lock_tells_it_too() {
        let locks = locks(-600);
        assert_eq!(delivered(&locks, 3600), lasting(MINUTE, MINUTE));
        locks.lost_after(SECOND * 2);
        assert_eq!(delivered(&locks, 3600), lasting(MINUTE, MINUTE), "lost for another reason");
        locks.lost_after(SECOND * 12);
        assert_eq!(delivered(&locks, 3600), lasting(SECOND * 12, SECOND * 12));
    }

    #[tokio::test(start_paused = true)]
    async fn with_a_clock_ahead_a_lock_is_renewed_early_and_not_given_up() {
        let locks = locks(600);
        assert_eq!(delivered(&locks, 30), lasting(SECOND * 5, SECOND * 35));
        let renewed = locks.renewed(Some(BROKER_MS + 5000), Duration::ZERO);
        assert_eq!(renewed, lasting(SECOND * 5, SECOND * 35));
    }

    #[tokio::test(start_paused = true)]
    async fn nonsense_from_the_broker_does_no_harm() {
        for (until, enqueued) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (0, 0), (-1, 1)] {
            let lock = locks(0).delivered(Some(until), Some(enqueued));
            assert!(lock.lasts >= SHORTEST_LOCK && lock.lasts <= lock.ends, "{lock:?}");
            assert!(lock.ends <= MINUTE, "{lock:?}");
        }
    }
}
