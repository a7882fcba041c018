//! What a post has beside its fields: an id.

use std::borrow::Cow;

use super::{Tweet, TweetField};
use crate::json::Raw;
use crate::model::TweetId;

impl<'a> Tweet<'a> {
    /// The row of something in `data` that is no object: it has no fields but itself.
    pub(super) fn of_a_stranger(raw: Raw<'a>) -> Self {
        let mut tweet = Self::empty();
        tweet.unknown.push((Cow::Borrowed("tweet"), raw));
        tweet
    }

    /// Its id, if it is one.
    pub fn id(&self) -> Option<TweetId> {
        self.get(TweetField::Id).and_then(id)
    }
}

/// The id of a tweet, if `raw` is one: 1 to 19 digits, as a string or as a number.
pub fn id(raw: Raw<'_>) -> Option<TweetId> {
    raw.text().as_deref().unwrap_or_else(|| raw.get()).parse().ok()
}
