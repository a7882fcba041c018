//! Names of things: tweets, collections and stores.
//!
//! All are checked when they are made, so that whoever holds one may use it in a path or a query
//! without another look. They promise nothing about the existence of what they name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::clip::clip;

/// The id of a tweet: 1 to 19 decimal digits.
///
/// In JSON always a string, as X sends it, because many readers keep numbers as 64-bit floats,
/// which are exact only up to 2^53 (today's ids are above 10^18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TweetId(pub u64);

impl TweetId {
    /// The first id that holds its own time (2010-11-04, docs.x.com, X IDs, read 2026-08-22).
    const FIRST_WITH_TIME: u64 = 29_700_859_247;

    /// The zero of the times in ids, in Unix milliseconds.
    const EPOCH_MS: i64 = 1_288_834_974_657;

    /// When the tweet was made, as its id says it; `None` of ids that hold no time.
    pub fn created_at(self) -> Option<jiff::Timestamp> {
        let since = i64::try_from(self.0 >> 22).ok()?;
        let time = || jiff::Timestamp::from_millisecond(since.checked_add(Self::EPOCH_MS)?).ok();
        (self.0 >= Self::FIRST_WITH_TIME).then(time).flatten()
    }
}

impl fmt::Display for TweetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<TweetId> for String {
    fn from(id: TweetId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for TweetId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl FromStr for TweetId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let digits =
            !text.is_empty() && text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit());
        let invalid = || InvalidId { what: "tweet", value: clip(text), rule: "1 to 19 digits" };
        if digits { text.parse().map(Self).map_err(|_| invalid()) } else { Err(invalid()) }
    }
}

/// The id of a store: 26 random base32 characters, written once when the store is made.
///
/// It says whether the place that is open is still the store that it was: a volume that is not
/// mounted, or a folder that was moved away, shows another id or none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct StoreId(String);

impl StoreId {
    const CHARACTERS: usize = 26;

    /// Makes an id from 128 random bits.
    pub fn new(random: u128) -> Self {
        let digit = |i: usize| BASE32.get((random >> (i * 5) & 31) as usize);
        Self((0..Self::CHARACTERS).filter_map(digit).copied().map(char::from).collect())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<StoreId> for String {
    fn from(id: StoreId) -> Self {
        id.0
    }
}

impl TryFrom<String> for StoreId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        if text.len() == Self::CHARACTERS && text.bytes().all(|byte| BASE32.contains(&byte)) {
            Ok(Self(text))
        } else {
            let rule = "26 base32 characters";
            Err(InvalidId { what: "store", value: clip(&text), rule })
        }
    }
}

/// Base32 without the letters that look like digits.
const BASE32: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The id of a collection: readable, and safe as one segment of a path.
///
/// `20261122-rustlang-k3v9x2m7qa`: the UTC date of creation, the hashtag's ASCII letters and
/// digits if it has any, and ten random base32 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CollectionId(String);

impl CollectionId {
    /// Longest id, in bytes.
    pub const MAX_BYTES: usize = 64;

    /// How many characters of a hashtag an id shows.
    const TAG_CHARACTERS: usize = 24;

    /// Makes an id from the day of creation, the hashtag and 50 random bits.
    pub fn new(day: jiff::civil::Date, tag: &str, random: u64) -> Self {
        let tag: String = tag
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(Self::TAG_CHARACTERS)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let digits = (0..10).map(|i| char::from(BASE32[(random >> (i * 5) & 31) as usize]));
        let day = day.strftime("%Y%m%d");
        let dash = if tag.is_empty() { "" } else { "-" };
        Self(format!("{day}{dash}{tag}-{}", digits.collect::<String>()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CollectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<CollectionId> for String {
    fn from(id: CollectionId) -> Self {
        id.0
    }
}

impl TryFrom<String> for CollectionId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl FromStr for CollectionId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let dated = text.len() > 9 && text.bytes().take(8).all(|b| b.is_ascii_digit());
        if dated && text.len() <= Self::MAX_BYTES && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            let rule = "a date, then lower-case letters, digits and dashes, at most 64 bytes";
            Err(InvalidId { what: "collection", value: clip(text), rule })
        }
    }
}

/// Something that is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not a {what} id ({rule})")]
pub struct InvalidId {
    what: &'static str,
    value: String,
    rule: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_shows_the_day_and_the_ascii_part_of_the_tag() {
        let day = jiff::civil::date(2026, 11, 22);
        assert_eq!(CollectionId::new(day, "RustLang", 0).as_str(), "20261122-rustlang-0000000000");
        assert_eq!(CollectionId::new(day, "データ", 31).as_str(), "20261122-z000000000");
        let long = CollectionId::new(day, &"x".repeat(200), u64::MAX);
        assert_eq!(long.as_str().parse(), Ok(long));
    }

    #[test]
    fn nothing_that_could_leave_a_folder_is_an_id() {
        for hostile in
            ["", "..", "../x", "20261122-a/b", "20261122-..", "20261122-%2e", "a\0b", "C:\\x"]
        {
            assert!(hostile.parse::<CollectionId>().is_err(), "{hostile:?}");
        }
        assert!(format!("20261122-{}", "a".repeat(300)).parse::<CollectionId>().is_err());
    }

    #[test]
    fn tweet_ids_are_strings_in_json() {
        let id = TweetId(2_062_875_508_879_110_287);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, "\"2062875508879110287\"");
        assert_eq!(serde_json::from_str::<TweetId>(&json).unwrap(), id);
        for wrong in ["\"\"", "\"-1\"", "\"12345678901234567890\"", "\"1.5\"", "7"] {
            assert!(serde_json::from_str::<TweetId>(wrong).is_err(), "{wrong}");
        }
    }
}
