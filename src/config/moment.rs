//! Days and instants, as people write the ends of a time span.
//!
//! All are UTC. A last day is included, an instant at the end is not; every message and help text
//! says so, because tools differ here and a missing last day is hard to notice.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::values::Invalid;

/// A day or an instant, as people write the ends of a time span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A whole day, UTC.
    Day(Date),
    /// An instant.
    Instant(Timestamp),
}

impl Moment {
    /// The first instant of a span that starts here.
    pub fn first_instant(self) -> Timestamp {
        match self {
            Self::Day(day) => midnight(day),
            Self::Instant(instant) => instant,
        }
    }

    /// The first instant after a span that ends here: a day is included, an instant is not.
    pub fn first_instant_after(self) -> Timestamp {
        match self {
            Self::Day(day) => midnight(day.saturating_add(1.day())),
            Self::Instant(instant) => instant,
        }
    }
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

impl FromStr for Moment {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // jiff reads the day of a longer text as well, and drops its time.
        let day = (text.len() == 10).then(|| text.parse().ok()).flatten().map(Self::Day);
        day.or_else(|| text.parse().ok().map(Self::Instant)).ok_or_else(|| {
            Invalid::new(
                "neither a day nor an instant",
                "write 2021-05-24 (a day, UTC) or 2021-05-24T18:00:00Z",
            )
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Instant(instant) => instant.fmt(f),
        }
    }
}

/// A span needs a start before its end.
pub fn check_order(start: Option<Moment>, end: Option<Moment>) -> Result<(), Invalid> {
    match (start, end) {
        (Some(start), Some(end)) if start.first_instant() >= end.first_instant_after() => {
            let reason = format!("the span from {start} ends before it starts, at {end}");
            Err(Invalid::new(reason, "put the earlier one first; a last day is included"))
        }
        (_, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_included() {
        let day: Moment = "2021-05-24".parse().unwrap();
        assert_eq!(day.first_instant().to_string(), "2021-05-24T00:00:00Z");
        assert_eq!(day.first_instant_after().to_string(), "2021-05-25T00:00:00Z");
        let instant: Moment = "2021-05-24T20:00:00+02:00".parse().unwrap();
        assert_eq!(instant.first_instant_after().to_string(), "2021-05-24T18:00:00Z");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for wrong in ["", "24.05.2021", "2021-5-24", "2021-02-30", "2021-05-24T18:00", "yesterday"]
        {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn one_day_is_a_span_and_a_backward_one_is_not() {
        let day = |text: &str| Some(text.parse().unwrap());
        assert_eq!(check_order(day("2021-05-24"), day("2021-05-24")), Ok(()));
        assert!(check_order(day("2021-05-25"), day("2021-05-24")).is_err());
        assert_eq!(check_order(day("2021-05-25"), None), Ok(()));
    }
}
