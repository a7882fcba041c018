//! What the headers of an answer say about limits and time.
//!
//! X sends `x-rate-limit-limit`, `-remaining` and `-reset` (Unix seconds) on every answer, errors
//! too (recorded 2021-22; docs.x.com, rate limits, read 2026-08-22), but each can be absent
//! (academictwitteR issue 192), so each is an `Option`. A header that can't be read counts as
//! absent. `Retry-After` is not documented and honoured if it comes.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;

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
    /// How long to wait.
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
            reset: text("x-rate-limit-reset").and_then(|text| text.trim().parse().ok()),
            date,
            retry_after: text("retry-after").and_then(|text| retry_after(text, date)),
        }
    }
}

/// `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: Option<i64>) -> Option<Duration> {
    let seconds = text.trim().parse::<u64>().ok();
    let until = || u64::try_from(unix_seconds(text)?.saturating_sub(now?)).ok();
    seconds.or_else(until).map(Duration::from_secs)
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
