//! How long to wait, and how much to ask for, after repeated failures.
//!
//! A pure value for each collection. Waits double from 2 s to 10 min, jittered, and never end:
//! X's outages last for hours (docs.x.com, incidents: 3.7 h on 2026-06-22), and giving up after a
//! few tries is what lost people their collections (academictwitteR issues 66, 135). Whether to
//! hold a lease for so long is the caller's decision.
//!
//! Large pages fail where smaller ones succeed (DocNow/twarc issue 449), so the size is halved
//! after every second failure, 500, 250, 100 (125 would be halfway to nothing), and doubled again
//! after a run of successes.

use std::time::Duration;

use super::failure::Size;

/// The first wait.
const FIRST: Duration = Duration::from_secs(2);

/// The longest wait. Our own choice: short against an outage of hours, and 6 requests an hour
/// burden nobody.
const LONGEST: Duration = Duration::from_mins(10);

/// Failures in a row that halve the size once.
const FAILURES_PER_STEP: u32 = 2;

/// Successes in a row that double it again.
const SUCCESSES_PER_STEP: u32 = 20;

/// How many times a request is made again that was answered without a page. Our own choice: what is
/// wrong for a moment passes within such waits, some 14 s in all, and what stays wrong is for a person.
const MOST_WITHOUT_PAGE: u32 = 3;

/// How many times the size is halved.
const STEPS: u32 = 2;

/// The size below which nothing is halved: the largest of recent search, which is known to work.
const SMALLEST: u64 = 100;

/// What has failed and succeeded of late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
    too_large: u32,
    successes: u32,
    steps: u32,
    without_page: u32,
}

impl Backoff {
    /// A sender that takes over goes on where the last one stopped knocking.
    pub fn after(failures: u32) -> Self {
        Self { failures, ..Self::default() }
    }

    /// After a failure.
    pub fn failed(&mut self, size: Size) {
        self.successes = 0;
        self.failures = self.failures.saturating_add(1);
        match size {
            Size::Keep => {}
            Size::Smaller => self.too_large += 1,
        }
        if self.too_large == FAILURES_PER_STEP {
            self.too_large = 0;
            self.steps = (self.steps + 1).min(STEPS);
        }
    }

    /// After a page.
    pub fn succeeded(&mut self) {
        self.failures = 0;
        self.too_large = 0;
        self.without_page = 0;
        self.successes += 1;
        if self.successes == SUCCESSES_PER_STEP {
            self.successes = 0;
            self.steps = self.steps.saturating_sub(1);
        }
    }

    /// After an answer without a page: how long to wait before the request is made again; `None`
    /// when that has been tried often enough. Other failures in between neither add to the tries
    /// nor reset them. `chance` is from 0 to 1.
    pub fn without_page(&mut self, chance: f64) -> Option<Duration> {
        if self.without_page == MOST_WITHOUT_PAGE {
            return None;
        }
        self.without_page += 1;
        Some(Self::after(self.without_page).delay(chance))
    }

    /// Failures since the last page.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// How long to wait now: half of the step for certain, the other half by chance, so that many
    /// collections do not come back together. `chance` is from 0 to 1.
    pub fn delay(&self, chance: f64) -> Duration {
        if self.failures == 0 {
            return Duration::ZERO;
        }
        let doublings = (self.failures - 1).min(16);
        let step = (FIRST * 2_u32.pow(doublings)).min(LONGEST);
        step / 2 + (step / 2).mul_f64(chance.clamp(0.0, 1.0))
    }

    /// How many tweets to ask for, of `wanted`.
    pub fn max_results(&self, wanted: u64) -> u64 {
        if wanted <= SMALLEST || self.steps == 0 {
            wanted
        } else if self.steps == STEPS {
            SMALLEST
        } else {
            (wanted / 2).max(SMALLEST)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shrinks_in_a_storm_and_grows_again() {
        let mut backoff = Backoff::default();
        let mut sizes = vec![];
        for _ in 0..6 {
            sizes.push(backoff.max_results(500));
            backoff.failed(Size::Smaller);
        }
        assert_eq!(sizes, [500, 500, 250, 250, 100, 100]);
        for expected in [100, 250, 500] {
            assert_eq!(backoff.max_results(500), expected);
            (0..20).for_each(|_| backoff.succeeded());
        }
        assert_eq!(backoff.max_results(500), 500);
    }

    #[test]
    fn a_lost_connection_or_a_small_page_changes_no_size() {
        let mut backoff = Backoff::default();
        (0..10).for_each(|_| backoff.failed(Size::Keep));
        assert_eq!(backoff.max_results(500), 500);
        (0..10).for_each(|_| backoff.failed(Size::Smaller));
        assert_eq!((backoff.max_results(60), backoff.max_results(150)), (60, 100));
    }

    #[test]
    fn a_request_without_a_page_is_repeated_a_few_times_only() {
        let mut backoff = Backoff::after(9);
        let mut waits = Vec::new();
        while let Some(wait) = backoff.without_page(1.0) {
            waits.push(wait.as_secs());
            backoff.failed(Size::Keep);
        }
        assert_eq!(waits, [2, 4, 8]);
        assert_eq!(backoff.without_page(1.0), None);
        backoff.succeeded();
        assert!(backoff.without_page(1.0).is_some(), "a page ends the count");
    }

    #[test]
    fn waits_double_up_to_ten_minutes_and_never_end() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.delay(1.0), Duration::ZERO);
        let mut total = Duration::ZERO;
        for failure in 1..=40 {
            backoff.failed(Size::Keep);
            let (least, most) = (backoff.delay(0.0), backoff.delay(1.0));
            assert_eq!(least * 2, most, "failure {failure}");
            assert!(most <= LONGEST && (failure < 10 || most == LONGEST));
            total += least;
        }
        assert!(total > Duration::from_hours(2), "an outage of hours fits: {total:?}");
        backoff.succeeded();
        assert_eq!(backoff.delay(1.0), Duration::ZERO);
    }
}
