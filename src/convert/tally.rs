//! What a conversion counts.

use std::collections::BTreeSet;

use serde::Serialize;

use super::error::Broken;
use crate::model::tweet::{Page, TweetField, key};

/// Names of unknown fields that are kept: enough to see what is new, and an end for hostile input.
const NAMES: usize = 50;

/// How much of a name is kept.
const NAME_CHARACTERS: usize = 60;

/// How many authors of a page are looked at.
const AUTHORS: usize = 8;

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
    /// Names of fields that have no column, as `extra` has them; the first 50 of them by name.
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
        self.unknown_fields.extend(other.unknown_fields.iter().cloned());
        while self.unknown_fields.len() > NAMES {
            self.unknown_fields.pop_last();
        }
    }

    /// Notes the fields of a page's tweets that nobody knows, and those of the first few authors:
    /// X gives a new field to all.
    pub(super) fn note_unknown(&mut self, page: &Page<'_>) {
        for tweet in &page.tweets {
            tweet.unknown().iter().for_each(|(name, _)| self.note_name("", name));
        }
        for tweet in page.tweets.iter().take(AUTHORS) {
            let id = tweet.get(TweetField::AuthorId).map(key);
            let Some(author) = id.and_then(|id| page.includes.user(id)) else { continue };
            author.unknown().iter().for_each(|(name, _)| self.note_name("author.", name));
        }
    }

    fn note_name(&mut self, place: &str, name: &str) {
        let name: String = place.chars().chain(name.chars().take(NAME_CHARACTERS)).collect();
        self.unknown_fields.insert(name);
        if self.unknown_fields.len() > NAMES {
            self.unknown_fields.pop_last();
        }
    }
}
