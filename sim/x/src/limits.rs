//! Rate limits: a window of fifteen minutes for each endpoint and token, and one
//! request a second for full-archive search (docs.x.com, rate limits, read 2026-08-22).
//!
//! The limit by the second is not in the headers: its 429 comes with requests left.
//! Refused requests use up neither limit; requests with bad parameters use up both.

use std::collections::BTreeMap;

use super::endpoint::Endpoint;

/// Fifteen minutes (docs.x.com, rate limits, read 2026-08-22).
pub const WINDOW_MS: i64 = 15 * 60 * 1000;

/// The numbers of the `x-rate-limit-*` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateHeaders {
    /// `x-rate-limit-limit`
    pub limit: u64,
    /// `x-rate-limit-remaining`
    pub remaining: u64,
    /// `x-rate-limit-reset`, seconds since 1970
    pub reset: i64,
}

/// What the limits say about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Within,
    /// The window is used up.
    WindowUsedUp,
    /// Less than a second since the last request.
    TooSoon,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    ends_ms: i64,
    used: u64,
    last_ms: Option<i64>,
}

/// The windows of all tokens.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    windows: BTreeMap<(String, Endpoint), Window>,
}

impl Limits {
    /// Judges a request at its arrival, and counts it if it may go on.
    pub fn take(&mut self, token: &str, endpoint: Endpoint, now_ms: i64) -> (Verdict, RateHeaders) {
        let limit = endpoint.limit();
        let fresh = Window { ends_ms: now_ms + WINDOW_MS, used: 0, last_ms: None };
        let window = self.windows.entry((token.to_owned(), endpoint)).or_insert(fresh);
        if now_ms >= window.ends_ms {
            *window = Window { last_ms: window.last_ms, ..fresh };
        }
        let pause_ms = if endpoint.is_limited_by_the_second() { 1_000 } else { 0 };
        let verdict = if window.used >= limit {
            Verdict::WindowUsedUp
        } else if window.last_ms.is_some_and(|last_ms| now_ms - last_ms < pause_ms) {
            Verdict::TooSoon
        } else {
            window.used += 1;
            window.last_ms = Some(now_ms);
            Verdict::Within
        };
        (verdict, window.headers(limit))
    }

    /// The headers of a window that nothing was taken from, for use without limits.
    pub fn untouched(endpoint: Endpoint, now_ms: i64) -> RateHeaders {
        let window = Window { ends_ms: now_ms + WINDOW_MS, used: 1, last_ms: None };
        window.headers(endpoint.limit())
    }

    /// Requests used in the windows that are open, by path (all tokens together).
    pub fn in_use(&self, now_ms: i64) -> BTreeMap<String, u64> {
        let mut used = BTreeMap::new();
        for ((_, endpoint), window) in &self.windows {
            if now_ms < window.ends_ms {
                *used.entry(endpoint.path().to_owned()).or_default() += window.used;
            }
        }
        used
    }
}

impl Window {
    fn headers(&self, limit: u64) -> RateHeaders {
        // Rounded up, so that a client that waits until `reset` is never early.
        let reset = (self.ends_ms + 999).div_euclid(1_000);
        RateHeaders { limit, remaining: limit.saturating_sub(self.used), reset }
    }
}
