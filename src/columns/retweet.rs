//! Retweets with the content of the post that they retweet.
//!
//! The text of a retweet is cut at 140 characters, and so is what is marked in it: in about half of
//! the retweets that a hashtag finds, it stands in the retweeted post only. `twarc2 csv
//! --merge-retweets` takes text, entities, attachments, topics and counts from that post (twarc-csv
//! 0.7.2, read 2026-11-23); so does this, and with them what belongs to them. A retweet keeps its
//! own id, author and time, and all that it refers to.
//!
//! Differs from twarc-csv in one thing: with the text comes everything that is marked in it, also
//! if that is nothing. What is marked in the text of the retweet would be at other places.

use std::borrow::Cow;

use super::row::Relation;
use crate::tweet::{Page, ReferenceField, Tweet, TweetField, field, key};

/// What is taken from the retweeted post together, if it has the first of them.
const TOGETHER: [&[TweetField]; 4] = [
    &[TweetField::Text, TweetField::NoteTweet, TweetField::Entities, TweetField::DisplayTextRange],
    &[TweetField::Attachments, TweetField::MediaMetadata],
    &[TweetField::ContextAnnotations],
    &[TweetField::PublicMetrics],
];

/// A tweet; if it is a retweet and the retweeted post came along, with the content of that.
pub(crate) fn merged<'t, 'p>(page: &Page<'p>, tweet: &'t Tweet<'p>) -> Cow<'t, Tweet<'p>> {
    let Some(original) = original(page, tweet) else { return Cow::Borrowed(tweet) };
    let has_first = |fields: &&&[TweetField]| {
        fields.first().is_some_and(|field| original.get(*field).is_some())
    };
    let fields: Vec<TweetField> =
        TOGETHER.iter().filter(has_first).copied().flatten().copied().collect();
    Cow::Owned(tweet.with_fields_of(&original, &fields))
}

/// The post that a tweet retweets, if it came along.
fn original<'p>(page: &Page<'p>, tweet: &Tweet<'p>) -> Option<Tweet<'p>> {
    let references = tweet.get(TweetField::ReferencedTweets)?;
    let reference = references.items().find(|reference| Relation::Retweeted.is_of(*reference))?;
    page.includes.tweet(key(field(reference, ReferenceField::Id)?))
}
