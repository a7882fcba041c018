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

/// The time from a try that failed to the next one, by the dataset's age at the failure; `None`:
/// there is no next one.
///
/// A quarter of the age, at least five seconds and at most an hour: some hundred tries in all.
pub fn next_try(age: Duration) -> Option<Duration> {
    (age < PATIENCE).then(|| (age / 4).clamp(SHORTEST, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_get_rarer_with_age_and_end_after_three_days() {
        for (age, next) in [(0, 5), (20, 5), (60, 15), (3600, 900), (14_400, 3600), (250_000, 3600)]
        {
            let next = Some(Duration::from_secs(next));
            assert_eq!(next_try(Duration::from_secs(age)), next, "{age} s");
        }
        assert_eq!(next_try(PATIENCE), None);
        assert_eq!(next_try(Duration::MAX), None);
    }

    #[test]
    fn a_hundred_tries_or_so_fit_into_three_days() {
        let mut age = Duration::ZERO;
        let mut tries = 1;
        while let Some(wait) = next_try(age) {
            age += wait;
            tries += 1;
        }
        assert!((90..120).contains(&tries), "{tries}");
    }
}
