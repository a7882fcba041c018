//! Numbers and collections as people read them: pure functions, no I/O.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

pub use crate::check::disk::bytes;
use crate::model::overview::{Overview, Waiting};
use crate::model::spec::Window;

/// `2026-11-22 08:00:00 UTC`
pub fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Which instants are inside is said, because tools differ.
pub fn window(window: Window) -> String {
    format!("{} to {}, the end is not included", instant(window.start), instant(window.end))
}

/// `1 tweet`, `505 tweets`
pub fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Names of fields that are new at X, if there are any.
pub fn unknown_fields(names: &BTreeSet<String>) -> Option<String> {
    let all = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    (!all.is_empty()).then(|| format!("fields without a column of their own: {all}"))
}

/// How long until `until`, in words that fit a progress line.
pub fn wait(waiting: &Waiting, now: Timestamp) -> String {
    let left = Duration::try_from(now.duration_until(waiting.until)).unwrap_or_default();
    format!("{} s: {}", left.as_secs(), waiting.reason)
}

/// Money and waits of a running collection, for a progress line.
pub fn running(overview: &Overview, now: Timestamp) -> String {
    let cost = overview.cost_usd.to_string();
    match &overview.waiting {
        Some(waiting) => format!("{cost}, waiting {}", wait(waiting, now)),
        None => cost,
    }
}

/// A running collection in one line, where no bar can be drawn.
pub fn progress(overview: &Overview, now: Timestamp) -> String {
    let rows = match overview.spec.limit {
        Some(limit) => format!("{} of at most {limit} tweets", overview.rows),
        None => count(overview.rows, "tweet"),
    };
    format!("{}: {rows}, {}", overview.state.name(), running(overview, now))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::Usd;
    use crate::model::record::tests::created;
    use crate::model::state::State;

    /// A collection in the middle of its life.
    pub(crate) fn overview() -> Overview {
        let created = created();
        Overview {
            collection: created.id,
            state: State::Collecting,
            spec: created.spec,
            created_at: created.created_at,
            rows: 505,
            pages: 2,
            parts_stored: 0,
            parts: None,
            cost_usd: Usd::from_micros(7_575_000),
            cost_perhaps_usd: Usd::ZERO,
            cost_worst_usd: Usd::from_micros(7_575_000),
            cost_likely_usd: None,
            max_cost_usd: None,
            waiting: None,
            trouble: None,
            touched_at: Some("2026-11-22T12:00:05Z".parse().unwrap()),
        }
    }

    #[test]
    fn sizes_have_one_decimal() {
        for (number, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1_234_567, "1.2 MB"),
            (999_999, "999.9 kB"),
            (5_000_000_000_000_000, "5000.0 TB"),
        ] {
            assert_eq!(bytes(number), shown);
        }
    }

    #[test]
    fn fields_that_are_new_are_named_if_there_are_any() {
        let names = ["author.badge", "mood"].map(str::to_owned).into();
        let said = "fields without a column of their own: author.badge, mood";
        assert_eq!(unknown_fields(&names).unwrap(), said);
        assert_eq!(unknown_fields(&BTreeSet::new()), None);
    }

    #[test]
    fn a_wait_says_how_long_and_for_what() {
        let mut overview = overview();
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        assert_eq!(progress(&overview, now), "collecting: 505 of at most 1000 tweets, $7.575");
        let until = "2026-11-22T12:06:52Z".parse().unwrap();
        overview.state = State::Waiting;
        overview.waiting = Some(Waiting { until, reason: "the window is used up".into() });
        let line = progress(&overview, now);
        assert!(line.ends_with("$7.575, waiting 412 s: the window is used up"), "{line}");
        // A wait that is over has not begun to count backwards.
        assert!(wait(overview.waiting.as_ref().unwrap(), until).starts_with("0 s"));
    }
}
