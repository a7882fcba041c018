//! How long a notice is tried, and how often: a pure function of the dataset's age.
//!
//! No counter has to be kept anywhere, so a process that takes over goes on at the same pace.

use std::time::Duration;

/// The shortest time between two tries.
const SHORTEST: Duration = Duration::from_secs(5);

/// The longest time between two tries.
const LONGEST: Duration = Duration::from_hours(1);

/// How long a notice is tried. Our own choice: a receiver that breaks on a Friday evening is
/// mended on Monday.
pub const PATIENCE: Duration = Duration::from_hours(3 * 24);

/// The time from a try that failed to the next one, by the dataset's age at the failure and by what
/// the other side asked for; `None`: there is no next one.
///
/// A quarter of the age, at least five seconds and at most an hour: some hundred tries in all. Who
/// asks for more time gets it, up to an hour too. The last try is at the end of the three days,
/// whatever was asked for.
pub fn next_try(age: Duration, asked: Option<Duration>) -> Option<Duration> {
    let left = PATIENCE.checked_sub(age).filter(|left| !left.is_zero())?;
    let asked = asked.unwrap_or_default().min(LONGEST);
    Some((age / 4).clamp(SHORTEST, LONGEST).max(asked).min(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_get_rarer_with_age_and_end_after_three_days() {
        for (age, next) in [(0, 5), (20, 5), (60, 15), (3600, 900), (14_400, 3600), (250_000, 3600)]
        {
            let next = Some(Duration::from_secs(next));
            assert_eq!(next_try(Duration::from_secs(age), None), next, "{age} s");
        }
        assert_eq!(next_try(PATIENCE, None), None);
        assert_eq!(next_try(Duration::MAX, None), None);
    }

    #[test]
    fn a_hundred_tries_or_so_fit_into_three_days() {
        let mut age = Duration::ZERO;
        let mut tries = 1;
        while let Some(wait) = next_try(age, None) {
            age += wait;
            tries += 1;
        }
        assert!((90..120).contains(&tries), "{tries}");
    }

    #[test]
    fn who_asks_for_time_gets_it_up_to_an_hour_and_to_the_end() {
        let next =
            |age, asked| next_try(Duration::from_secs(age), Some(asked)).map(|wait| wait.as_secs());
        let seconds = Duration::from_secs;
        assert_eq!(next(10, seconds(0)), Some(5), "a request for no pause is no request for haste");
        assert_eq!(next(10, seconds(90)), Some(90));
        assert_eq!(next(4000, seconds(90)), Some(1000));
        assert_eq!(next(10, seconds(86_400)), Some(3600));
        assert_eq!(next(10, Duration::MAX), Some(3600));
        let end = PATIENCE.as_secs();
        assert_eq!(next(end - 7, Duration::MAX), Some(7));
        assert_eq!(next(end, seconds(1)), None);
    }
}
