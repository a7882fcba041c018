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
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

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

/// Reads an answer's body.
pub fn summarise(body: &[u8]) -> Result<PageSummary, Undecodable> {
    // Bytes that are no UTF-8 are replaced, never fatal: only ids and the token are taken here.
    let text = String::from_utf8_lossy(body);
    Reader { text: &text }.page()
}

/// How the body of a 200 fails to be an answer at all, if it does: it is empty, no JSON object, or
/// ends too early. That is the network's or a proxy's doing, so the request is worth repeating.
pub fn interruption(body: &[u8]) -> Option<&'static str> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Some("the answer is empty"),
        Some(b'{') => {}
        Some(_) => return Some("the answer is no JSON object"),
    }
    let parsed = serde_json::from_slice::<IgnoredAny>(body);
    parsed.is_err_and(|error| error.is_eof()).then_some("the answer ends too early")
}

/// Reads parts of one text, and knows where in it they are.
struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn page(&self) -> Result<PageSummary, Undecodable> {
        let mut page = PageSummary::default();
        let mut has_meta = false;
        for (key, value) in self.top()? {
            match key.as_ref() {
                "data" => self.data(value, &mut page)?,
                "includes" => page.reads = page.reads.plus(included(value)),
                "errors" => page.errors += items(value).map_or(0, |list| list.len() as u64),
                "meta" => {
                    has_meta = true;
                    self.meta(value, &mut page)?;
                }
                _ => {}
            }
        }
        if has_meta { Ok(page) } else { Err(self.undecodable(self.text, "it has no `meta`")) }
    }

    fn data(&self, value: &'a RawValue, page: &mut PageSummary) -> Result<(), Undecodable> {
        if value.get() == "null" {
            return Ok(());
        }
        let Some(entries) = items(value) else {
            return Err(self.undecodable(value.get(), "`data` is no list"));
        };
        for (index, entry) in entries.into_iter().enumerate() {
            page.ids.push(self.entry(index, entry, &mut page.post_keys)?);
            page.reads.posts += 1;
        }
        Ok(())
    }

    fn entry(
        &self,
        index: usize,
        entry: &'a RawValue,
        keys: &mut BTreeSet<String>,
    ) -> Result<TweetId, Undecodable> {
        let no_id = || self.undecodable(entry.get(), &format!("data[{index}] has no readable id"));
        let mut id = None;
        for (key, value) in fields(entry).ok_or_else(no_id)? {
            if key == "id" {
                id = tweet_id(value);
            }
            if !keys.contains(key.as_ref()) && keys.len() < MAX_KEYS {
                keys.insert(key.into_owned());
            }
        }
        id.ok_or_else(no_id)
    }

    fn meta(&self, value: &'a RawValue, page: &mut PageSummary) -> Result<(), Undecodable> {
        let Some(meta) = fields(value) else {
            return Err(self.undecodable(value.get(), "`meta` is no object"));
        };
        for (key, value) in meta {
            match key.as_ref() {
                "next_token" => page.next_token = self.token(value)?,
                "result_count" => page.stated_count = serde_json::from_str(value.get()).ok(),
                _ => {}
            }
        }
        Ok(())
    }

    /// An empty or odd token is no end: to take it for one would lose the rest of a collection.
    fn token(&self, value: &'a RawValue) -> Result<Option<PageToken>, Undecodable> {
        match serde_json::from_str::<Option<String>>(value.get()) {
            Ok(None) => Ok(None),
            Ok(Some(token)) if !token.is_empty() => Ok(Some(PageToken(token))),
            Ok(Some(_)) | Err(_) => {
                Err(self.undecodable(value.get(), "`meta.next_token` is no token"))
            }
        }
    }

    fn top(&self) -> Result<Vec<(Cow<'a, str>, &'a RawValue)>, Undecodable> {
        let fields = serde_json::from_str::<Fields<'a>>(self.text).map(|fields| fields.0);
        fields.map_err(|error| Undecodable::at(self.text.as_bytes(), &error))
    }

    /// `part` is a slice of this reader's text, so the difference of addresses is its offset.
    fn undecodable(&self, part: &str, reason: &str) -> Undecodable {
        let byte = part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        Undecodable { reason: reason.to_owned(), byte }
    }
}

fn included(value: &RawValue) -> Reads {
    let count = |value: &RawValue| items(value).map_or(0, |list| list.len() as u64);
    let mut reads = Reads::default();
    for (key, value) in fields(value).unwrap_or_default() {
        match key.as_ref() {
            "tweets" | "posts" => reads.posts += count(value),
            "users" => reads.users += count(value),
            _ => {}
        }
    }
    reads
}

fn tweet_id(value: &RawValue) -> Option<TweetId> {
    let text = value.get();
    match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?.parse().ok(),
        None => text.parse().ok(),
    }
}

/// The items of a list; `None` if it is none.
fn items(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

/// The fields of an object, in order, repeated ones too; `None` if it is none.
fn fields(value: &RawValue) -> Option<Vec<(Cow<'_, str>, &RawValue)>> {
    serde_json::from_str::<Fields<'_>>(value.get()).map(|fields| fields.0).ok()
}

struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    fields.push((key, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// A key, read as bytes because a text with a lone surrogate (`\ud83d`) is an error for serde.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_bytes<E: Error>(self, key: &'de [u8]) -> Result<Key<'de>, E> {
                Ok(Key(String::from_utf8_lossy(key)))
            }

            fn visit_bytes<E: Error>(self, key: &[u8]) -> Result<Key<'de>, E> {
                Ok(Key(String::from_utf8_lossy(key).into_owned().into()))
            }
        }
        deserializer.deserialize_bytes(KeyVisitor)
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
