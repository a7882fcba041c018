//! The 25 columns of mistnet's predecessor: names, order and meaning are its own, and never change.
//!
//! Two things are better than they were: lists are JSON and not the notation of a programming
//! language, and a value that X does not send is an empty cell and not a lost collection.

use super::cell::CellType::{Boolean, DateTime, Id, List, Text};
use super::column::Column;
use super::derived;
use super::origin::ApiField;
use super::sent::{author, author_count, count};
use crate::tweet::{MetricField, TweetField, UserField, UserMetricField};

pub(super) static COLUMNS: &[Column] = &[
    Column::sent("id", Id, ApiField::Tweet(TweetField::Id), "the post"),
    Column::sent(
        "conversation_id",
        Id,
        ApiField::Tweet(TweetField::ConversationId),
        "the post that began the conversation; the post itself if it did",
    ),
    Column::sent(
        "created_at",
        DateTime,
        ApiField::Tweet(TweetField::CreatedAt),
        "when it was posted",
    ),
    Column::sent(
        "tweet",
        Text,
        ApiField::Tweet(TweetField::Text),
        "its text as X sends it: `&`, `<` and `>` are HTML entities, a long post is cut at 280 \
         characters and a retweet at 140; see `full_text`",
    ),
    Column::sent(
        "source",
        Text,
        ApiField::Tweet(TweetField::Source),
        "the app that posted it; X stopped sending this on 2022-12-20",
    ),
    Column::sent(
        "language",
        Text,
        ApiField::Tweet(TweetField::Lang),
        "the language that X detected, as a BCP 47 tag (`und`: none)",
    ),
    Column::sent(
        "in_reply_to_user_id",
        Id,
        ApiField::Tweet(TweetField::InReplyToUserId),
        "the account that it replies to",
    ),
    Column::derived("hashtags", List, &derived::HASHTAGS, "its hashtags, without `#`").of_texts(),
    Column::derived("urls", List, &derived::URLS, "its links, expanded").of_texts(),
    Column::derived(
        "media",
        List,
        &derived::MEDIA,
        "photos, videos and GIFs, each as `[media key, type]`",
    ),
    count("retweet_count", MetricField::RetweetCount, "retweets when it was fetched"),
    count("reply_count", MetricField::ReplyCount, "replies when it was fetched"),
    count("like_count", MetricField::LikeCount, "likes when it was fetched"),
    count("quote_count", MetricField::QuoteCount, "quotes when it was fetched"),
    Column::sent("user_id", Id, ApiField::Tweet(TweetField::AuthorId), "its author"),
    author("user_screen_name", Text, UserField::Username, "the author's handle, without `@`"),
    author("user_name", Text, UserField::Name, "the author's display name"),
    author("user_description", Text, UserField::Description, "the author's profile text"),
    author("user_location", Text, UserField::Location, "where the author claims to be"),
    author("user_created_at", DateTime, UserField::CreatedAt, "when the account was made"),
    author_count("user_followers_count", UserMetricField::FollowersCount, "the author's followers"),
    author_count(
        "user_friends_count",
        UserMetricField::FollowingCount,
        "accounts that the author follows",
    ),
    author_count("user_statuses_count", UserMetricField::TweetCount, "the author's posts"),
    author("user_verified", Boolean, UserField::Verified, "whether the author is verified"),
    Column::derived(
        "references",
        List,
        &derived::REFERENCES,
        "posts that it refers to, each as `{\"type\": \"retweeted\", \"quoted\" or \
         \"replied_to\", \"id\"}`",
    ),
];
