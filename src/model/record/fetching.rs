//! What senders write: pages, turns, and the seal that ends them.
//!
//! Plain data, as [`super`] says; what belongs to the user, to receivers and to notices is there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::price::Reads;
use crate::model::{Cursor, TweetId, Usd};

/// A page was fetched: the first line of its record. The raw body follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageHeader {
    /// See [`VERSION`](super::VERSION).
    pub version: u32,
    /// Its number in the collection, from 0.
    pub page: u64,
    /// What the body is.
    pub body: Body,
    /// The parameters of the request, as sent.
    pub request: Vec<(String, String)>,
    /// Where the page starts.
    pub cursor: Cursor,
    /// Where the next one starts; `None`: there is no next one.
    pub next: Option<Cursor>,
    /// When its answer was complete.
    pub fetched_at: Timestamp,
    /// Which process wrote it.
    pub writer: String,
    /// Tweets in the body, counted or not.
    pub tweets: u64,
    /// Which of them, by index, are rows of the dataset: not seen before and within the limit.
    pub counted: Vec<Span>,
    /// Rows of the collection before this page.
    pub first_row: u64,
    /// Entries of the body that can't be rows, because they have no readable id. Absent: not
    /// recorded, as in pages before this was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<u64>,
    /// The smallest id in the body.
    pub lowest_id: Option<TweetId>,
    /// The largest id in the body.
    pub highest_id: Option<TweetId>,
    /// Paid resources in the body.
    pub reads: Reads,
    /// The collection up to and including this page.
    pub so_far: Totals,
    /// The turn in which it was fetched; not recorded by earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<u64>,
    /// Rows of this page by the hour of their posting (UTC), the earliest first, as their ids tell
    /// it. Ids from before November 2010 tell no time and are left out. Not recorded by earlier
    /// versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Vec<HourRows>>,
}

/// Rows of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourRows {
    /// When the hour begins.
    pub hour: Timestamp,
    /// How many rows.
    pub rows: u64,
}

impl PageHeader {
    /// Rows of the dataset on this page.
    pub fn rows(&self) -> u64 {
        self.counted.iter().map(|span| span.to - span.from).sum()
    }
}

/// What the body of a page is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// An answer of X.
    Answer,
    /// An answer which could not be decoded; kept for a person to look at.
    Undecodable {
        /// Why not.
        reason: String,
        /// Where it goes on. Absent in records before this was decided: at the same place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        then: Option<Then>,
    },
    /// Nothing: this record takes the place of a page so that no page can follow a cancellation.
    Closed,
}

/// Where a collection goes on after a page that could not be decoded, once a person says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// Behind the page, which is never asked for again.
    Behind,
    /// At the same place, because the page does not say what is behind it. Once only.
    Again,
    /// Nowhere: the same place could not be decoded twice.
    Nowhere,
}

/// Indices `from..to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first index inside.
    pub from: u64,
    /// The first index after.
    pub to: u64,
}

/// Running totals of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Rows of the dataset.
    pub rows: u64,
    /// Tweets that came, counted or not.
    pub tweets: u64,
    /// Entries that came and can't be rows. Absent: not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<u64>,
    /// Paid resources that came.
    pub reads: Reads,
    /// Answers that were perhaps paid for but never arrived, at their worst case.
    pub lost: Usd,
    /// The smallest id.
    pub lowest_id: Option<TweetId>,
    /// The largest id.
    pub highest_id: Option<TweetId>,
    /// Pages in a row that brought no new tweet although X promised more.
    pub idle_pages: u64,
    /// Those of `reads` that had not come before on the same day (UTC), which is how X says that
    /// it charges. A little too many after a change of process. Not recorded by earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely: Option<Reads>,
}

/// A sender took the collection in hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// See [`VERSION`](super::VERSION).
    pub version: u32,
    /// Its number, from 0.
    pub turn: u64,
    /// When.
    pub at: Timestamp,
    /// Which process.
    pub writer: String,
    /// The first page that it would fetch.
    pub first_page: u64,
    /// What answers lost before this turn may have cost.
    pub lost: Usd,
    /// Turns in a row before this one that crashed without a new page.
    #[serde(default)]
    pub crashes: u32,
    /// For how long after its last sign of life the turn counts as running, in milliseconds; not
    /// recorded by earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_ms: Option<u64>,
    /// The budget in force when it began, by which it asks to its end; absent: none, or, where
    /// `lease_ms` is absent too, not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_usd: Option<Usd>,
}

/// A sender laid the collection down again. A turn without this record ended in a crash (or runs
/// still), and may have paid for one answer that nobody saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnEnd {
    /// See [`VERSION`](super::VERSION).
    pub version: u32,
    /// The turn's number.
    pub turn: u64,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub outcome: Outcome,
    /// What all answers lost so far may have cost.
    pub lost: Usd,
}

/// Why a turn ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Outcome {
    /// Fetching is over.
    Sealed,
    /// The process was told to stop, or others wait for their turn.
    HandedBack,
    /// It goes on by itself at `until`.
    Waiting {
        /// When.
        until: Timestamp,
        /// Why, for a person.
        reason: String,
        /// Failures in a row so far, so that the next turn does not begin to knock anew.
        failures: u32,
    },
    /// A control record said pause.
    Paused,
    /// It needs a person, then `resume`.
    Parked(Trouble),
    /// It can't go on; `resume` tries again.
    Failed(Trouble),
}

/// What stopped a collection, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// A short stable name, for example `out_of_credits` or `budget`.
    pub code: String,
    /// What happened.
    pub detail: String,
    /// The next step.
    pub hint: String,
}

/// Fetching has ended. It follows from the specification and the last page, but for what was lost
/// after that page. Whoever seals first decides; others take the seal that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// See [`VERSION`](super::VERSION).
    pub version: u32,
    /// Why it ended.
    pub why: SealReason,
    /// Page records.
    pub pages: u64,
    /// Parts.
    pub parts: u64,
    /// The collection's totals.
    pub totals: Totals,
    /// When the last page came.
    pub last_page_at: Timestamp,
}

/// Why fetching ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealReason {
    /// X has no more: the dataset holds everything in the window.
    Exhausted,
    /// The limit is reached.
    LimitReached,
    /// The user cancelled it: the dataset holds what had come by then.
    Cancelled,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::VERSION;
    use super::*;

    /// A page without tweets.
    pub(crate) fn page(number: u64) -> PageHeader {
        PageHeader {
            version: VERSION,
            page: number,
            body: Body::Answer,
            request: Vec::new(),
            cursor: Cursor::START,
            next: None,
            fetched_at: "2026-11-22T12:00:01Z".parse().unwrap(),
            writer: "test".into(),
            tweets: 0,
            counted: Vec::new(),
            first_row: 0,
            unreadable: Some(0),
            lowest_id: None,
            highest_id: None,
            reads: Reads::default(),
            so_far: Totals::default(),
            turn: None,
            hours: None,
        }
    }
}
