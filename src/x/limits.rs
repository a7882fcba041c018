//! X's two rate limits, as a pure state machine over time.
//!
//! | limit (docs.x.com, rate limits, read 2026-08-22) | where X shows it | what this does |
//! |---|---|---|
//! | 300 requests in 15 minutes (search/all) | `x-rate-limit-*` | stops when none is left |
//! | 1 request a second (search/all) | nowhere | spaces starts by 1.05 s |
//!
//! Promises: never more starts than either allows, for everyone who shares the machine; and all
//! requests of a window are usable. It counts down at every start and believes a header only when
//! it is lower, because answers overtake one another; when another program uses the same token,
//! the requests under way are taken off as well.
//!
//! Time is the elapsed time of a clock that never goes backwards. The end of a window is
//! `reset - Date`, both X's, so that a wrong clock of ours changes nothing; a difference beyond a
//! window is cut to [`LONGEST_WINDOW`] (DocNow/twarc issue 534 slept for 8,148 s).
//!
//! It does not know about other processes with the same token, except through the headers.

use std::time::Duration;

use super::failure::WaitReason;
use super::headers::LimitHeaders;

/// The time between two starts: the documented second, and 50 ms for jitter (twarc's value too).
pub const SPACING: Duration = Duration::from_millis(1050);

/// The widest spacing, reached when X refuses all the same (requests bunch up on the way, or
/// another program uses the token); it narrows again window by window. Our own limit: 300 such
/// steps still fit into one window, so that caution costs no throughput.
const WIDEST_SPACING: Duration = Duration::from_millis(2500);

/// The longest a window can still last: 15 minutes and a second of rounding.
pub const LONGEST_WINDOW: Duration = Duration::from_secs(901);

/// X's times are whole seconds, so the true end may be up to a second after the one it names.
const ROUNDING: Duration = Duration::from_secs(1);

/// The pauses after a 429 that is not about the window; twarc waits 10 s.
const SHORT_PAUSES: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(10),
];

/// How many refusals without any header are taken for the one-a-second limit.
const UNEXPLAINED_AFTER: u32 = 2;

/// The least wait after that (docs.x.com, response codes: "at least 60 seconds", read 2026-08-22).
const UNEXPLAINED_PAUSE: Duration = Duration::from_mins(1);

/// Not now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// How long from now.
    pub wait: Duration,
    /// Which limit it is.
    pub why: WaitReason,
}

/// The limits of one endpoint.
#[derive(Debug, Clone)]
pub struct Limiter {
    /// Requests in a window, as X last said; before, the documented number.
    limit: u64,
    /// Requests left in this window, at most.
    remaining: u64,
    /// When the first request of this window started.
    opened: Option<Duration>,
    /// The end of this window as X says it, and by our time.
    reset: Option<Reset>,
    /// The time between two starts now.
    spacing: Duration,
    /// No start before.
    next_start: Duration,
    /// Requests without an answer yet.
    under_way: u64,
    /// 429s in a row.
    refusals: u32,
}

#[derive(Debug, Clone, Copy)]
struct Reset {
    unix: i64,
    at: Duration,
}

impl Limiter {
    /// For an endpoint with `limit` requests in 15 minutes, as documented.
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            remaining: limit,
            opened: None,
            reset: None,
            spacing: SPACING,
            next_start: Duration::ZERO,
            under_way: 0,
            refusals: 0,
        }
    }

    /// Starts a request now, or says how long not to.
    pub fn start(&mut self, now: Duration) -> Result<(), Pause> {
        if self.window_end().is_some_and(|end| now >= end) {
            self.open_window();
        }
        if self.remaining == 0 {
            let end = self.window_end().unwrap_or(now);
            let wait = end.max(self.next_start).saturating_sub(now);
            return Err(Pause { wait, why: WaitReason::WindowExhausted });
        }
        let wait = self.next_start.saturating_sub(now);
        if !wait.is_zero() {
            return Err(Pause { wait, why: WaitReason::OnePerSecond });
        }
        self.opened.get_or_insert(now);
        self.remaining -= 1;
        self.under_way += 1;
        self.next_start = now + self.spacing;
        Ok(())
    }

    fn open_window(&mut self) {
        self.remaining = self.limit;
        self.opened = None;
        self.reset = None;
        self.spacing = (self.spacing * 4 / 5).max(SPACING);
    }

    fn window_end(&self) -> Option<Duration> {
        let ours = self.opened.map(|opened| opened + LONGEST_WINDOW);
        self.reset.map(|reset| reset.at).or(ours)
    }

    /// The request never reached X.
    pub fn not_sent(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
        self.remaining = self.remaining.saturating_add(1).min(self.limit);
    }

    /// The request may have reached X, but no answer came.
    pub fn lost(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// An answer came with these headers.
    pub fn answered(&mut self, now: Duration, headers: &LimitHeaders) {
        self.under_way = self.under_way.saturating_sub(1);
        self.limit = headers.limit.filter(|limit| *limit > 0).unwrap_or(self.limit);
        let Some(age) = self.note_reset(now, headers) else { return };
        let Some(remaining) = headers.remaining else { return };
        let new_window = age == Age::Newer;
        if new_window || remaining < self.remaining {
            self.remaining = remaining.saturating_sub(self.under_way);
        }
    }

    /// Notes the end of the window; `None` if the answer belongs to an earlier one.
    fn note_reset(&mut self, now: Duration, headers: &LimitHeaders) -> Option<Age> {
        let Some(unix) = headers.reset else { return Some(Age::Same) };
        let age = match self.reset {
            Some(known) if unix < known.unix => return None,
            Some(known) if unix > known.unix => Age::Newer,
            Some(_) | None => Age::Same,
        };
        if age == Age::Newer {
            self.opened = Some(now);
        }
        let at = self.reset_at(now, headers.date, unix);
        self.reset = Some(Reset { unix, at });
        Some(age)
    }

    /// When the window ends, by our time: X's own difference, or else a whole window after we saw
    /// it open. Our clock is never compared with X's.
    fn reset_at(&self, now: Duration, date: Option<i64>, unix: i64) -> Duration {
        let Some(date) = date else {
            return self.opened.unwrap_or(now) + LONGEST_WINDOW;
        };
        let left = u64::try_from(unix.saturating_sub(date)).unwrap_or(0);
        let left = Duration::from_secs(left).min(LONGEST_WINDOW);
        now + left + ROUNDING
    }

    /// The answer was anything but a 429.
    pub fn accepted(&mut self) {
        self.refusals = 0;
    }

    /// The answer was a 429 (whose headers [`Self::answered`] has seen).
    pub fn refused(&mut self, now: Duration, headers: &LimitHeaders) -> Pause {
        self.refusals = self.refusals.saturating_add(1);
        let pause = match (headers.remaining, headers.retry_after) {
            (_, Some(asked)) => {
                let why = reason(headers.remaining);
                Pause { wait: asked.clamp(Duration::from_secs(1), LONGEST_WINDOW), why }
            }
            (Some(0), None) => self.window_pause(now),
            (Some(_), None) => self.short_pause(),
            (None, None) if self.refusals <= UNEXPLAINED_AFTER => self.short_pause(),
            (None, None) => self.unexplained_pause(),
        };
        self.next_start = self.next_start.max(now + pause.wait);
        Pause { wait: self.next_start.saturating_sub(now), ..pause }
    }

    /// To the end of the window, and longer each time should that not help.
    fn window_pause(&mut self, now: Duration) -> Pause {
        self.remaining = 0;
        let end = self.window_end().unwrap_or(now + UNEXPLAINED_PAUSE);
        let least = Duration::from_secs(1) * 2_u32.saturating_pow(self.refusals.min(9) - 1);
        let wait = end.saturating_sub(now).max(least);
        Pause { wait, why: WaitReason::WindowExhausted }
    }

    fn short_pause(&mut self) -> Pause {
        self.spacing = (self.spacing * 3 / 2).min(WIDEST_SPACING);
        let step = (self.refusals as usize).clamp(1, SHORT_PAUSES.len()) - 1;
        Pause { wait: SHORT_PAUSES[step], why: WaitReason::OnePerSecond }
    }

    fn unexplained_pause(&self) -> Pause {
        let doublings = (self.refusals - UNEXPLAINED_AFTER - 1).min(4);
        let wait = (UNEXPLAINED_PAUSE * 2_u32.pow(doublings)).min(LONGEST_WINDOW);
        Pause { wait, why: WaitReason::Unexplained }
    }
}

fn reason(remaining: Option<u64>) -> WaitReason {
    match remaining {
        Some(0) => WaitReason::WindowExhausted,
        Some(_) => WaitReason::OnePerSecond,
        None => WaitReason::Unexplained,
    }
}

/// Whether an answer speaks of a later window than the last one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    Same,
    Newer,
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
