//! Dates that a user gives, resolved to a window of time.
//!
//! | a user writes | `start_date` | `end_date` |
//! |---|---|---|
//! | `2026-11-22` | the day's first second | the end of that day, which is inside |
//! | `2026-11-22T08:00[:30]`, `2026-11-22 08:00[:30]` | that instant, UTC | that instant |
//! | `2026-11-22T08:00:00+01:00` (RFC 3339) | that instant | that instant |
//! | nothing | 30 days before the end (recent search: as far as it goes) | now |
//!
//! X counts whole seconds, so a fraction is rounded outwards. X's newest half minute can't be asked
//! for; an end in it or in the future is moved back, and [`Resolved`] says so. What X would refuse
//! or silently narrow is an error here, before any request.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::clip::clip;
use super::spec::{Archive, Window};

/// How far X's index is behind (docs.x.com, search pagination: "30 seconds", read 2026-08-22).
const INDEX_LAG: SignedDuration = SignedDuration::from_secs(30);

/// The span without a start date: X's own default for the full archive (docs.x.com, full-archive
/// search quickstart, read 2026-08-22).
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How far recent search reaches (docs.x.com, recent search, read 2026-08-22).
const RECENT_SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How much later than that a default start is. Our own guess: the start is the same on every page,
/// and X refuses it once seven days have passed since; a collection of recent tweets takes less
/// than ten minutes as a rule.
const RECENT_MARGIN: SignedDuration = SignedDuration::from_mins(10);

/// The day of the first tweet; X refuses earlier starts ("must be on or after", public code).
const FIRST_DAY: Date = jiff::civil::date(2006, 3, 21);

/// What became of a user's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// The window.
    pub window: Window,
    /// The end that was asked for, if it had to be moved back to what X can answer.
    pub moved_from: Option<Timestamp>,
}

/// A date that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {value:?} {reason}; {fix}")]
pub struct DateError {
    /// Which one.
    pub field: DateField,
    /// What was given (or worked out, if nothing was).
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub fix: &'static str,
}

/// One of the two dates, by the name that it has in configuration and requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateField {
    /// `start_date`.
    Start,
    /// `end_date`.
    End,
}

impl fmt::Display for DateField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start_date",
            Self::End => "end_date",
        })
    }
}

impl Window {
    /// The window from `since` to `until`, as seen at `now`.
    pub fn resolve(
        since: Option<&str>,
        until: Option<&str>,
        now: Timestamp,
        archive: Archive,
    ) -> Result<Resolved, DateError> {
        let latest = whole(now - INDEX_LAG, DateField::Start);
        let asked = until.map(|text| instant(DateField::End, text)).transpose()?;
        let end = asked.unwrap_or(latest).min(latest);
        let start = match since {
            Some(text) => given_start(text, now, archive)?,
            None => default_start(end, now, archive),
        };
        if start >= end {
            return Err(reversed(since, start, until, end));
        }
        let moved_from = asked.filter(|asked| *asked > latest);
        Ok(Resolved { window: Window { start, end }, moved_from })
    }

    /// Whether X can be asked for this window at `now`: the index of recent tweets moves on, so one
    /// that was resolved a while ago may have come out of its reach.
    pub fn check_reach(self, now: Timestamp, archive: Archive) -> Result<(), DateError> {
        check_reach(self.start, &self.start.to_string(), now, archive)
    }
}

fn default_start(end: Timestamp, now: Timestamp, archive: Archive) -> Timestamp {
    let start = match archive {
        Archive::All => (end - DEFAULT_SPAN).max(first_instant()),
        Archive::Recent => now - RECENT_SPAN + RECENT_MARGIN,
    };
    whole(start, DateField::Start)
}

fn given_start(text: &str, now: Timestamp, archive: Archive) -> Result<Timestamp, DateError> {
    let start = instant(DateField::Start, text)?;
    if start < first_instant() {
        return Err(bad_start(text, "is before the first tweet", "use 2006-03-21 or later"));
    }
    check_reach(start, text, now, archive)?;
    Ok(start)
}

fn check_reach(
    start: Timestamp,
    text: &str,
    now: Timestamp,
    archive: Archive,
) -> Result<(), DateError> {
    match archive {
        Archive::Recent if start < now - RECENT_SPAN => Err(bad_start(
            text,
            "is more than 7 days ago, and recent search reaches no further",
            "use a later date, or the full archive (`archive = \"all\"`)",
        )),
        Archive::Recent | Archive::All => Ok(()),
    }
}

fn bad_start(text: &str, reason: &str, fix: &'static str) -> DateError {
    DateError { field: DateField::Start, value: clip(text), reason: reason.to_owned(), fix }
}

fn reversed(
    since: Option<&str>,
    start: Timestamp,
    until: Option<&str>,
    end: Timestamp,
) -> DateError {
    let field = if since.is_some() { DateField::Start } else { DateField::End };
    let given = match field {
        DateField::Start => since,
        DateField::End => until,
    };
    let reason = format!(
        "leaves no time to search: start_date is {start}, end_date {end} (no later than 30 seconds \
         ago)"
    );
    let fix = "move start_date before end_date";
    DateError { field, value: given.map(clip).unwrap_or_default(), reason, fix }
}

/// Whether a text is a date, without a word on whether it makes sense now.
pub fn check_date(field: DateField, text: &str) -> Result<(), DateError> {
    instant(field, text).map(drop)
}

/// Reads one date.
fn instant(field: DateField, text: &str) -> Result<Timestamp, DateError> {
    let trimmed = text.trim();
    let read = if looks_like(trimmed, DAY) {
        day(field, trimmed)
    } else if looks_like(trimmed, MINUTE) {
        moment(trimmed).map(|time| whole(time, field))
    } else {
        None
    };
    read.ok_or_else(|| DateError {
        field,
        value: clip(text),
        reason: "is no date".into(),
        fix: "write 2026-11-22, 2026-11-22T08:00 (UTC) or 2026-11-22T08:00:00+01:00",
    })
}

const DAY: &str = "dddd-dd-dd";
const MINUTE: &str = "dddd-dd-ddTdd:dd";

/// Whether a text begins like the pattern (or, for a day, is like it): so that the many other
/// forms of ISO 8601, some of which people read differently, are no dates here.
fn looks_like(text: &str, pattern: &str) -> bool {
    let fits = |(c, p): (u8, u8)| match p {
        b'd' => c.is_ascii_digit(),
        b'T' => matches!(c, b'T' | b't' | b' '),
        _ => c == p,
    };
    let length = if pattern == DAY { text.len() == DAY.len() } else { text.len() >= MINUTE.len() };
    length && text.bytes().zip(pattern.bytes()).all(fits)
}

fn day(field: DateField, text: &str) -> Option<Timestamp> {
    let date: Date = text.parse().ok()?;
    let first = match field {
        DateField::Start => date,
        DateField::End => date.checked_add(1.day()).ok()?,
    };
    utc(first.at(0, 0, 0, 0))
}

/// An instant with an offset, or without one in UTC. A zone in brackets is refused.
fn moment(text: &str) -> Option<Timestamp> {
    if text.contains('[') {
        return None;
    }
    let civil = || utc(text.parse::<DateTime>().ok()?);
    text.parse::<Timestamp>().ok().or_else(civil)
}

fn utc(time: DateTime) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(time).ok()
}

/// Whole seconds, rounded outwards.
fn whole(time: Timestamp, field: DateField) -> Timestamp {
    let floor = time.as_second() - i64::from(time.subsec_nanosecond() < 0);
    let up = match field {
        DateField::Start => 0,
        DateField::End => i64::from(time.subsec_nanosecond() != 0),
    };
    Timestamp::from_second(floor + up).unwrap_or(time)
}

fn first_instant() -> Timestamp {
    utc(FIRST_DAY.at(0, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T08:00:00.5Z";

    fn resolve(since: Option<&str>, until: Option<&str>) -> Result<Resolved, DateError> {
        Window::resolve(since, until, NOW.parse().unwrap(), Archive::All)
    }

    fn shown_window(since: Option<&str>, until: Option<&str>) -> (String, String) {
        let window = resolve(since, until).unwrap().window;
        (window.start.to_string(), window.end.to_string())
    }

    #[test]
    fn without_dates_it_is_the_last_thirty_days() {
        let resolved = resolve(None, None).unwrap();
        assert_eq!(resolved.window.end.to_string(), "2026-11-22T07:59:30Z");
        assert_eq!(resolved.window.start.to_string(), "2026-10-23T07:59:30Z");
        assert_eq!(resolved.moved_from, None);
        let before = shown_window(None, Some("2020-01-31"));
        assert_eq!(before, ("2020-01-02T00:00:00Z".into(), "2020-02-01T00:00:00Z".into()));
    }

    #[test]
    fn an_end_day_is_inside_the_window() {
        let window = shown_window(Some("2026-11-01"), Some("2026-11-01"));
        assert_eq!(window, ("2026-11-01T00:00:00Z".into(), "2026-11-02T00:00:00Z".into()));
    }

    #[test]
    fn instants_are_read_in_every_usual_form() {
        for (text, expected) in [
            ("2026-11-01T08:30", "2026-11-01T08:30:00Z"),
            ("2026-11-01 08:30", "2026-11-01T08:30:00Z"),
            ("2026-11-01 08:30:15", "2026-11-01T08:30:15Z"),
            (" 2026-11-01T08:30:15Z ", "2026-11-01T08:30:15Z"),
            ("2026-11-01t08:30:15z", "2026-11-01T08:30:15Z"),
            ("2026-11-01T08:30:15+05:30", "2026-11-01T03:00:15Z"),
            ("2026-11-01T08:30:15-11:00", "2026-11-01T19:30:15Z"),
            ("2026-11-01T08:30:15.999Z", "2026-11-01T08:30:15Z"),
        ] {
            assert_eq!(shown_window(Some(text), None).0, expected, "{text}");
        }
        let end = shown_window(None, Some("2026-11-01T08:30:15.001Z")).1;
        assert_eq!(end, "2026-11-01T08:30:16Z", "an end is rounded outwards");
    }

    #[test]
    fn an_end_that_x_cant_answer_is_moved_and_said_so() {
        for until in ["2026-11-22", "2030-01-01", "2026-11-22T07:59:40Z"] {
            let resolved = resolve(None, Some(until)).unwrap();
            assert_eq!(resolved.window.end.to_string(), "2026-11-22T07:59:30Z", "{until}");
            assert!(resolved.moved_from.is_some(), "{until}");
        }
        assert_eq!(resolve(None, Some("2026-11-21")).unwrap().moved_from, None);
    }

    #[test]
    fn what_is_no_date_is_refused_with_its_field() {
        for wrong in [
            "",
            "yesterday",
            "2026",
            "2026-11",
            "20261101",
            "01.11.2026",
            "11/01/2026",
            "2026-13-01",
            "2026-02-30",
            "2026-11-01T25:00",
            "2026-11-01T08",
            "2026-11-01T08:00[Europe/Berlin]",
            "2026-11-01T08:00 morning",
            "-2026-11-01",
            "２０２６-11-01",
            "1795334400",
        ] {
            let error = resolve(None, Some(wrong)).unwrap_err();
            assert_eq!(
                (error.field, error.reason.as_str()),
                (DateField::End, "is no date"),
                "{wrong}"
            );
        }
        let error = resolve(Some("soon"), None).unwrap_err().to_string();
        assert!(error.starts_with("start_date \"soon\" is no date; write 2026-11-22"), "{error}");
    }

    #[test]
    fn a_window_needs_time_in_it() {
        for (since, until) in [
            ("2026-11-02", "2026-11-01"),
            ("2026-11-01T08:00", "2026-11-01T08:00"),
            ("2027-01-01", "2028-01-01"),
            ("2026-11-22T07:59:30Z", "2026-11-22"),
        ] {
            let error = resolve(Some(since), Some(until)).unwrap_err().to_string();
            assert!(error.contains("start_date is") && error.contains("end_date "), "{error}");
        }
        assert!(resolve(Some("2006-03-21"), None).is_ok());
        let error = resolve(Some("2006-03-20"), None).unwrap_err();
        assert_eq!(error.reason, "is before the first tweet");
        assert_eq!(resolve(None, Some("2006-03-20")).unwrap_err().field, DateField::End);
    }

    #[test]
    fn recent_search_reaches_seven_days() {
        let now = NOW.parse().unwrap();
        let recent = |since| Window::resolve(since, None, now, Archive::Recent);
        let start = recent(None).unwrap().window.start;
        assert_eq!(start.to_string(), "2026-11-15T08:10:00Z");
        assert!(recent(Some("2026-11-16")).is_ok());
        assert!(recent(Some("2026-11-15")).unwrap_err().reason.contains("7 days"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(since in "\\PC{0,24}", until in "[0-9T:Z+. -]{0,24}") {
            let _ = resolve(Some(&since), Some(&until));
        }

        #[test]
        fn a_window_is_whole_seconds_and_not_empty(day in 0..7550_i64, hours in 1..90_000_i64) {
            let start = first_instant() + SignedDuration::from_hours(24 * day);
            let end = start + SignedDuration::from_hours(hours);
            let result = resolve(Some(&start.to_string()), Some(&end.to_string()));
            let window = result.unwrap().window;
            proptest::prop_assert!(window.start == start && window.start < window.end);
            proptest::prop_assert_eq!(window.end.subsec_nanosecond(), 0);
        }
    }

    #[test]
    fn a_window_comes_out_of_the_reach_of_recent_search() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let Resolved { window, .. } = Window::resolve(None, None, now, Archive::Recent).unwrap();
        let later = |minutes| now + SignedDuration::from_mins(minutes);
        assert!(window.check_reach(later(9), Archive::Recent).is_ok());
        let error = window.check_reach(later(11), Archive::Recent).unwrap_err();
        assert_eq!((error.field, error.value), (DateField::Start, window.start.to_string()));
        assert!(window.check_reach(later(11), Archive::All).is_ok());
    }
}
