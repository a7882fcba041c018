//! How many tweets there are, by X's own count.
//!
//! A [`Tally`] asks backwards from the end of a window, a page (31 days) at a time, and adds up.
//! X has ended counts early, with an empty page and no token (DocNow/twarc issues 602, 604), so a
//! missing token is not believed: the tally starts again below the earliest day that it has seen,
//! until it reaches the start of the window or X has nothing more to say twice in a row.
//!
//! A count is no promise: X counts tweets that a search then filters out (docs.x.com, post counts,
//! read 2026-08-22). Each request costs money even if it counts nothing.

use jiff::Timestamp;
use serde::Deserialize;

use super::page::Undecodable;
use super::request::{Endpoint, seconds};
use crate::model::spec::{Archive, Window};
use crate::model::{PageToken, Spec, Usd};

/// The price of one request (docs.x.com, X API pricing, read 2026-08-22).
pub const fn price(archive: Archive) -> Usd {
    match archive {
        Archive::All => Usd::from_micros(10_000),
        Archive::Recent => Usd::from_micros(5_000),
    }
}

/// A request for one page of counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountRequest {
    /// Which index.
    pub archive: Archive,
    /// The parameters in order, not encoded.
    pub params: Vec<(String, String)>,
}

impl CountRequest {
    /// Where it goes.
    pub fn endpoint(&self) -> Endpoint {
        match self.archive {
            Archive::All => Endpoint::CountsAll,
            Archive::Recent => Endpoint::CountsRecent,
        }
    }
}

/// A count under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    query: String,
    archive: Archive,
    /// What is still to be counted.
    open: Window,
    /// The end that the requests of this round state.
    round_end: Timestamp,
    token: Option<PageToken>,
    total: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Counting,
    /// X ended early; one more round that brings nothing ends it.
    Doubting,
    Ended,
}

impl Tally {
    /// The tally of a collection's query in its window.
    pub fn new(spec: &Spec) -> Self {
        Self {
            query: spec.query.clone(),
            archive: spec.archive,
            open: spec.window,
            round_end: spec.window.end,
            token: None,
            total: 0,
            state: State::Counting,
        }
    }

    /// The next request; `None` at the end.
    pub fn request(&self) -> Option<CountRequest> {
        if self.state == State::Ended {
            return None;
        }
        let page = [
            ("query", self.query.clone()),
            ("start_time", seconds(self.open.start)),
            ("end_time", seconds(self.round_end)),
            ("granularity", "day".to_owned()),
        ];
        let token = self.token.as_ref().map(|token| ("next_token", token.0.clone()));
        let params = page.into_iter().chain(token);
        let params = params.map(|(name, value)| (name.to_owned(), value)).collect();
        Some(CountRequest { archive: self.archive, params })
    }

    /// Adds the answer to the last request.
    pub fn add(&mut self, body: &[u8]) -> Result<(), Undecodable> {
        let page: Page =
            serde_json::from_slice(body).map_err(|error| Undecodable::at(body, &error))?;
        let earliest = page.data.iter().map(|bucket| bucket.start).min();
        self.total += page.data.iter().map(|bucket| bucket.tweet_count).sum::<u64>();
        let before = self.open.end;
        self.open.end = earliest.unwrap_or(before).min(before);
        let moved = self.open.end < before;
        self.token = page.meta.next_token.filter(|token| !token.0.is_empty() && moved);
        self.state = self.judge(moved);
        if self.token.is_none() {
            self.round_end = self.open.end;
        }
        Ok(())
    }

    /// Without progress, one more try from where the last one ended; then it is the end.
    fn judge(&self, moved: bool) -> State {
        match (self.state, moved) {
            _ if self.open.end <= self.open.start => State::Ended,
            (State::Counting | State::Doubting, true) => State::Counting,
            (State::Counting, false) => State::Doubting,
            (State::Doubting | State::Ended, _) => State::Ended,
        }
    }

    /// Tweets counted so far.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// What X has not counted; `None` if it counted the whole window.
    pub fn uncounted(&self) -> Option<Window> {
        (self.open.end > self.open.start).then_some(self.open)
    }
}

/// A page of counts, in either dialect.
#[derive(Debug, Deserialize)]
struct Page {
    #[serde(default)]
    data: Vec<Bucket>,
    meta: Meta,
}

#[derive(Debug, Deserialize)]
struct Bucket {
    start: Timestamp,
    #[serde(alias = "post_count")]
    tweet_count: u64,
}

#[derive(Debug, Deserialize)]
struct Meta {
    next_token: Option<PageToken>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::x::script::spec;

    /// Days of November 2026, `from..to`, with ten tweets each.
    fn page(from: u32, to: u32, token: Option<&str>) -> Vec<u8> {
        let day =
            |n: u32| json!({"start": format!("2026-11-{n:02}T00:00:00.000Z"), "tweet_count": 10});
        let data: Vec<_> = (from..to).map(day).collect();
        json!({"data": data, "meta": {"next_token": token}}).to_string().into_bytes()
    }

    fn param(tally: &Tally, name: &str) -> Option<String> {
        let params = tally.request()?.params;
        params.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    #[test]
    fn pages_add_up_backwards_to_the_start() {
        let mut tally = Tally::new(&spec());
        tally.add(&page(15, 22, Some("t"))).unwrap();
        assert_eq!(param(&tally, "next_token").as_deref(), Some("t"));
        assert_eq!(param(&tally, "end_time").as_deref(), Some("2026-11-22T00:00:00Z"));
        tally.add(&page(1, 15, None)).unwrap();
        assert_eq!((tally.total(), tally.request(), tally.uncounted()), (210, None, None));
    }

    #[test]
    fn an_early_end_is_not_believed() {
        let mut tally = Tally::new(&spec());
        tally.add(&page(15, 22, Some("t"))).unwrap();
        tally.add(br#"{"meta":{"total_tweet_count":0}}"#).unwrap();
        assert_eq!(param(&tally, "next_token"), None);
        assert_eq!(param(&tally, "end_time").as_deref(), Some("2026-11-15T00:00:00Z"));
        tally.add(&page(1, 15, None)).unwrap();
        assert_eq!((tally.total(), tally.uncounted()), (210, None));
    }

    #[test]
    fn a_second_early_end_is_the_end_and_the_gap_is_named() {
        let mut tally = Tally::new(&spec());
        tally.add(&page(15, 22, None)).unwrap();
        for _ in 0..2 {
            assert!(tally.request().is_some());
            tally.add(br#"{"meta":{"next_token":"again"}}"#).unwrap();
        }
        assert_eq!((tally.total(), tally.request()), (70, None));
        let gap = tally.uncounted().unwrap();
        assert_eq!(gap.end.to_string(), "2026-11-15T00:00:00Z");
    }

    #[test]
    fn the_other_dialect_counts_too_and_nonsense_does_not() {
        let mut tally = Tally::new(&spec());
        let body =
            json!({"data": [{"start": "2026-11-01T00:00:00Z", "post_count": 7}], "meta": {}});
        tally.add(body.to_string().as_bytes()).unwrap();
        assert_eq!((tally.total(), tally.request()), (7, None));
        let error = Tally::new(&spec()).add(b"{\"data\":[{}]}").unwrap_err();
        assert!(error.reason.contains("start"), "{error}");
    }
}
