//! How often callers who show no key may ask again, all of them together.
//!
//! Hundreds of connections that ask as fast as they are answered would take all of the processor,
//! and whoever comes new would wait behind them. So what is asked again on a connection without a
//! key has a pace: it waits for its turn, in the order in which it came. The first request of a
//! connection never waits, nor does whoever shows a key.
//!
//! A connection that waits for its turn counts as one that waits for its caller, so it is among the
//! first to go when there is no room.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Clock;

/// The time between two such requests. Our own choice: a thousand a second are far more than the
/// pages of all people on one machine ask, and a fraction of what a processor can answer.
const STEP: Duration = Duration::from_millis(1);

/// How much may be asked at once after a silence: 250 requests. A page asks a few dozen.
const BURST: Duration = Duration::from_millis(250);

/// The pace of all connections of a listener.
#[derive(Debug)]
pub(super) struct Pace {
    clock: Arc<dyn Clock>,
    /// Whose turn is next, by the clock's elapsed time.
    next: Mutex<Duration>,
}

impl Pace {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, next: Mutex::default() }
    }

    /// Waits for the turn of a request.
    pub(super) async fn turn(&self) {
        let wait = self.wait(self.clock.elapsed());
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }

    /// How long a request waits that comes now.
    fn wait(&self, now: Duration) -> Duration {
        let mut next = self.next.lock();
        let turn = (*next).max(now.saturating_sub(BURST));
        *next = turn + STEP;
        turn.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TestClock;

    #[test]
    fn requests_wait_only_if_there_are_more_than_the_pace_allows() {
        let pace = Pace::new(Arc::new(TestClock::at(jiff::Timestamp::UNIX_EPOCH)));
        let start = Duration::from_secs(10);
        for _ in 0..=250 {
            assert_eq!(pace.wait(start), Duration::ZERO);
        }
        assert_eq!(pace.wait(start), STEP);
        assert_eq!(pace.wait(start), 2 * STEP);
        assert_eq!(pace.wait(start + 2 * STEP), STEP);
        assert_eq!(pace.wait(start + Duration::from_secs(1)), Duration::ZERO);
    }
}
