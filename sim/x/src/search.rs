//! `GET /2/tweets/search/all` and `/recent`.
//!
//! Newest first. A page covers up to `max_results` found posts, of which the withheld
//! ones are not shown, and gives up after a bounded number of posts looked at; so its
//! length means nothing, and only a missing `next_token` means the end.

use super::draw::{Purpose, hash};
use super::endpoint::Endpoint;
use super::errors::{Invalid, Refusal};
use super::fields::{PostField, Selection};
use super::includes::{Page, page};
use super::json::{self, Text, object};
use super::ledger::Served;
use super::options::ShortPages;
use super::post::{Availability, Post};
use super::query::Query;
use super::render::Scene;
use super::request::{Pairs, Window, check_names, digest, number, query, token, value};
use super::timeline::{Position, SLOT};
use super::token::{PageToken, Turn};
use super::world::World;

/// Posts looked at for one page, at most: keeps rare queries from blocking.
const LOOKED_AT: u64 = 5_000;
/// One page in this many is empty, and leads on.
const EMPTY_EVERY: u64 = 50;

const PARAMETERS: [&str; 16] = [
    "query",
    "start_time",
    "end_time",
    "since_id",
    "until_id",
    "max_results",
    "next_token",
    "pagination_token",
    "sort_order",
    "tweet.fields",
    "post.fields",
    "expansions",
    "media.fields",
    "poll.fields",
    "user.fields",
    "place.fields",
];

/// An answer with what it costs and how faults may continue it.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The JSON.
    pub body: Text,
    /// For the ledger.
    pub served: Served,
    /// Where this page is, if it is one of several.
    pub place: Option<Place>,
}

/// The place of a page in a walk.
#[derive(Clone, Debug)]
pub struct Place {
    /// The digest of the walk.
    pub walk: u64,
    /// The token of this very page.
    pub token: String,
    /// The token of this page that an empty page before it would name.
    pub after_empty: String,
}

/// Answers a search.
pub fn search(world: &World<'_>, endpoint: Endpoint, pairs: &Pairs) -> Result<Answer, Refusal> {
    let selection = Selection::new(pairs, world.options.dialect);
    let dialect = selection.dialect;
    let request = Request::read(world, endpoint, pairs, &selection)
        .map_err(|invalid| invalid.refusal(dialect))?;
    Ok(request.answer(world, &selection))
}

struct Request {
    query: Query,
    /// Where this page begins.
    here: PageToken,
    size: u64,
    order: Order,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Recency,
    Relevancy,
}

impl Order {
    fn read(pairs: &Pairs) -> Result<Self, Invalid> {
        match value(pairs, "sort_order") {
            None | Some("recency") => Ok(Self::Recency),
            Some("relevancy") => Ok(Self::Relevancy),
            Some(other) => {
                let message = format!(
                    "The `sort_order` query parameter value [{other}] is not one of [recency,relevancy]"
                );
                Err(Invalid::new("sort_order", other, message))
            }
        }
    }
}

impl Request {
    fn read(
        world: &World<'_>,
        endpoint: Endpoint,
        pairs: &Pairs,
        selection: &Selection,
    ) -> Result<Self, Invalid> {
        check_names(pairs, &PARAMETERS)?;
        let query = query(pairs, endpoint)?;
        let most = if endpoint.is_recent() { 100 } else { 500 };
        let size = number(pairs, "max_results", 10..most + 1, 10)?;
        check_annotations(selection, size)?;
        let order = Order::read(pairs)?;
        let walk = digest(pairs, endpoint);
        let window = Window::read(pairs, endpoint, world.now_ms)?;
        let positions = window.positions(&world.universe.timeline);
        let first = PageToken {
            request: walk,
            low: positions.start,
            high: positions.end,
            turn: Turn::First,
        };
        let token = token(pairs, world.options.seed, walk)?;
        let reserved = token.as_ref().map_or(0, |_| world.reserved);
        let here = token.unwrap_or(first);
        let size = size.saturating_sub(reserved).max(1);
        Ok(Self { query, here, size, order })
    }

    fn answer(&self, world: &World<'_>, selection: &Selection) -> Answer {
        let (mut posts, next) = if self.comes_out_empty(world) {
            (Vec::new(), Some(PageToken { turn: Turn::AfterEmpty, ..self.here }))
        } else {
            self.walk(world)
        };
        if self.order == Order::Relevancy {
            posts.sort_by_key(|post| std::cmp::Reverse(post.metrics[2]));
        }
        let scene = Scene::new(world, selection);
        let page = page(&scene, world.deletions, &posts);
        let next = next.map(|token| token.encode(world.options.seed));
        let after_empty = PageToken { turn: Turn::AfterEmpty, ..self.here };
        let place = Place {
            walk: self.here.request,
            token: self.here.encode(world.options.seed),
            after_empty: after_empty.encode(world.options.seed),
        };
        answer(page, next.as_deref(), place)
    }

    fn comes_out_empty(&self, world: &World<'_>) -> bool {
        world.options.short_pages == ShortPages::Real
            && self.here.turn == Turn::First
            && self.here.high > self.here.low
            && hash(&[
                world.options.seed,
                Purpose::EmptyPage as u64,
                self.here.request,
                self.here.high,
            ])
            .is_multiple_of(EMPTY_EVERY)
    }

    /// The posts of this page and the token of the next.
    fn walk(&self, world: &World<'_>) -> (Vec<Post>, Option<PageToken>) {
        let tag = &world.universe.folded_hashtag;
        let candidates_only = self.query.requires_hashtag(tag);
        let surely_found = self.query.is_hashtag(tag);
        let (mut found, mut looked_at, mut posts) = (0, 0, Vec::new());
        let mut high = self.here.high;
        while high > self.here.low && found < self.size && looked_at < LOOKED_AT {
            high -= 1;
            let at = Position(high);
            if candidates_only && !at.is_candidate() {
                high = high.saturating_sub(at.rank() - 1).max(self.here.low);
                continue;
            }
            looked_at += 1;
            let hidden = world.is_hidden(at);
            if surely_found && hidden {
                found += 1;
                continue;
            }
            let post = world.universe.post(at);
            if surely_found || self.query.matches(world.universe, &post) {
                found += 1;
                if !hidden {
                    posts.push(post);
                }
            }
        }
        let left =
            if candidates_only { has_candidate(self.here.low, high) } else { high > self.here.low };
        let next = PageToken { high, turn: Turn::First, ..self.here };
        (posts, left.then_some(next))
    }
}

/// Whether a candidate lies in `low..high`.
fn has_candidate(low: u64, high: u64) -> bool {
    low.next_multiple_of(SLOT) < high
}

/// At most 100 with context annotations (DocNow/twarc issue 504, recorded 2021-06-30).
fn check_annotations(selection: &Selection, size: u64) -> Result<(), Invalid> {
    if size <= 100 || !selection.has(PostField::ContextAnnotations) {
        return Ok(());
    }
    let fields = selection.dialect.pick("tweet.fields", "post.fields");
    let message = format!(
        "when requesting `{fields}=context_annotations` `max_results` must be less than or equal to `100`"
    );
    Err(Invalid::new("max_results", &size.to_string(), message))
}

/// Puts a page into the shape of an answer: nothing that is empty is there.
fn answer(page: Page, next: Option<&str>, place: Place) -> Answer {
    let mut meta = String::new();
    let ids = &page.data_ids;
    object(&mut meta, |meta| {
        if let Some(newest) = ids.iter().max() {
            meta.id("newest_id", *newest);
        }
        if let Some(next) = next {
            meta.text("next_token", next);
        }
        if let Some(oldest) = ids.iter().min() {
            meta.id("oldest_id", *oldest);
        }
        meta.number("result_count", ids.len());
    });
    let mut answer = envelope(page, Data::List, Some(&meta));
    answer.place = Some(place);
    answer
}

/// What `data` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// A list of posts.
    List,
    /// The only post.
    One,
}

/// `data`, `errors` and `includes`, each only if there is something in it, and `meta`.
pub fn envelope(page: Page, data: Data, meta: Option<&str>) -> Answer {
    let mut body = String::with_capacity(page.data.as_str().len() + page.includes.len() + 1_024);
    object(&mut body, |body| {
        match data {
            Data::One if !page.data_ids.is_empty() => {
                body.key("data").push_str(page.data.as_str());
            }
            Data::One | Data::List => body.items("data", &page.data),
        }
        body.some("errors", &page.errors, json::value);
        if !page.includes.is_empty() {
            body.key("includes").push_str(&page.includes);
        }
        if let Some(meta) = meta {
            body.key("meta").push_str(meta);
        }
    });
    let served = Served {
        data: page.data_ids,
        included: page.included_ids,
        users: page.user_ids,
        request_micro_usd: 0,
    };
    Answer { body: Text(body), served, place: None }
}

impl World<'_> {
    /// Whether search does not show the post at a position.
    pub fn is_hidden(&self, at: Position) -> bool {
        self.universe.availability(at) != Availability::Available
            || self.deletions.contains(self.universe.timeline.id(at))
    }
}

/// The ids that paging through a query over all time shows, newest first.
pub fn truth(world: &World<'_>, query: &Query) -> Vec<u64> {
    let candidates_only = query.requires_hashtag(&world.universe.folded_hashtag);
    let surely_found = query.is_hashtag(&world.universe.folded_hashtag);
    let positions = world.universe.timeline.positions().rev();
    positions
        .map(Position)
        .filter(|at| at.is_candidate() || !candidates_only)
        .filter(|at| !world.is_hidden(*at))
        .filter(|at| surely_found || query.matches(world.universe, &world.universe.post(*at)))
        .map(|at| world.universe.timeline.id(at))
        .collect()
}
