//! What a conversion counts.

use std::collections::BTreeSet;

use serde::Serialize;

use super::error::Broken;
use crate::tweet::drift;

/// What was counted. `tweets` = `rows` + `duplicates` + `not_counted`, always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Pages, and tweets that stood alone.
    pub pages: u64,
    /// Tweets in them.
    pub tweets: u64,
    /// Tweets that became rows.
    pub rows: u64,
    /// Tweets with an id that a tweet before them had.
    pub duplicates: u64,
    /// Tweets in a log that its headers do not count: seen before, or beyond the limit.
    pub not_counted: u64,
    /// Characters that no text can have, replaced by U+FFFD.
    pub repaired_characters: u64,
    /// Names of fields that have no column, as `extra` has them (see
    /// [`Drift`](crate::tweet::Drift)); the first 50 of them by name.
    pub unknown_fields: BTreeSet<String>,
    /// Pieces of the inputs that were left out.
    #[serde(skip)]
    pub skipped: Vec<Broken>,
}

impl Tally {
    /// Adds what was counted elsewhere, except for pieces that were left out.
    pub(super) fn add(&mut self, other: &Self) {
        self.pages += other.pages;
        self.tweets += other.tweets;
        self.rows += other.rows;
        self.duplicates += other.duplicates;
        self.not_counted += other.not_counted;
        self.repaired_characters += other.repaired_characters;
        drift::join(&mut self.unknown_fields, other.unknown_fields.iter().cloned());
    }
}
