//! When tweets were posted, by the hour, as their ids tell it.
//!
//! Ids are made from the time since November 2010: the bits above the lowest 22 are milliseconds
//! since 1288834974657 (twitter-archive/snowflake, `IdWorker.scala`, read 2026-11-30). Older ids
//! were a counter and tell no time. Nothing is decoded for this, so it costs nothing beside a page.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::TweetId;
use super::record::{HourRows, Span};

/// The moment from which ids count, in milliseconds since 1970.
const EPOCH_MS: u64 = 1_288_834_974_657;

/// The lowest id that was made from a time. Those before it were counted up to 29,700,859,247 in
/// November 2010, and the new ones began far above.
const FIRST_TIMED: u64 = 29_700_859_248;

const HOUR_MS: u64 = 3_600_000;

/// The rows among `ids` by the hour (UTC) of their posting, the earliest hour first.
pub fn of(ids: &[TweetId], rows: &[Span]) -> Vec<HourRows> {
    let mut hours: BTreeMap<u64, u64> = BTreeMap::new();
    for span in rows {
        let [from, to] = [span.from, span.to].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
        for id in ids.get(from..to).unwrap_or_default() {
            if let Some(hour) = hour_ms(*id) {
                *hours.entry(hour).or_default() += 1;
            }
        }
    }
    let at = |(hour, rows): (u64, u64)| {
        let hour = Timestamp::from_millisecond(i64::try_from(hour).ok()?).ok()?;
        Some(HourRows { hour, rows })
    };
    hours.into_iter().filter_map(at).collect()
}

/// When the hour began in which the id was made, in milliseconds since 1970.
fn hour_ms(id: TweetId) -> Option<u64> {
    let made = (id.0 >= FIRST_TIMED).then(|| (id.0 >> 22) + EPOCH_MS)?;
    Some(made - made % HOUR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_by_the_hour_of_their_ids() {
        let ids = [1_541_903_894_003_171_329, 1_541_903_894_003_171_330, 1_212_092_628_029_698_048]
            .map(TweetId);
        let all = [Span { from: 0, to: 3 }];
        let hours = of(&ids, &all);
        let shown: Vec<_> = hours.iter().map(|h| (h.hour.to_string(), h.rows)).collect();
        let expected = [("2019-12-31T19:00:00Z", 1), ("2022-06-28T21:00:00Z", 2)];
        assert_eq!(shown, expected.map(|(hour, rows)| (hour.to_owned(), rows)));
        assert_eq!(of(&ids, &[Span { from: 1, to: 2 }]).len(), 1);
        assert_eq!(of(&ids, &[Span { from: 5, to: 9 }]), []);
    }

    #[test]
    fn old_ids_tell_no_time() {
        assert_eq!(of(&[TweetId(20), TweetId(29_700_859_247)], &[Span { from: 0, to: 2 }]), []);
    }

    proptest::proptest! {
        #[test]
        fn no_id_is_too_large(id: u64) {
            let rows: u64 = of(&[TweetId(id)], &[Span { from: 0, to: 1 }]).iter().map(|h| h.rows).sum();
            proptest::prop_assert_eq!(rows, u64::from(id >= FIRST_TIMED));
        }
    }
}
