//! The records of a collection's log, as they are written.
//!
//! The log is the truth about a collection: append-only, every record created once under its own
//! name and never changed. Every record carries `version`, so that an older program refuses what
//! it does not understand instead of guessing.
//!
//! | record | written by | says |
//! |---|---|---|
//! | [`Created`] | whoever accepts it | what was asked for |
//! | [`PageHeader`] | sender | page n was fetched; its raw body follows |
//! | [`Turn`], [`TurnEnd`] | sender | a sender took the collection in hand, and laid it down again |
//! | [`Sealed`] | sender | fetching has ended, why, and how many parts there are |
//! | [`Receipt`] | receiver | part k is stored |
//! | [`Control`] | user | pause, resume, cancel, a new budget |
//! | [`Announced`] | receiver | since when others are being told that the dataset is complete |
//! | [`Told`], [`Notified`] | receiver | what became of the notice, for one channel and for all |
//!
//! Plain data only: what it means is in [`super::state`], where it lies in the store's layout.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::price::Reads;
use super::spec::{Columns, FileFormat};
use super::{CollectionId, Cursor, Spec, TweetId, Usd};

/// The version of every record that this program writes. It is raised only when an older program
/// would misread a record; a new field that it may leave out is optional instead (ADR 16).
pub const VERSION: u32 = 1;

/// The newest version of the columns, which a collection that is accepted now keeps. Raised
/// whenever a column is added, so that the parts of a collection never differ from each other.
pub const COLUMNS: u32 = 1;

/// A collection was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// See [`VERSION`].
    pub version: u32,
    /// The collection.
    pub id: CollectionId,
    /// When.
    pub created_at: Timestamp,
    /// What was asked for.
    pub spec: Spec,
    /// The version of the columns of its files; records from before there was a choice say
    /// nothing, and mean the first.
    #[serde(default = "first")]
    pub columns: u32,
    /// How it came about, as far as that is recorded.
    #[serde(flatten)]
    pub provenance: Provenance,
}

impl Created {
    /// The columns of its files.
    pub fn columns(&self) -> Columns {
        Columns { profile: self.spec.profile, version: self.columns }
    }
}

const fn first() -> u32 {
    1
}

/// How a collection came about: read when it is accepted, so that what is written later is a
/// function of the log alone. What is absent was not recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The program that accepted it, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The address of the X API that it was configured with, without credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_api: Option<String>,
    /// Whether that was a simulator: certainly (`true`), certainly not (`false`), or unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulated: Option<bool>,
    /// Who is to be cited for the dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<String>,
}

/// A page was fetched: the first line of its record. The raw body follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageHeader {
    /// See [`VERSION`].
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
    /// See [`VERSION`].
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
    /// See [`VERSION`].
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
    /// See [`VERSION`].
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

/// A part is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// See [`VERSION`].
    pub version: u32,
    /// Which part, from 0.
    pub part: u64,
    /// Rows in it.
    pub rows: u64,
    /// Its files.
    pub files: Vec<StoredFile>,
    /// Names of fields on its pages that have no column, as
    /// [`Drift`](crate::tweet::Drift) gives them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown_fields: BTreeSet<String>,
    /// The records of the pages that it was made from; not recorded by earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<PageSum>,
    /// When.
    pub stored_at: Timestamp,
    /// Which process wrote it.
    pub writer: String,
}

/// The checksum of a page's record, as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSum {
    /// Which page, from 0.
    pub page: u64,
    /// SHA-256 of the record, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// A file of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// The container beside the store that it is in; none: it lies below the dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Its path below the dataset, or in that container, with `/`.
    pub path: String,
    /// Its format.
    pub format: FileFormat,
    /// Rows, without the header.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// The user intervened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// See [`VERSION`].
    pub version: u32,
    /// What is wanted.
    pub action: ControlAction,
    /// When.
    pub at: Timestamp,
    /// How many turns had begun, so that a `resume` answers what had happened before it, whatever
    /// the clocks of different machines say.
    pub turns: u64,
}

/// What a user wants of a running collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ControlAction {
    /// Stop fetching until `resume`.
    Pause,
    /// Go on.
    Resume,
    /// Stop for good, deliver what has come.
    Cancel,
    /// A new budget in place of the old one.
    Budget {
        /// The most that the collection may cost at worst, all in all.
        #[serde(rename = "max_cost_usd")]
        max_cost: Usd,
    },
}

/// The dataset is complete, and others are told from now on. Written only if somebody is to be
/// told; it fixes the time in the notice, so that every try says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// See [`VERSION`].
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// The key of the message that carries the notice: it is acknowledged last of all.
    pub message: String,
    /// Which process.
    pub writer: String,
}

/// How others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By a message on a queue.
    Queue,
    /// By an HTTP request.
    Webhook,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Queue, Self::Webhook];

    /// Its name, in records, logs and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Webhook => "webhook",
        }
    }
}

/// What became of the notice on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// See [`VERSION`].
    pub version: u32,
    /// Which.
    pub channel: Channel,
    /// When that was certain.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: Telling,
}

/// What can become of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Telling {
    /// It was taken: by the queue, or with a 2xx status.
    Delivered,
    /// It was refused in a way that no later try can mend.
    Refused {
        /// Why.
        reason: String,
    },
    /// It was tried for days.
    GivenUp {
        /// What the last try met.
        reason: String,
    },
}

/// Nobody is told any more: every channel has its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notified {
    /// See [`VERSION`].
    pub version: u32,
    /// The id that the notice had, always the same.
    pub notice: String,
    /// When this was certain.
    pub at: Timestamp,
    /// One outcome for each channel that was configured.
    pub told: Vec<Told>,
    /// Which process wrote it.
    pub writer: String,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::spec::{Archive, Dialect, Expand, FileLayout, Profile, Window};

    /// A specification with every default.
    pub(crate) fn spec() -> Spec {
        let start: Timestamp = "2026-10-23T00:00:00Z".parse().unwrap();
        let end: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
        Spec {
            query: "#rustlang".into(),
            hashtag: Some("rustlang".into()),
            window: Window { start, end },
            limit: Some(Spec::DEFAULT_LIMIT),
            max_cost: None,
            partition_size: Spec::DEFAULT_PARTITION_SIZE,
            formats: vec![FileFormat::Csv],
            profile: Profile::Full,
            layout: FileLayout::default(),
            single_file: true,
            archive: Archive::All,
            dialect: Dialect::Tweet,
            expand: Expand::default(),
        }
    }

    /// A record of acceptance.
    pub(crate) fn created() -> Created {
        let id = "20261122-rustlang-k3v9x2m7qa".parse().unwrap();
        let created_at = "2026-11-22T12:00:00Z".parse().unwrap();
        Created {
            version: VERSION,
            id,
            created_at,
            spec: spec(),
            columns: COLUMNS,
            provenance: Provenance::default(),
        }
    }

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
