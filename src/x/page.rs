//! What an answer holds: the ids of its tweets, the next token, and what it costs.
//!
//! A page has been paid for, so this reads as much as can be read and never loses a tweet: unknown
//! fields, wrong types elsewhere, lone surrogates and wrong counts are borne; but an entry of
//! `data` without a readable id, or a missing `meta`, makes the whole page [`Undecodable`], because
//! a guess would lose tweets or end the collection early. Both dialects are read alike.
//!
//! Only as deep as needed: values are skipped, not built. Rows are decoded elsewhere, by the
//! receiver, from the same bytes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::model::json::{Document, Raw, SyntaxError};
use crate::model::price::Reads;
use crate::model::{PageToken, TweetId};

/// What an answer holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageSummary {
    /// The ids in `data`, in order.
    pub ids: Vec<TweetId>,
    /// Where the next page starts; `None`: there is none, the only sign of the end.
    pub next_token: Option<PageToken>,
    /// Paid resources.
    pub reads: Reads,
    /// Partial errors: things that the answer refers to but that X could not return.
    pub errors: u64,
    /// `meta.result_count`; real pages sometimes differ from it, so it decides nothing.
    pub stated_count: Option<u64>,
    /// Keys that at least one entry of `data` has (at most [`MAX_KEYS`]).
    pub post_keys: BTreeSet<String>,
}

impl PageSummary {
    /// The smallest id.
    pub fn lowest_id(&self) -> Option<TweetId> {
        self.ids.iter().copied().min()
    }

    /// The largest id.
    pub fn highest_id(&self) -> Option<TweetId> {
        self.ids.iter().copied().max()
    }
}

/// How many different keys are remembered: X documents 34; more would be an attack on memory.
const MAX_KEYS: usize = 200;

/// An answer that can't be read without a guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer can't be read at byte {byte}: {reason}")]
pub struct Undecodable {
    /// What is wrong.
    pub reason: String,
    /// Where, from 0, in the body.
    pub byte: usize,
}

impl Undecodable {
    /// What serde complains about, with the byte in place of its line and column.
    pub(super) fn at(body: &[u8], error: &serde_json::Error) -> Self {
        let lines = body.split_inclusive(|byte| *byte == b'\n');
        let before = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum::<usize>();
        let byte = before + error.column().saturating_sub(1);
        Self { reason: error.to_string(), byte: byte.min(body.len()) }
    }
}

impl From<SyntaxError> for Undecodable {
    fn from(error: SyntaxError) -> Self {
        Self { reason: error.reason.to_owned(), byte: error.at }
    }
}

/// What a page holds, or why it can't be read.
pub type Page = Result<PageSummary, Undecodable>;

/// Reads an answer's body.
pub fn summarise(body: &[u8]) -> Page {
    of(&index(body)?)
}

/// The same for the body of a 200, unless it fails to be an answer at all: it is empty, no JSON
/// object, or ends too early. That is the network's or a proxy's doing, so the request is worth
/// repeating.
pub(super) fn read(body: &[u8]) -> Result<Page, &'static str> {
    Ok(indexed(body)?.map_err(Undecodable::from).and_then(|document| of(&document)))
}

/// The same without a look at what is in it.
pub(super) fn look(body: &[u8]) -> Result<(), &'static str> {
    indexed(body).map(drop)
}

fn indexed(body: &[u8]) -> Result<Result<Document<'_>, SyntaxError>, &'static str> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err("the answer is empty"),
        Some(b'{') => {}
        Some(_) => return Err("the answer is no JSON object"),
    }
    match index(body) {
        Err(error) if error.cut_off => Err("the answer ends too early"),
        indexed => Ok(indexed),
    }
}

/// Bytes that are no UTF-8 are replaced, never fatal: only ids and the token are taken here.
fn index(body: &[u8]) -> Result<Document<'_>, SyntaxError> {
    // The strict check is several times as fast as the lossy one, and nearly always enough.
    let text = simdutf8::basic::from_utf8(body).map(Cow::Borrowed);
    Document::new(text.unwrap_or_else(|_| String::from_utf8_lossy(body)))
}

fn of(document: &Document<'_>) -> Page {
    let root = document.root();
    if !root.is_object() {
        return Err(undecodable(root, "it is no object"));
    }
    let mut page = PageSummary::default();
    let mut has_meta = false;
    for (key, value) in root.fields() {
        match key.as_ref() {
            "data" => page.add_data(value)?,
            "includes" => page.reads = page.reads.plus(included(value)),
            "errors" => page.errors += value.items().count() as u64,
            "meta" => {
                has_meta = true;
                page.add_meta(value)?;
            }
            _ => {}
        }
    }
    if has_meta { Ok(page) } else { Err(undecodable(root, "it has no `meta`")) }
}

impl PageSummary {
    fn add_data(&mut self, data: Raw<'_>) -> Result<(), Undecodable> {
        if !data.is_array() && !data.is_null() {
            return Err(undecodable(data, "`data` is no list"));
        }
        let mut keys = Keys::default();
        for (index, entry) in data.items().enumerate() {
            self.add_entry(index, entry, &mut keys)?;
        }
        let room = MAX_KEYS.saturating_sub(self.post_keys.len());
        self.post_keys.extend(keys.in_order.into_iter().take(room));
        Ok(())
    }

    fn add_entry(
        &mut self,
        index: usize,
        entry: Raw<'_>,
        keys: &mut Keys,
    ) -> Result<(), Undecodable> {
        let mut id = None;
        keys.next = 0;
        for (key, value) in entry.fields() {
            if key == "id" {
                id = tweet_id(value);
            }
            keys.add(&key);
        }
        let no_id = || undecodable(entry, &format!("data[{index}] has no readable id"));
        self.ids.push(id.ok_or_else(no_id)?);
        self.reads.posts += 1;
        Ok(())
    }

    fn add_meta(&mut self, meta: Raw<'_>) -> Result<(), Undecodable> {
        if !meta.is_object() {
            return Err(undecodable(meta, "`meta` is no object"));
        }
        for (key, value) in meta.fields() {
            match key.as_ref() {
                "next_token" => self.next_token = token(value)?,
                "result_count" => self.stated_count = value.get().parse().ok(),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Keys of entries, in an order in which they came: most entries have the keys of the one before,
/// in the same order, so that each is found at the first look.
#[derive(Debug, Default)]
struct Keys {
    in_order: Vec<String>,
    /// Where the next one should be.
    next: usize,
}

impl Keys {
    fn add(&mut self, key: &str) {
        let (before, from_here) = self.in_order.split_at(self.next);
        let found = from_here.iter().position(|known| known == key).map(|at| self.next + at);
        let found = found.or_else(|| before.iter().position(|known| known == key));
        if found.is_none() && self.in_order.len() < MAX_KEYS {
            self.in_order.insert(self.next, key.to_owned());
        }
        self.next = (found.unwrap_or(self.next) + 1).min(self.in_order.len());
    }
}

/// An empty or odd token is no end: to take it for one would lose the rest of a collection.
fn token(raw: Raw<'_>) -> Result<Option<PageToken>, Undecodable> {
    match raw.text() {
        None if raw.is_null() => Ok(None),
        Some(token) if !token.is_empty() => Ok(Some(PageToken(token.into_owned()))),
        _ => Err(undecodable(raw, "`meta.next_token` is no token")),
    }
}

fn undecodable(raw: Raw<'_>, reason: &str) -> Undecodable {
    Undecodable { reason: reason.to_owned(), byte: raw.offset() }
}

fn included(includes: Raw<'_>) -> Reads {
    let mut reads = Reads::default();
    for (key, list) in includes.fields() {
        let count = list.items().count() as u64;
        match key.as_ref() {
            "tweets" | "posts" => reads.posts += count,
            "users" => reads.users += count,
            _ => {}
        }
    }
    reads
}

fn tweet_id(raw: Raw<'_>) -> Option<TweetId> {
    raw.inside_quotes().unwrap_or_else(|| raw.get()).parse().ok()
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
