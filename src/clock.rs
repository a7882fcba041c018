//! The only door through which time comes in.
//!
//! Everything that decides by the clock takes a [`Clock`], so that a whole day of waiting can be
//! replayed in a test. Waiting goes through tokio's timer, which a test can pause: then virtual
//! time jumps to the next timer whenever every task waits, and a run is deterministic.
//!
//! It does not hide time zones (all times are UTC) and promises no better resolution than tokio's
//! one millisecond.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;

/// A source of the current time, and a way to wait.
#[async_trait]
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The current moment, UTC.
    fn now(&self) -> Timestamp;

    /// Time since an arbitrary fixed moment; never goes backwards.
    fn elapsed(&self) -> Duration;

    /// Waits for `duration` of this clock's time.
    async fn sleep(&self, duration: Duration);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// The clock, with [`Clock::elapsed`] counted from now.
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A clock that starts where it is told to and runs `speed` times as fast as tokio's timer.
///
/// Under tokio's paused time it is fully virtual, which makes it the clock of every test.
#[derive(Debug, Clone, Copy)]
pub struct TestClock {
    base: Timestamp,
    started: Instant,
    speed: f64,
}

impl TestClock {
    /// A clock that shows `base` now and runs at normal speed.
    pub fn at(base: Timestamp) -> Self {
        Self { base, started: Instant::now(), speed: 1.0 }
    }

    /// The same clock, `speed` times as fast (more than 0).
    #[must_use]
    pub fn faster(self, speed: f64) -> Self {
        Self { speed, ..self }
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.base.checked_add(self.elapsed()).unwrap_or(Timestamp::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed().mul_f64(self.speed)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_faster_clock_sleeps_less_and_shows_more() {
        let clock = TestClock::at(Timestamp::UNIX_EPOCH).faster(60.0);
        let before = Instant::now();
        clock.sleep(Duration::from_mins(1)).await;
        assert_eq!(before.elapsed().as_secs(), 1);
        assert_eq!(clock.now(), Timestamp::from_second(60).unwrap());
    }
}
