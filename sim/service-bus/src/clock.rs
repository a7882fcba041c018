//! Wall-clock time that passes as tokio's does.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// The time at which it was made, plus what has passed on tokio's clock since.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    base_ms: i64,
    started: Instant,
}

impl Clock {
    /// A clock that shows the system's time now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where simulated time touches real time"
    )]
    pub fn start() -> Self {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let base_ms = since_1970.unwrap_or_default().as_millis() as i64;
        Self { base_ms, started: Instant::now() }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.base_ms + self.started.elapsed().as_millis() as i64
    }

    /// The instant at which the clock shows a time, or now if it did so before it was made.
    pub fn instant(&self, time_ms: i64) -> Instant {
        self.started + Duration::from_millis(u64::try_from(time_ms - self.base_ms).unwrap_or(0))
    }
}
