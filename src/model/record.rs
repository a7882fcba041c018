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
//! Plain data only: what it means is in [`super::state`], where it lies in the store's layout. What
//! senders write is in `fetching`; the rest is here.

mod fetching;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::spec::{Columns, FileFormat};
use super::{CollectionId, Spec, Usd};

pub use fetching::{
    Body, HourRows, Outcome, PageHeader, SealReason, Sealed, Span, Then, Totals, Trouble, Turn,
    TurnEnd,
};

/// The version of every record that this program writes. It is raised only when an older program
/// would misread a record; a new field that it may leave out is optional instead (ADR 16).
pub const VERSION: u32 = 1;

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
    pub(crate) use super::fetching::tests::page;
    use super::*;
    use crate::model::spec::tests::spec;

    /// A record of acceptance.
    pub(crate) fn created() -> Created {
        let id = "20261122-rustlang-k3v9x2m7qa".parse().unwrap();
        let created_at = "2026-11-22T12:00:00Z".parse().unwrap();
        Created {
            version: VERSION,
            id,
            created_at,
            spec: spec(),
            columns: crate::model::spec::COLUMNS,
            provenance: Provenance::default(),
        }
    }
}
