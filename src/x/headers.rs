//! What the headers of an answer say about limits and time.
//!
//! X sends `x-rate-limit-limit`, `-remaining` and `-reset` (Unix seconds) on every answer, errors
//! too (recorded 2021-22; docs.x.com, rate limits, read 2026-08-22), but each can be absent
//! (academictwitteR issue 192), so each is an `Option`. A header that can't be read counts as
//! absent. `Retry-After` is not documented and honoured if it comes, up to [`LONGEST_RETRY_AFTER`].
//!
//! These are numbers from outside that become waits, so each has a ceiling: a mistake of X's or of a
//! proxy's must not put a collection to sleep for years.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

/// The longest `Retry-After` that is honoured. Our own limit; RFC 9110 sets none. X's outages lasted
/// up to 3.7 hours (docs.x.com, incidents, 2026-06-22), and a question an hour burdens nobody.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// How far the end of a window can lie ahead of X's own clock, in seconds: windows last 15 minutes
/// (docs.x.com, rate limits, read 2026-08-22), and another 15 are left for clocks of X's that differ.
/// A header that says more is wrong, and counts as absent.
const FARTHEST_RESET: i64 = 2 * 15 * 60;

/// What the headers of one answer say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitHeaders {
    /// Requests in a window.
    pub limit: Option<u64>,
    /// Requests left in this window.
    pub remaining: Option<u64>,
    /// When this window ends, in Unix seconds of X's clock.
    pub reset: Option<i64>,
    /// X's clock when it answered, in Unix seconds.
    pub date: Option<i64>,
    /// How long to wait, at most [`LONGEST_RETRY_AFTER`].
    pub retry_after: Option<Duration>,
}

impl LimitHeaders {
    /// Reads them.
    pub fn read(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let date = text("date").and_then(unix_seconds);
        Self {
            limit: text("x-rate-limit-limit").and_then(|text| text.trim().parse().ok()),
            remaining: text("x-rate-limit-remaining").and_then(|text| text.trim().parse().ok()),
            reset: text("x-rate-limit-reset").and_then(|text| reset(text, date)),
            date,
            retry_after: text("retry-after").and_then(|text| retry_after(text, date)),
        }
    }
}

/// The end of a window, unless it lies so far ahead that it can't be one.
fn reset(text: &str, now: Option<i64>) -> Option<i64> {
    let reset = text.trim().parse::<i64>().ok()?;
    let ahead = reset.saturating_sub(now.unwrap_or(reset));
    (reset >= 0 && ahead <= FARTHEST_RESET).then_some(reset)
}

/// `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: Option<i64>) -> Option<Duration> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number too large for 64 bits is still a number, and a long wait.
    let seconds = is_number.then(|| text.parse::<u64>().unwrap_or(u64::MAX));
    let until = || u64::try_from(unix_seconds(text)?.saturating_sub(now?)).ok();
    seconds.or_else(until).map(|seconds| Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

/// `Sun, 22 Nov 2026 08:00:00 GMT` (RFC 9110, section 5.6.7).
fn unix_seconds(date: &str) -> Option<i64> {
    let time = jiff::fmt::rfc2822::parse(date.trim()).ok()?;
    Some(Timestamp::from(time).as_second())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn read(pairs: &[(&'static str, &'static str)]) -> LimitHeaders {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        LimitHeaders::read(&pairs.collect())
    }

    #[test]
    fn all_headers_are_read() {
        let headers = read(&[
            ("x-rate-limit-limit", "300"),
            ("x-rate-limit-remaining", "298"),
            ("x-rate-limit-reset", "1795334400"),
            ("date", "Sun, 22 Nov 2026 08:00:00 GMT"),
            ("retry-after", "Sun, 22 Nov 2026 08:00:30 GMT"),
        ]);
        let expected = LimitHeaders {
            limit: Some(300),
            remaining: Some(298),
            reset: Some(1_795_334_400),
            date: Some(1_795_334_400),
            retry_after: Some(Duration::from_secs(30)),
        };
        assert_eq!(headers, expected);
        assert_eq!(read(&[("retry-after", "7")]).retry_after, Some(Duration::from_secs(7)));
    }

    #[test]
    fn no_wait_from_outside_is_longer_than_its_ceiling() {
        const NOW: (&str, &str) = ("date", "Sun, 22 Nov 2026 08:00:00 GMT");
        for far in [
            "100000000",
            "18446744073709551615",
            "99999999999999999999999999",
            "Fri, 31 Dec 2100 23:59:59 GMT",
            "Thu, 31 Dec 9998 23:59:59 GMT",
        ] {
            let headers = read(&[NOW, ("retry-after", far)]);
            assert_eq!(headers.retry_after, Some(LONGEST_RETRY_AFTER), "{far}");
        }
        // A date beyond all dates, and those that are over, are no wait that X asks for.
        for past in [
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "-1",
            "-9223372036854775808",
            "Sun, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(read(&[NOW, ("retry-after", past)]).retry_after, None, "{past}");
        }
        for odd in ["9223372036854775807", "99999999999", "1795336201", "-1", "1e9"] {
            assert_eq!(read(&[NOW, ("x-rate-limit-reset", odd)]).reset, None, "{odd}");
        }
        let late = read(&[NOW, ("x-rate-limit-reset", "1795336200")]);
        assert_eq!(late.reset, Some(1_795_336_200));
    }

    #[test]
    fn what_cant_be_read_counts_as_absent() {
        let odd = [
            ("x-rate-limit-limit", "-1"),
            ("x-rate-limit-remaining", "many"),
            ("x-rate-limit-reset", ""),
            ("date", "yesterday"),
            ("retry-after", "-5"),
        ];
        assert_eq!(read(&odd), LimitHeaders::default());
        assert_eq!(read(&[]), LimitHeaders::default());
    }
}
