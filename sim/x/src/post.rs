//! A post, in no dialect yet: plain values that matching and rendering read.

use super::text::Composed;
use super::timeline::Position;

/// How one post refers to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Answers it.
    RepliedTo,
    /// Quotes it.
    Quoted,
}

impl Reference {
    /// As in `referenced_tweets[].type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RepliedTo => "replied_to",
            Self::Quoted => "quoted",
        }
    }
}

/// Why a post cannot be had by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Available,
    /// Deleted, or its author is suspended or gone: "Not Found Error".
    Deleted,
    /// Its author is protected: "Authorization Error".
    Protected,
}

/// Kinds of media, with the prefix of their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// `3_`
    Photo,
    /// `7_` or `13_`
    Video,
    /// `16_`
    Gif,
}

/// A picture or film of a post.
#[derive(Clone, Debug)]
pub struct Media {
    /// For example `3_1871234567890123456`.
    pub key: String,
    /// What it is.
    pub kind: MediaKind,
    /// Luck for the details.
    pub luck: u64,
}

/// Country withholding of a post.
#[derive(Clone, Debug)]
pub struct Withheld {
    /// ISO codes.
    pub countries: Vec<&'static str>,
    /// X leaves the scope out now and then.
    pub has_scope: bool,
}

/// A post, in no dialect yet.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where it is in the universe.
    pub at: Position,
    /// Its id.
    pub id: u64,
    /// When it was written.
    pub written_ms: i64,
    /// Who wrote it.
    pub author: u32,
    /// Language code.
    pub lang: &'static str,
    /// The text as delivered, cut if the post is long.
    pub text: Composed,
    /// All of a long post.
    pub note: Option<Composed>,
    /// What it refers to.
    pub references: Vec<(Reference, Position)>,
    /// The id of the first post of the thread.
    pub conversation: u64,
    /// Whom it answers.
    pub in_reply_to: Option<u32>,
    /// Pictures and films.
    pub media: Vec<Media>,
    /// The id of its poll.
    pub poll: Option<u64>,
    /// An index into the places.
    pub place: Option<usize>,
    /// Whether the exact point is known too.
    pub has_point: bool,
    /// Indexes into the topics.
    pub topics: Vec<usize>,
    /// How often it was edited; earlier versions have the ids just below the latest.
    pub edits: u64,
    /// The id of its newest version.
    pub latest: u64,
    /// Reposts, replies, likes, quotes, bookmarks, impressions.
    pub metrics: [u64; 6],
    /// Where it must not be shown.
    pub withheld: Option<Withheld>,
    /// Luck for rare fields.
    pub luck: u64,
}

impl Post {
    /// The text to search in: all of it.
    pub fn whole(&self) -> &Composed {
        self.note.as_ref().unwrap_or(&self.text)
    }

    /// The ids of all its versions, oldest first.
    pub fn versions(&self) -> Vec<u64> {
        (1..=self.edits).rev().map(|step| self.latest - step).chain([self.latest]).collect()
    }

    /// The version with this id. What it says is the same: only search promises the
    /// newest text, and nothing documents what an edit changed.
    pub fn version(mut self, id: u64) -> Self {
        self.id = id;
        self
    }

    /// Whether it refers to another in this way.
    pub fn refers(&self, how: Reference) -> bool {
        self.references.iter().any(|(kind, _)| *kind == how)
    }
}
