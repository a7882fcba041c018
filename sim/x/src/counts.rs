//! `GET /2/tweets/counts/all` and `/recent`: how many posts match, in buckets of time.
//!
//! Counts know nothing of compliance: they count the posts that search withholds, so
//! they are an estimate from above. A page covers at most 31 days; inside a page time
//! runs forward, from page to page backward; the outermost buckets are clipped to the
//! window. Recent counts answer in one page. The plain hashtag is counted without looking
//! at posts; any other query looks at every post of the page, which takes seconds in a
//! universe of many millions.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::clock::answer_time;
use super::endpoint::Endpoint;
use super::errors::{Invalid, Refusal};
use super::ledger::Served;
use super::options::Dialect;
use super::query::Query;
use super::request::{Pairs, Window, check_names, dialect_of, digest, query, token, value};
use super::search::Answer;
use super::timeline::{Position, SLOT};
use super::token::{PageToken, Turn};
use super::world::World;

/// Longest span of a page of counts/all (docs.x.com, counts, read 2026-08-22).
const PAGE_MS: i64 = 31 * 86_400_000;

const PARAMETERS: [&str; 9] = [
    "query",
    "start_time",
    "end_time",
    "since_id",
    "until_id",
    "next_token",
    "pagination_token",
    "granularity",
    "search_count.fields",
];

/// Answers a count.
pub fn counts(world: &World<'_>, endpoint: Endpoint, pairs: &Pairs) -> Result<Answer, Refusal> {
    let dialect = dialect_of(pairs, world.options.dialect);
    let request =
        Request::read(world, endpoint, pairs).map_err(|invalid| invalid.refusal(dialect))?;
    Ok(request.answer(world, dialect))
}

struct Request {
    query: Query,
    endpoint: Endpoint,
    step_ms: i64,
    positions: Range<u64>,
    /// `low..high` in milliseconds: what this page and all later ones cover.
    here: PageToken,
}

impl Request {
    fn read(world: &World<'_>, endpoint: Endpoint, pairs: &Pairs) -> Result<Self, Invalid> {
        check_names(pairs, &PARAMETERS)?;
        let query = query(pairs, endpoint)?;
        let step_ms = granularity(pairs)?;
        let walk = digest(pairs, endpoint);
        let window = Window::read(pairs, endpoint, world.now_ms)?;
        let positions = window.positions(&world.universe.timeline);
        let times = window.times();
        let here = token(pairs, world.options.seed, walk)?.unwrap_or(PageToken {
            request: walk,
            low: times.start as u64,
            high: times.end.max(times.start) as u64,
            turn: Turn::First,
        });
        Ok(Self { query, endpoint, step_ms, positions, here })
    }

    fn answer(&self, world: &World<'_>, dialect: Dialect) -> Answer {
        let (low, high) = (self.here.low as i64, self.here.high as i64);
        let from =
            if self.endpoint == Endpoint::CountsAll { self.page_start(low, high) } else { low };
        let counts = self.buckets(world, from, high);
        let total: u64 = counts.iter().map(|(_, count)| count).sum();
        let key = dialect.pick("tweet_count", "post_count");
        let item = |(times, count): &(Range<i64>, u64)| json!({"start": answer_time(times.start), "end": answer_time(times.end), (key): count});
        let mut meta = Map::new();
        let total_key = dialect.pick("total_tweet_count", "total_post_count");
        meta.insert(total_key.to_owned(), json!(total));
        if from > low {
            let next = PageToken { high: from as u64, ..self.here };
            meta.insert("next_token".to_owned(), json!(next.encode(world.options.seed)));
        }
        let mut body = Map::new();
        if !counts.is_empty() {
            body.insert("data".to_owned(), counts.iter().map(item).collect());
        }
        body.insert("meta".to_owned(), Value::Object(meta));
        let price = if self.endpoint == Endpoint::CountsAll { 10_000 } else { 5_000 };
        let served = Served { request_micro_usd: price, ..Served::default() };
        Answer { body: Value::Object(body).into(), served, place: None }
    }

    /// Where a page begins: 31 days back, on the edge of a bucket.
    fn page_start(&self, low: i64, high: i64) -> i64 {
        let earliest = high - PAGE_MS;
        let edge = -(-earliest).div_euclid(self.step_ms) * self.step_ms;
        edge.max(low)
    }

    fn buckets(&self, world: &World<'_>, from: i64, to: i64) -> Vec<(Range<i64>, u64)> {
        let mut buckets = Vec::new();
        let mut start = from;
        while start < to {
            let end = ((start.div_euclid(self.step_ms) + 1) * self.step_ms).min(to);
            buckets.push((start..end, self.count(world, start, end)));
            start = end;
        }
        buckets
    }

    fn count(&self, world: &World<'_>, start: i64, end: i64) -> u64 {
        let timeline = &world.universe.timeline;
        let low = (timeline.slot_from(start) * SLOT).max(self.positions.start);
        let high = (timeline.slot_from(end) * SLOT).min(self.positions.end);
        let tag = &world.universe.folded_hashtag;
        if self.query.is_hashtag(tag) {
            return high.div_ceil(SLOT).saturating_sub(low.div_ceil(SLOT));
        }
        let only_candidates = self.query.requires_hashtag(tag);
        (low..high)
            .map(Position)
            .filter(|at| at.is_candidate() || !only_candidates)
            .filter(|at| self.query.matches(world.universe, &world.universe.post(*at)))
            .count() as u64
    }
}

fn granularity(pairs: &Pairs) -> Result<i64, Invalid> {
    match value(pairs, "granularity").unwrap_or("hour") {
        "minute" => Ok(60_000),
        "hour" => Ok(3_600_000),
        "day" => Ok(86_400_000),
        other => {
            let message = format!(
                "The `granularity` query parameter value [{other}] is not one of [minute,hour,day]"
            );
            Err(Invalid::new("granularity", other, message))
        }
    }
}
