//! The operators of a query, and why a query is refused.

/// Why a query is refused, and where (in code points, from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// X's words, without the position.
    pub message: String,
    /// The position.
    pub position: usize,
}

impl QueryError {
    pub(super) fn new(message: impl Into<String>, position: usize) -> Self {
        Self { message: message.into(), position }
    }
}

impl std::fmt::Display for QueryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (at position {})", self.message, self.position)
    }
}

impl std::error::Error for QueryError {}

/// One operator.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A word or emoji, folded.
    Keyword(String),
    /// Words in a row, folded.
    Phrase(String),
    /// `#tag`, folded.
    Hashtag(String),
    /// `$TAG`, folded.
    Cashtag(String),
    /// `@name`, lower-case.
    Mention(String),
    /// `from:` a name or id.
    From(String),
    /// `to:` a name or id.
    To(String),
    /// `retweets_of:` and `list:`, which find nothing here.
    Nothing,
    /// `url:`, lower-case.
    Url(String),
    /// `lang:`
    Lang(String),
    /// `conversation_id:`
    Conversation(u64),
    /// `in_reply_to_tweet_id:`
    InReplyTo(u64),
    /// `quotes_of_tweet_id:`
    QuotesOf(u64),
    /// `min_likes:`, `min_replies:`, `min_reposts:` as an index into the metrics.
    AtLeast(usize, u64),
    /// `context:` domain and entity.
    Context(String),
    /// `place:` name or id, folded.
    Place(String),
    /// `place_country:`
    Country(String),
    /// `bounding_box:` west, south, east, north.
    Box([f64; 4]),
    /// `point_radius:` longitude, latitude, kilometres.
    Near([f64; 3]),
    /// `is:`
    Is(Property),
    /// `has:`
    Has(Content),
}

/// What `is:` asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// Never true: retweets left keyword search on 2026-05-04 (docs.x.com, changelog).
    Retweet,
    /// An answer.
    Reply,
    /// A quote.
    Quote,
    /// By an account with a badge.
    Verified,
    /// Only as `-is:nullcast`; no post here is one.
    Nullcast,
}

/// What `has:` asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// `#tags`
    Hashtags,
    /// `$TAGS`
    Cashtags,
    /// Links, media links included.
    Links,
    /// `@names`
    Mentions,
    /// Pictures or films.
    Media,
    /// Pictures.
    Images,
    /// Films.
    Videos,
    /// A place.
    Geo,
}

impl Term {
    /// Whether a query may consist of this alone.
    pub(super) fn stands_alone(&self) -> bool {
        !matches!(self, Self::Lang(_) | Self::Is(_) | Self::Has(_))
    }
}

/// Whether an operator is wanted or unwanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Wanted.
    Plus,
    /// `-`
    Minus,
}
