//! The two dialects, as tables: which names a request may use and which keys an
//! answer then has (OpenAPI 2.166 of 2026-07-01 and 2.167 of 2026-08-22).
//!
//! The request decides the dialect of the answer. Names that the dialect does not
//! know are dropped without a word, and the answer is billed all the same.

use super::options::Dialect;

/// A field of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PostField {
    /// `id`, always there.
    Id,
    /// `text`, always there.
    Text,
    /// `edit_history_…_ids`: default in the legacy dialect, expansion in the current.
    EditHistory,
    /// Expansion only in the current dialect.
    AuthorId,
    /// Expansion only in the current dialect.
    InReplyToUserId,
    /// `referenced_…`: expansion only in the current dialect.
    Referenced,
    /// `username`: current expansion only.
    Username,
    /// `article`
    Article,
    /// `attachments`
    Attachments,
    /// `card_uri`
    CardUri,
    /// `community_id`
    CommunityId,
    /// `context_annotations`
    ContextAnnotations,
    /// `conversation_id`
    ConversationId,
    /// `created_at`
    CreatedAt,
    /// `display_text_range`
    DisplayTextRange,
    /// `edit_controls`
    EditControls,
    /// `entities`
    Entities,
    /// `geo`
    Geo,
    /// `lang`
    Lang,
    /// `media_metadata`
    MediaMetadata,
    /// `note_tweet` or `note_post`
    Note,
    /// `paid_partnership`
    PaidPartnership,
    /// `possibly_sensitive`
    PossiblySensitive,
    /// `public_metrics`
    PublicMetrics,
    /// `reply_settings`
    ReplySettings,
    /// `scopes`
    Scopes,
    /// `withheld`
    Withheld,
    /// `non_public_metrics`: refused to app-only callers by a partial error.
    NonPublicMetrics,
    /// `organic_metrics`: likewise.
    OrganicMetrics,
    /// `promoted_metrics`: likewise.
    PromotedMetrics,
}

struct Row(PostField, &'static str, &'static str);

/// Field, key in the legacy dialect, key in the current dialect.
const KEYS: &[Row] = &[
    Row(PostField::Id, "id", "id"),
    Row(PostField::Text, "text", "text"),
    Row(PostField::EditHistory, "edit_history_tweet_ids", "edit_history_post_ids"),
    Row(PostField::AuthorId, "author_id", "author_id"),
    Row(PostField::InReplyToUserId, "in_reply_to_user_id", "in_reply_to_user_id"),
    Row(PostField::Referenced, "referenced_tweets", "referenced_posts"),
    Row(PostField::Username, "username", "username"),
    Row(PostField::Article, "article", "article"),
    Row(PostField::Attachments, "attachments", "attachments"),
    Row(PostField::CardUri, "card_uri", "card_uri"),
    Row(PostField::CommunityId, "community_id", "community_id"),
    Row(PostField::ContextAnnotations, "context_annotations", "context_annotations"),
    Row(PostField::ConversationId, "conversation_id", "conversation_id"),
    Row(PostField::CreatedAt, "created_at", "created_at"),
    Row(PostField::DisplayTextRange, "display_text_range", "display_text_range"),
    Row(PostField::EditControls, "edit_controls", "edit_controls"),
    Row(PostField::Entities, "entities", "entities"),
    Row(PostField::Geo, "geo", "geo"),
    Row(PostField::Lang, "lang", "lang"),
    Row(PostField::MediaMetadata, "media_metadata", "media_metadata"),
    Row(PostField::Note, "note_tweet", "note_post"),
    Row(PostField::PaidPartnership, "paid_partnership", "paid_partnership"),
    Row(PostField::PossiblySensitive, "possibly_sensitive", "possibly_sensitive"),
    Row(PostField::PublicMetrics, "public_metrics", "public_metrics"),
    Row(PostField::ReplySettings, "reply_settings", "reply_settings"),
    Row(PostField::Scopes, "scopes", "scopes"),
    Row(PostField::Withheld, "withheld", "withheld"),
    Row(PostField::NonPublicMetrics, "non_public_metrics", "non_public_metrics"),
    Row(PostField::OrganicMetrics, "organic_metrics", "organic_metrics"),
    Row(PostField::PromotedMetrics, "promoted_metrics", "promoted_metrics"),
];

impl PostField {
    /// The key in an answer.
    pub fn key(self, dialect: Dialect) -> &'static str {
        let Row(_, legacy, current) = KEYS[self as usize];
        dialect.pick(legacy, current)
    }

    /// The field that a name in `tweet.fields` or `post.fields` means.
    fn asked(name: &str, dialect: Dialect) -> Option<Self> {
        let Row(field, ..) = KEYS.iter().find(|Row(field, ..)| field.key(dialect) == name)?;
        let expansion_only = match dialect {
            Dialect::Legacy => matches!(field, Self::Username),
            Dialect::Current => matches!(
                field,
                Self::EditHistory
                    | Self::AuthorId
                    | Self::InReplyToUserId
                    | Self::Referenced
                    | Self::Username
            ),
        };
        (!expansion_only).then_some(*field)
    }

    /// Metrics that only the author may see.
    pub fn is_private(self) -> bool {
        matches!(self, Self::NonPublicMetrics | Self::OrganicMetrics | Self::PromotedMetrics)
    }
}

impl Dialect {
    /// The first in the legacy dialect, the second in the current one.
    pub fn pick<T>(self, legacy: T, current: T) -> T {
        match self {
            Self::Legacy => legacy,
            Self::Current => current,
        }
    }
}

/// What a request wants expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expansion {
    /// `author_id`
    Author,
    /// `in_reply_to_user_id`
    InReplyTo,
    /// `entities.mentions.username` and `entities.note.mentions.username`
    Mentions,
    /// `attachments.media_keys`
    Media,
    /// `attachments.poll_ids`
    Polls,
    /// `geo.place_id`
    Places,
    /// `referenced_tweets.id`, `referenced_posts`
    Referenced,
    /// `referenced_tweets.id.author_id`
    ReferencedAuthors,
    /// `referenced_tweets.id.attachments.media_keys`
    ReferencedMedia,
    /// `edit_history_tweet_ids`, `edit_history_post_ids`
    EditHistory,
    /// `username` (current dialect)
    Username,
}

impl Expansion {
    fn asked(name: &str, dialect: Dialect) -> Option<Self> {
        Some(match (name, dialect) {
            ("author_id", _) => Self::Author,
            ("in_reply_to_user_id", _) => Self::InReplyTo,
            ("entities.mentions.username", _)
            | ("entities.note.mentions.username", Dialect::Legacy) => Self::Mentions,
            ("attachments.media_keys", _) => Self::Media,
            ("attachments.poll_ids", _) => Self::Polls,
            ("geo.place_id", _) => Self::Places,
            ("referenced_tweets.id", Dialect::Legacy) | ("referenced_posts", Dialect::Current) => {
                Self::Referenced
            }
            ("referenced_tweets.id.author_id", Dialect::Legacy) => Self::ReferencedAuthors,
            ("referenced_tweets.id.attachments.media_keys", Dialect::Legacy) => {
                Self::ReferencedMedia
            }
            ("edit_history_tweet_ids", Dialect::Legacy)
            | ("edit_history_post_ids", Dialect::Current) => Self::EditHistory,
            ("username", Dialect::Current) => Self::Username,
            _ => return None,
        })
    }

    /// The field which an expansion brings along.
    fn field(self) -> PostField {
        match self {
            Self::Author => PostField::AuthorId,
            Self::InReplyTo => PostField::InReplyToUserId,
            Self::Mentions => PostField::Entities,
            Self::Media | Self::Polls => PostField::Attachments,
            Self::Places => PostField::Geo,
            Self::Referenced | Self::ReferencedAuthors | Self::ReferencedMedia => {
                PostField::Referenced
            }
            Self::EditHistory => PostField::EditHistory,
            Self::Username => PostField::Username,
        }
    }
}

/// What one request selects.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The dialect of the answer.
    pub dialect: Dialect,
    /// Fields of posts, in the order of the table, each once.
    pub post: Vec<PostField>,
    /// The same with their keys, in the alphabetical order in which answers have them.
    pub keys: Vec<(&'static str, PostField)>,
    /// Expansions, each once.
    pub expansions: Vec<Expansion>,
    /// Names in `user.fields` and the defaults, sorted, each once; unknown ones are dropped when
    /// rendering. The other three likewise.
    pub user: Vec<String>,
    /// `media.fields`
    pub media: Vec<String>,
    /// `poll.fields`
    pub poll: Vec<String>,
    /// `place.fields`
    pub place: Vec<String>,
}

impl Selection {
    /// Reads the selection out of query parameters.
    pub fn new(parameters: &[(String, String)], open: Dialect) -> Self {
        let dialect = decided(parameters).unwrap_or(open);
        let asked = names(parameters, dialect.pick("tweet.fields", "post.fields"));
        let expansions: Vec<Expansion> = names(parameters, "expansions")
            .iter()
            .filter_map(|name| Expansion::asked(name, dialect))
            .collect();
        let mut post = vec![PostField::Id, PostField::Text];
        post.extend(dialect.pick(Some(PostField::EditHistory), None));
        post.extend(asked.iter().filter_map(|name| PostField::asked(name, dialect)));
        post.extend(expansions.iter().map(|expansion| expansion.field()));
        post.sort_unstable();
        post.dedup();
        let mut keys: Vec<_> = post.iter().map(|field| (field.key(dialect), *field)).collect();
        keys.sort_unstable();
        Self {
            dialect,
            post,
            keys,
            expansions,
            user: with_defaults(names(parameters, "user.fields"), &["id", "name", "username"]),
            media: with_defaults(names(parameters, "media.fields"), &["media_key", "type"]),
            poll: with_defaults(names(parameters, "poll.fields"), &["id", "options"]),
            place: with_defaults(names(parameters, "place.fields"), &["id", "full_name"]),
        }
    }

    /// Whether something is to be expanded.
    pub fn expands(&self, expansion: Expansion) -> bool {
        self.expansions.contains(&expansion)
    }

    /// Whether a post field was selected.
    pub fn has(&self, field: PostField) -> bool {
        self.post.contains(&field)
    }
}

/// The dialect that a request decides by the names it uses, if it does.
fn decided(parameters: &[(String, String)]) -> Option<Dialect> {
    let uses = |name: &str| parameters.iter().any(|(key, _)| key == name);
    if uses("post.fields") {
        return Some(Dialect::Current);
    }
    if uses("tweet.fields") {
        return Some(Dialect::Legacy);
    }
    let expansions = names(parameters, "expansions");
    let any = |known: &[&str]| expansions.iter().any(|name| known.contains(&name.as_str()));
    if any(&["referenced_posts", "edit_history_post_ids", "username"]) {
        return Some(Dialect::Current);
    }
    if any(&["referenced_tweets.id", "referenced_tweets.id.author_id", "edit_history_tweet_ids"]) {
        return Some(Dialect::Legacy);
    }
    let counts = names(parameters, "search_count.fields");
    if counts.iter().any(|name| name == "post_count") {
        return Some(Dialect::Current);
    }
    counts.iter().any(|name| name == "tweet_count").then_some(Dialect::Legacy)
}

fn names(parameters: &[(String, String)], key: &str) -> Vec<String> {
    let value = parameters.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value);
    value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn with_defaults(mut names: Vec<String>, defaults: &[&str]) -> Vec<String> {
    names.extend(defaults.iter().map(|name| (*name).to_owned()));
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(pairs: &[(&str, &str)]) -> Selection {
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Selection::new(&pairs.iter().map(own).collect::<Vec<_>>(), Dialect::Legacy)
    }

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (place, Row(field, ..)) in KEYS.iter().enumerate() {
            assert_eq!(*field as usize, place);
        }
    }

    #[test]
    fn the_request_decides_the_dialect() {
        assert_eq!(selection(&[("post.fields", "lang")]).dialect, Dialect::Current);
        assert_eq!(selection(&[("tweet.fields", "lang")]).dialect, Dialect::Legacy);
        assert_eq!(selection(&[("expansions", "referenced_posts")]).dialect, Dialect::Current);
        assert_eq!(selection(&[]).dialect, Dialect::Legacy);
    }

    #[test]
    fn names_of_the_other_dialect_are_dropped() {
        let current = selection(&[("post.fields", "author_id,note_tweet,note_post,nonsense")]);
        assert_eq!(current.post, [PostField::Id, PostField::Text, PostField::Note]);
        let legacy = selection(&[("tweet.fields", "author_id,note_post")]);
        assert!(legacy.has(PostField::AuthorId) && !legacy.has(PostField::Note));
    }
}
