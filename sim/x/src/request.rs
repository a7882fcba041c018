//! Reading and checking the parameters of search and counts.
//!
//! The rules are those of docs.x.com (search and counts, read 2026-08-22): start
//! inclusive, end exclusive, by the second; thirty days back by default (recent:
//! seven); both at least ten seconds ago; ids exclusive; at most one bound for each
//! side, at most one token. Messages are X's where recorded, else a *guess*.

use std::ops::Range;

use axum::extract::Query as Parameters;
use axum::http::Uri;
use jiff::Timestamp;

use super::clock::message_time;
use super::draw::{hash, hash_text};
use super::endpoint::Endpoint;
use super::errors::Invalid;
use super::options::{Dialect, FLOOR_MS};
use super::query::Query;
use super::timeline::{SLOT, Timeline, earliest_ms, snowflake};
use super::token::PageToken;

const DAY_MS: i64 = 86_400_000;
/// Names of parameters and their values, decoded, in order.
pub type Pairs = [(String, String)];

/// The query string, decoded. Undecodable ones read as empty.
pub fn pairs(uri: &Uri) -> Vec<(String, String)> {
    Parameters::try_from_uri(uri).map(|Parameters(pairs)| pairs).unwrap_or_default()
}

/// The id in `/2/tweets/{id}`.
pub fn last_segment(uri: &Uri) -> &str {
    uri.path().rsplit('/').next().unwrap_or_default()
}

/// The value of a parameter, if it was given.
pub fn value<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Refuses parameters that the endpoint does not have (wording recorded by many clients).
pub fn check_names(pairs: &Pairs, known: &[&str]) -> Result<(), Invalid> {
    match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some((name, value)) => {
            let list = known.join(",");
            let message = format!("The query parameter [{name}] is not one of [{list}]");
            Err(Invalid::new(name, value, message))
        }
    }
}

/// The query, parsed. 1,024 code points at most, 512 for recent search and counts.
pub fn query(pairs: &Pairs, endpoint: Endpoint) -> Result<Query, Invalid> {
    let text = value(pairs, "query").unwrap_or_default();
    if text.trim().is_empty() {
        let message = "Request parameter `query` can not be empty";
        return Err(Invalid::new("query", text, message));
    }
    let (length, limit) = (text.chars().count(), if endpoint.is_recent() { 512 } else { 1_024 });
    if length > limit {
        let message = format!(
            "There were errors processing your request: Rule length exceeds maximum allowed length of {limit} characters (at position {})",
            limit + 1
        );
        return Err(Invalid::new("query", text, message));
    }
    Query::parse(text).map_err(|error| {
        Invalid::new("query", text, format!("There were errors processing your request: {error}"))
    })
}

/// A whole number within bounds.
pub fn number(pairs: &Pairs, name: &str, bounds: Range<u64>, default: u64) -> Result<u64, Invalid> {
    let Some(text) = value(pairs, name) else { return Ok(default) };
    let (low, high) = (bounds.start, bounds.end - 1);
    text.parse().ok().filter(|number| bounds.contains(number)).ok_or_else(|| {
        let message =
            format!("The `{name}` query parameter value [{text}] is not between {low} and {high}");
        Invalid::new(name, text, message)
    })
}

/// The page token, under either of its names.
pub fn token(pairs: &Pairs, seed: u64, request: u64) -> Result<Option<PageToken>, Invalid> {
    let (next, pagination) = (value(pairs, "next_token"), value(pairs, "pagination_token"));
    let (name, text) = match (next, pagination) {
        (Some(one), Some(other)) => {
            let message = "Only one of 'next_token' and 'pagination_token' may be specified";
            return Err(Invalid::new("next_token", one, message).and("pagination_token", other));
        }
        (Some(text), None) => ("next_token", text),
        (None, Some(text)) => ("pagination_token", text),
        (None, None) => return Ok(None),
    };
    match PageToken::decode(seed, text).filter(|token| token.request == request) {
        Some(token) => Ok(Some(token)),
        None => Err(refused_token(name, text)),
    }
}

/// The 400 for a token that does not fit (wording a guess).
pub fn refused_token(name: &str, text: &str) -> Invalid {
    let message = format!("The `{name}` query parameter value [{text}] is not valid");
    Invalid::new(name, text, message)
}

/// A digest of what must stay the same from page to page: query and window as they
/// were sent. Page size, fields and expansions may change.
pub fn digest(pairs: &Pairs, endpoint: Endpoint) -> u64 {
    const SAME: [&str; 7] =
        ["query", "start_time", "end_time", "since_id", "until_id", "sort_order", "granularity"];
    let parts = SAME.map(|name| value(pairs, name).map_or(0, hash_text));
    hash(&[hash_text(endpoint.path()), hash(&parts)])
}

/// A window as asked for, before it is laid over a timeline.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    start_ms: i64,
    end_ms: i64,
    since_id: Option<u64>,
    until_id: Option<u64>,
}

impl Window {
    /// Reads and checks the bounds.
    pub fn read(pairs: &Pairs, endpoint: Endpoint, now_ms: i64) -> Result<Self, Invalid> {
        exclusive(pairs, "start_time", "since_id")?;
        exclusive(pairs, "end_time", "until_id")?;
        let days = if endpoint.is_recent() { 7 } else { 30 };
        // To the minute, so that a request which says "seven days ago" is not refused.
        let floor_ms = if endpoint.is_recent() {
            (now_ms - 7 * DAY_MS).div_euclid(60_000) * 60_000
        } else {
            FLOOR_MS
        };
        let start = time(pairs, "start_time", floor_ms, now_ms)?;
        let end = time(pairs, "end_time", floor_ms, now_ms)?;
        let since_id = id(pairs, "since_id")?;
        let until_id = id(pairs, "until_id")?;
        // Without an end, up to thirty seconds ago (docs.x.com, paginate, read 2026-08-22).
        let end_ms = end.unwrap_or(now_ms - 30_000);
        // An end without a start means the days before that end (API reference).
        let latest = end.unwrap_or(now_ms);
        let default_ms = if since_id.is_some() { FLOOR_MS } else { latest - days * DAY_MS };
        let start_ms = start.unwrap_or(default_ms.max(floor_ms.min(latest)));
        check_order(pairs, start, start_ms, end_ms)?;
        if let Some(since_id) = since_id.filter(|_| endpoint.is_recent()) {
            check_since(since_id, floor_ms)?;
        }
        Ok(Self { start_ms, end_ms, since_id, until_id })
    }

    /// The positions inside.
    pub fn positions(&self, timeline: &Timeline) -> Range<u64> {
        let mut low = timeline.slot_from(self.start_ms) * SLOT;
        let mut high = timeline.slot_from(self.end_ms) * SLOT;
        if let Some(since_id) = self.since_id {
            low = low.max(timeline.position_after(since_id));
        }
        if let Some(until_id) = self.until_id {
            high = high.min(timeline.position_from(until_id));
        }
        low..high.max(low)
    }

    /// The times inside, for buckets of counts; a cursor begins in its own second.
    pub fn times(&self) -> Range<i64> {
        let since_ms = self.since_id.map_or(self.start_ms, earliest_ms);
        let start_ms = since_ms.div_euclid(1_000) * 1_000;
        start_ms.max(self.start_ms)..self.end_ms
    }
}

fn exclusive(pairs: &Pairs, time: &str, id: &str) -> Result<(), Invalid> {
    let (Some(one), Some(other)) = (value(pairs, time), value(pairs, id)) else { return Ok(()) };
    let message = format!("Only one of '{time}' and '{id}' may be specified");
    Err(Invalid::new(time, one, message).and(id, other))
}

fn time(pairs: &Pairs, name: &str, floor_ms: i64, now_ms: i64) -> Result<Option<i64>, Invalid> {
    let Some(text) = value(pairs, name) else { return Ok(None) };
    let Some(ms) = parse_time(text) else {
        let message =
            format!("The `{name}` query parameter value [{text}] is not a valid RFC 3339 time");
        return Err(Invalid::new(name, text, message));
    };
    let echo = message_time(ms);
    if ms > now_ms - 10_000 {
        let message = format!(
            "Invalid '{name}':'{echo}'. '{name}' must be a minimum of 10 seconds prior to the request time."
        );
        return Err(Invalid::new(name, &echo, message));
    }
    if ms < floor_ms {
        let floor = message_time(floor_ms);
        let message = format!("Invalid '{name}':'{echo}'. '{name}' must be on or after {floor}.");
        return Err(Invalid::new(name, &echo, message));
    }
    Ok(Some(ms))
}

/// RFC 3339 with a zone; fractions of a second are cut off.
fn parse_time(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let plain = bytes.len() >= 20 && bytes[4] == b'-' && bytes[10] == b'T' && !text.contains('[');
    let time: Timestamp = text.parse().ok().filter(|_| plain)?;
    Some(time.as_second() * 1_000)
}

fn id(pairs: &Pairs, name: &str) -> Result<Option<u64>, Invalid> {
    let Some(text) = value(pairs, name) else { return Ok(None) };
    let digits = (1..=19).contains(&text.len()) && text.bytes().all(|sign| sign.is_ascii_digit());
    match text.parse().ok().filter(|_| digits) {
        Some(id) => Ok(Some(id)),
        None => Err(id_pattern(name, text)),
    }
}

/// The recorded 400 for an id that is no number.
pub fn id_pattern(name: &str, text: &str) -> Invalid {
    let message =
        format!("The `{name}` query parameter value [{text}] does not match ^[0-9]{{1,19}}$");
    Invalid::new(name, text, message)
}

fn check_order(
    pairs: &Pairs,
    start: Option<i64>,
    start_ms: i64,
    end_ms: i64,
) -> Result<(), Invalid> {
    if start.is_none() || start_ms < end_ms {
        return Ok(());
    }
    let (from, to) = (message_time(start_ms), message_time(end_ms));
    let message =
        format!("Invalid 'start_time':'{from}'. 'start_time' must be before 'end_time':{to}");
    let invalid = Invalid::new("start_time", &from, message);
    Err(if value(pairs, "end_time").is_some() { invalid.and("end_time", &to) } else { invalid })
}

/// Recorded: a cursor that recent search no longer reaches.
fn check_since(since_id: u64, floor_ms: i64) -> Result<(), Invalid> {
    let least = snowflake(floor_ms);
    if since_id >= least {
        return Ok(());
    }
    let message = format!(
        "'since_id' must be a tweet id created after {}. Please use a 'since_id' that is larger than {least}",
        message_time(floor_ms)
    );
    Err(Invalid::new("since_id", &since_id.to_string(), message))
}

/// The dialect that error bodies use before a selection is known.
pub fn dialect_of(pairs: &Pairs, open: Dialect) -> Dialect {
    super::fields::Selection::new(pairs, open).dialect
}
