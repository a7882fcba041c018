//! What a sender does next, and what it decides about a page: pure functions.
//!
//! ```text
//!              ┌────────────── fetch ◀──────────────┐
//!  Progress ──▶ next ──▶ Fetch ──▶ (X) ──▶ accept ──┘   a page header: which tweets count
//!                │ └───▶ Park      the budget does not cover another request
//!                └─────▶ Seal      no more, the limit is reached, or cancelled
//! ```
//!
//! It promises: no tweet counts twice, no more rows than the limit, no request that the budget
//! does not cover at worst. Only a missing `next_token` means that X has no more; a token that
//! leads nowhere is left for an id (see [`Cursor::until_id`]).

use std::collections::HashSet;

use jiff::Timestamp;

use super::cursor::{Cursor, PageToken};
use super::price::{self, Reads};
use super::record::{Body, PageHeader, SealReason, Sealed, Span, Then, Totals, Trouble, VERSION};
use super::spec::{Archive, Spec};
use super::{TweetId, Usd, hours, parts};

/// Pages with tweets that may repeat before a token counts as looping. Seen in the wild: a token
/// that returned one page for ever (vladkens/twscrape#295).
const PATIENCE_WITH_REPEATS: u64 = 3;

/// Empty pages in a row before the token is given up. X does send some (DocNow/twarc#529); going
/// on by id costs nothing, so the number only saves requests.
const PATIENCE_WITH_EMPTY_PAGES: u64 = 10;

/// After so many times its patience a collection stops and asks.
const ROUNDS: u64 = 3;

/// How far a collection has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    spec: Spec,
    budget: Option<Usd>,
    page: u64,
    next: Option<Cursor>,
    totals: Totals,
    last: Option<LastPage>,
    closed: bool,
    stuck: bool,
    /// Where the newest page leads, if it could not be decoded.
    set_aside: Option<Then>,
}

/// The newest page, as far as the seal needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LastPage {
    fetched_at: Timestamp,
    totals: Totals,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask X for a page.
    Fetch {
        /// Where it starts.
        cursor: Cursor,
        /// For how many tweets to ask.
        max_results: u64,
    },
    /// Stop until a person has decided.
    Park(Trouble),
    /// Stop, because nothing that costs money can help.
    Fail(Trouble),
    /// Fetching is over.
    Seal(SealReason),
}

/// What a page brought, as far as decisions need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The readable ids in `data`, in order.
    pub ids: Vec<TweetId>,
    /// Entries of `data` without a readable id, by index among all entries, in order.
    pub gaps: Vec<u64>,
    /// What can't become a row: the gaps, and whatever else stands where entries should.
    pub unreadable: u64,
    /// X's pointer to the next page.
    pub next_token: Option<PageToken>,
    /// Whether the page without a token leaves open if there is a next one.
    pub end_unknown: bool,
    /// Paid resources.
    pub reads: Reads,
    /// Those of them that had not come before on the same day (UTC).
    pub fresh: Reads,
}

impl Arrival {
    /// Whether X says that no page follows.
    fn is_end(&self) -> bool {
        self.next_token.is_none() && !self.end_unknown
    }
}

/// What could be saved of a page that could not be decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Salvage {
    /// X's pointer to the next page.
    pub next_token: Option<PageToken>,
    /// The smallest id of the page, as X says it.
    pub lowest_id: Option<TweetId>,
}

/// The totals of a collection without pages, everything that is recorded now included.
const NOTHING_YET: Totals = Totals {
    rows: 0,
    tweets: 0,
    unreadable: Some(0),
    reads: Reads { posts: 0, users: 0 },
    lost: Usd::ZERO,
    lowest_id: None,
    highest_id: None,
    idle_pages: 0,
    likely: Some(Reads { posts: 0, users: 0 }),
};

impl Progress {
    /// The progress that the newest page of a log describes.
    pub fn new(spec: &Spec, budget: Option<Usd>, last_page: Option<&PageHeader>) -> Self {
        Self {
            spec: spec.clone(),
            budget,
            page: last_page.map_or(0, |page| page.page + 1),
            next: last_page.map_or(Some(Cursor::START), |page| page.next.clone()),
            totals: last_page.map_or(NOTHING_YET, |page| page.so_far.clone()),
            last: last_page
                .map(|page| LastPage { fetched_at: page.fetched_at, totals: page.so_far.clone() }),
            closed: last_page.is_some_and(|page| page.body == Body::Closed),
            stuck: false,
            set_aside: last_page.and_then(|page| match &page.body {
                Body::Undecodable { then, .. } => Some(then.unwrap_or(Then::Again)),
                Body::Answer | Body::Closed => None,
            }),
        }
    }

    /// The number of the next page.
    pub fn page(&self) -> u64 {
        self.page
    }

    /// The collection's totals.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Rows that the limit still allows.
    fn rows_left(&self) -> u64 {
        self.spec.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.totals.rows))
    }

    /// What has been spent at worst.
    pub fn spent(&self) -> Usd {
        self.totals.reads.cost() + self.totals.lost
    }

    /// Sets the budget that is in force now.
    pub fn set_budget(&mut self, budget: Option<Usd>) {
        self.budget = budget;
    }

    /// Sets what lost answers may have cost.
    pub fn set_lost(&mut self, lost: Usd) {
        self.totals.lost = lost;
    }

    /// An answer to a request for `max_results` tweets was lost on the way; X may have charged it.
    pub fn answer_lost(&mut self, max_results: u64) {
        self.totals.lost += price::worst_case(max_results, self.spec.extras());
    }

    /// A page came, was paid for, and has no place in the log: another sender's is there, or the
    /// process ends before the store takes it.
    pub fn paid_in_vain(&mut self, reads: Reads) {
        self.totals.lost += reads.cost();
    }

    /// X refused the token: go on below the smallest id. `false` if there is no other way.
    pub fn give_up_token(&mut self) -> bool {
        let refused = self.next.as_ref().is_some_and(|cursor| cursor.token.is_some());
        if refused {
            self.next = Some(self.by_id().unwrap_or(Cursor::START));
        }
        refused
    }

    fn by_id(&self) -> Option<Cursor> {
        self.totals.lowest_id.map(Cursor::below)
    }

    /// What to do next; `most` is the largest number of tweets to ask for at the moment.
    pub fn next(&self, most: u64) -> Step {
        if self.closed {
            return Step::Seal(SealReason::Cancelled);
        }
        if self.rows_left() == 0 {
            return Step::Seal(SealReason::LimitReached);
        }
        let Some(cursor) = self.next.clone() else { return Step::Seal(SealReason::Exhausted) };
        if self.set_aside == Some(Then::Nowhere) {
            return Step::Fail(dead_end());
        }
        if let Some(trouble) = self.looping() {
            return Step::Park(trouble);
        }
        let most = most.min(self.spec.archive.max_results());
        let wanted = self.rows_left().min(most).max(Archive::MIN_RESULTS);
        match self.affordable() {
            Some(affordable) if affordable < Archive::MIN_RESULTS => Step::Park(self.too_dear()),
            Some(affordable) => Step::Fetch { cursor, max_results: wanted.min(affordable) },
            None => Step::Fetch { cursor, max_results: wanted },
        }
    }

    fn affordable(&self) -> Option<u64> {
        let left = self.budget?.minus(self.spent());
        Some(price::affordable(left, self.spec.extras()))
    }

    fn too_dear(&self) -> Trouble {
        let least = price::worst_case(Archive::MIN_RESULTS, self.spec.extras());
        let (spent, budget) = (self.spent(), self.budget.unwrap_or_default());
        Trouble {
            code: "budget".into(),
            detail: format!(
                "the next request may cost {least}, and {spent} of the budget of {budget} is spent"
            ),
            hint: "raise it and go on: mistnet resume ID --max-cost USD".into(),
        }
    }

    fn looping(&self) -> Option<Trouble> {
        let idle = self.totals.idle_pages;
        self.stuck.then(|| Trouble {
            code: "no_progress".into(),
            detail: format!(
                "X promised more tweets {idle} times in a row and sent none that is new"
            ),
            hint: "look at X's status page; mistnet resume ID tries again".into(),
        })
    }

    /// Those of `ids` that may have come before, because they are not below every earlier one.
    pub fn suspects(&self, ids: &[TweetId]) -> Vec<TweetId> {
        let lowest = self.totals.lowest_id;
        ids.iter().copied().filter(|id| lowest.is_some_and(|lowest| *id >= lowest)).collect()
    }

    /// Decides about a page and moves on: which tweets count (`seen` are the suspects that did
    /// come before), and where the next page starts.
    pub fn accept(
        &mut self,
        cursor: Cursor,
        arrival: &Arrival,
        seen: &HashSet<TweetId>,
        origin: Origin,
    ) -> PageHeader {
        let counted = count(arrival, seen, self.rows_left());
        let first_row = self.totals.rows;
        self.set_aside = None;
        let news = self.add(arrival, seen, &counted);
        let next = self.after(&cursor, arrival, news);
        self.finish(cursor, arrival, counted, first_row, next, origin)
    }

    /// Records a page that could not be decoded. The collection can go on only by a person's word:
    /// behind the page if anything tells where that is, else once more at the same place, which may
    /// cost the same page again, and after that not at all.
    pub fn accept_undecodable(
        &mut self,
        cursor: Cursor,
        reason: String,
        salvage: &Salvage,
        origin: Origin,
    ) -> PageHeader {
        let first_row = self.totals.rows;
        let (next, then) = self.past(&cursor, salvage);
        let nothing = Arrival::default();
        let mut header = self.finish(cursor, &nothing, Vec::new(), first_row, Some(next), origin);
        header.body = Body::Undecodable { reason, then: Some(then) };
        header.unreadable = None;
        self.set_aside = Some(then);
        header
    }

    /// Where it goes on after a page at `cursor` that could not be decoded.
    fn past(&self, cursor: &Cursor, salvage: &Salvage) -> (Cursor, Then) {
        let by_token = salvage.next_token.clone().map(|token| cursor.followed_by(token));
        let by_id = || salvage.lowest_id.filter(|id| self.may_be_next(*id)).map(Cursor::below);
        if let Some(next) = by_token.filter(|next| next != cursor).or_else(by_id) {
            return (next, Then::Behind);
        }
        if self.set_aside == Some(Then::Again) {
            return (cursor.clone(), Then::Nowhere);
        }
        (self.by_id().unwrap_or_else(|| cursor.clone()), Then::Again)
    }

    /// Whether an id that a broken page names can be one of its tweets: below all that came, and not
    /// older than the window. A wrong one would skip tweets without a word.
    fn may_be_next(&self, id: TweetId) -> bool {
        let is_lower = self.totals.lowest_id.is_none_or(|lowest| id < lowest);
        let window = self.spec.window;
        is_lower && id.created_at().is_some_and(|at| window.start <= at && at <= window.end)
    }

    /// Records that no page may follow, because the user cancelled.
    pub fn close(&mut self, origin: Origin) -> PageHeader {
        let first_row = self.totals.rows;
        let cursor = self.next.clone().unwrap_or(Cursor::START);
        let mut header =
            self.finish(cursor, &Arrival::default(), Vec::new(), first_row, None, origin);
        header.body = Body::Closed;
        self.closed = true;
        header
    }

    /// Adds a page to the totals; returns how many of its tweets are new.
    fn add(&mut self, arrival: &Arrival, seen: &HashSet<TweetId>, counted: &[Span]) -> usize {
        let ids = arrival.ids.iter().copied();
        let news = ids.clone().filter(|id| !seen.contains(id)).collect::<HashSet<_>>().len();
        let totals = &mut self.totals;
        // Where the pages before did not record it, the sum is not known.
        totals.unreadable = totals.unreadable.map(|before| before + arrival.unreadable);
        totals.likely = totals.likely.map(|before| before.plus(arrival.fresh));
        totals.rows += counted.iter().map(|span| span.to - span.from).sum::<u64>();
        totals.tweets += arrival.ids.len() as u64;
        totals.reads = totals.reads.plus(arrival.reads);
        totals.lowest_id = totals.lowest_id.into_iter().chain(ids.clone()).min();
        totals.highest_id = totals.highest_id.into_iter().chain(ids).max();
        totals.idle_pages = idle_after(totals.idle_pages, arrival, news);
        let patience = PATIENCE_WITH_EMPTY_PAGES;
        let idle = totals.idle_pages;
        self.stuck = idle >= ROUNDS * patience && idle.is_multiple_of(patience);
        news
    }

    fn after(&self, cursor: &Cursor, arrival: &Arrival, news: usize) -> Option<Cursor> {
        let Some(token) = arrival.next_token.clone() else {
            let next = || self.by_id().unwrap_or_else(|| cursor.clone());
            return arrival.end_unknown.then(next);
        };
        let next = cursor.followed_by(token);
        let idle = self.totals.idle_pages;
        let stuck =
            news == 0 && (next == *cursor || idle.is_multiple_of(PATIENCE_WITH_EMPTY_PAGES));
        Some(if stuck { self.by_id().unwrap_or(next) } else { next })
    }

    fn finish(
        &mut self,
        cursor: Cursor,
        arrival: &Arrival,
        counted: Vec<Span>,
        first_row: u64,
        next: Option<Cursor>,
        origin: Origin,
    ) -> PageHeader {
        let header = PageHeader {
            version: VERSION,
            page: self.page,
            body: Body::Answer,
            request: origin.request,
            cursor,
            next: next.clone(),
            fetched_at: origin.fetched_at,
            writer: origin.writer,
            tweets: arrival.ids.len() as u64,
            first_row,
            unreadable: Some(arrival.unreadable),
            lowest_id: arrival.ids.iter().copied().min(),
            highest_id: arrival.ids.iter().copied().max(),
            reads: arrival.reads,
            so_far: self.totals.clone(),
            turn: Some(origin.turn),
            hours: Some(hours::of(&arrival.ids, &counted)),
            counted,
        };
        self.page += 1;
        self.next = next;
        self.last = Some(LastPage { fetched_at: origin.fetched_at, totals: self.totals.clone() });
        header
    }

    /// The seal of a collection whose fetching is over.
    pub fn seal(&self, why: SealReason, created_at: Timestamp) -> Sealed {
        let last = self.last.clone();
        let mut last =
            last.unwrap_or(LastPage { fetched_at: created_at, totals: Totals::default() });
        // What was lost since then too: nobody counts it later.
        last.totals.lost = last.totals.lost.max(self.totals.lost);
        Sealed {
            version: VERSION,
            why,
            pages: self.page,
            parts: parts::count(last.totals.rows, self.spec.partition_size),
            totals: last.totals,
            last_page_at: last.fetched_at,
        }
    }
}

/// The trouble of a place that could not be decoded twice.
fn dead_end() -> Trouble {
    Trouble {
        code: "undecodable_page".into(),
        detail: "the next page came twice in a form that can't be read, and it is not bought a \
                 third time"
            .into(),
        hint: "mistnet cancel ID delivers what has come; a new collection can ask for the time before \
               and after that page"
            .into(),
    }
}

/// How a page came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The parameters of the request, as sent.
    pub request: Vec<(String, String)>,
    /// When the answer was complete.
    pub fetched_at: Timestamp,
    /// Which process fetched it.
    pub writer: String,
    /// In which turn.
    pub turn: u64,
}

/// The number of idle pages in a row after this one. Repeats cost money, so they use up patience
/// faster than empty pages do, and where only an id leads on, the next page would be the same again:
/// the patience is used up at once. The count stops at every multiple of the patience, where something
/// has to change.
fn idle_after(before: u64, arrival: &Arrival, news: usize) -> u64 {
    if news > 0 || arrival.is_end() {
        return 0;
    }
    let patience = PATIENCE_WITH_EMPTY_PAGES;
    let weight = if arrival.end_unknown {
        patience
    } else if arrival.ids.is_empty() && arrival.unreadable == 0 {
        1
    } else {
        patience.div_ceil(PATIENCE_WITH_REPEATS)
    };
    (before + weight).min((before / patience + 1) * patience)
}

/// The tweets that count, by index among all entries: not seen on an earlier page or earlier on
/// this one, and at most `most`.
fn count(arrival: &Arrival, seen: &HashSet<TweetId>, most: u64) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut met = HashSet::with_capacity(arrival.ids.len());
    let mut left = most;
    let mut gaps = arrival.gaps.iter().peekable();
    let mut next = 0_u64;
    for id in &arrival.ids {
        if left == 0 {
            break;
        }
        while gaps.next_if(|gap| **gap == next).is_some() {
            next += 1;
        }
        let index = next;
        next += 1;
        if seen.contains(id) || !met.insert(*id) {
            continue;
        }
        left -= 1;
        match spans.last_mut() {
            Some(span) if span.to == index => span.to += 1,
            _ => spans.push(Span { from: index, to: index + 1 }),
        }
    }
    spans
}

#[cfg(test)]
mod tests;
