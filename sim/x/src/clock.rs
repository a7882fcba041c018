//! The simulated clock.
//!
//! Simulated time is a starting point plus tokio's elapsed time times a factor, and
//! every wait is a tokio sleep. Under `tokio::time::pause` the whole simulator is
//! therefore virtual and deterministic; with a factor of 60 a rate window of a
//! quarter of an hour passes in fifteen seconds.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::Offset;
use tokio::time::Instant;

/// Simulated time. Never goes backwards.
#[derive(Clone, Debug)]
pub struct Clock {
    base_ms: i64,
    started: Instant,
    speed: f64,
}

impl Clock {
    /// A clock that shows `base` now and runs `speed` times as fast as tokio's.
    pub fn new(base: Timestamp, speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        Self { base_ms: base.as_millisecond(), started: Instant::now(), speed }
    }

    /// Milliseconds since 1970 in simulated time.
    pub fn now_ms(&self) -> i64 {
        let elapsed_ms = self.started.elapsed().as_secs_f64() * 1000.0 * self.speed;
        // Half a microsecond of slack keeps 2.999999 ms from reading as 2 ms.
        self.base_ms + (elapsed_ms + 0.0005) as i64
    }

    /// Waits for a duration of simulated time.
    pub async fn sleep(&self, simulated: Duration) {
        if !simulated.is_zero() {
            tokio::time::sleep(simulated.div_f64(self.speed)).await;
        }
    }
}

/// The real time, read once when a simulator is made without a start of its own.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where simulated time touches real time"
)]
pub fn real_now() -> Timestamp {
    Timestamp::now()
}

/// A timestamp from milliseconds; times outside jiff's range become 1970.
pub fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `2026-06-05T14:03:21.000Z`: how X writes times in answers, always with `.000`.
pub fn answer_time(ms: i64) -> String {
    let time = Offset::UTC.to_datetime(timestamp(ms));
    let mut text = String::with_capacity(24);
    for (number, sign) in [
        (time.year() / 100, None),
        (time.year() % 100, Some('-')),
        (time.month().into(), Some('-')),
        (time.day().into(), Some('T')),
        (time.hour().into(), Some(':')),
        (time.minute().into(), Some(':')),
        (time.second().into(), None),
    ] {
        // Four of these stand in every post, and jiff's formats are made for all of them.
        let digit = |number: i16| char::from(b'0' + (number % 10) as u8);
        text.extend([digit(number / 10), digit(number)]);
        text.extend(sign);
    }
    text.push_str(".000Z");
    text
}

/// `2020-06-21T01:00Z`: how X echoes times in messages (recorded 400 body of search/all).
pub fn message_time(ms: i64) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%MZ").to_string()
}

/// `Sun, 22 Nov 2026 21:00:00 GMT`: the `date` header.
pub fn http_date(ms: i64) -> String {
    timestamp(ms).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn times_are_written_as_jiff_writes_them(ms in 1_142_899_200_000_i64..4_291_747_200_000) {
            let expected = timestamp(ms).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
            proptest::prop_assert_eq!(answer_time(ms), expected);
        }
    }
}
