//! Values that are made of several fields.

use std::borrow::Cow;

use crate::json::Raw;

use super::cell::{Cell, CellType};
use super::column::Derived;
use super::extra::{ExtraPath, Leftover, path};
use super::json;
use super::list::List;
use super::row::{Relation, Row};
use crate::tweet::{
    self, AttachmentField, EntityField, EntityItemField, MediaField, NoteField, ReferenceField,
    Tweet, TweetField, UserField, Withheld, WithheldField, key,
};

/// A derived value whose source is called the same in both dialects.
const fn derived(read: for<'r> fn(&'r Row<'_>) -> Cell<'r>, source: &'static str) -> Derived {
    Derived { read, source: [source, source] }
}

const fn of_both(
    read: for<'r> fn(&'r Row<'_>) -> Cell<'r>,
    tweet: &'static str,
    post: &'static str,
) -> Derived {
    Derived { read, source: [tweet, post] }
}

pub(super) static HASHTAGS: Derived = derived(
    |row| entity_list(row, EntityField::Hashtags, &[EntityItemField::Tag]),
    "data[].entities.hashtags[].tag",
);
pub(super) static CASHTAGS: Derived = derived(
    |row| entity_list(row, EntityField::Cashtags, &[EntityItemField::Tag]),
    "data[].entities.cashtags[].tag",
);
pub(super) static MENTIONS: Derived = derived(
    |row| entity_list(row, EntityField::Mentions, &[EntityItemField::Username]),
    "data[].entities.mentions[].username",
);
pub(super) static MENTIONED_IDS: Derived = derived(
    |row| entity_list(row, EntityField::Mentions, &[EntityItemField::Id]),
    "data[].entities.mentions[].id",
);
pub(super) static URLS: Derived = derived(
    |row| {
        let fields = &[EntityItemField::ExpandedUrl, EntityItemField::Url];
        entity_list(row, EntityField::Urls, fields)
    },
    "data[].entities.urls[].expanded_url (or url)",
);
pub(super) static ANNOTATIONS: Derived = derived(
    |row| {
        let raw = row.entities().get(EntityField::Annotations);
        raw.and_then(|raw| CellType::List.read(raw)).unwrap_or(Cell::Absent)
    },
    "data[].entities.annotations",
);
pub(super) static MEDIA: Derived = derived(
    |row| {
        media_list(row, |out, raw, medium| {
            let kind = tweet::field(medium, MediaField::Type);
            out.push('[');
            json::push_canonical(out, raw);
            out.push(',');
            out.push_str(kind.map_or("null", Raw::get));
            out.push(']');
        })
    },
    "data[].attachments.media_keys, includes.media[].type",
);
pub(super) static MEDIA_DETAILS: Derived = derived(
    |row| media_list(row, |out, _, medium| json::push_canonical(out, medium)),
    "includes.media[]",
);
pub(super) static REFERENCES: Derived =
    of_both(references, "data[].referenced_tweets", "data[].referenced_posts");

pub(super) static REPLIED_TO_ID: Derived = of_both(
    |row| id(row.reference(Relation::RepliedTo)),
    "data[].referenced_tweets[type=replied_to].id",
    "data[].referenced_posts[type=replied_to].id",
);
pub(super) static QUOTED_ID: Derived = of_both(
    |row| id(row.reference(Relation::Quoted)),
    "data[].referenced_tweets[type=quoted].id",
    "data[].referenced_posts[type=quoted].id",
);
pub(super) static RETWEETED_ID: Derived = of_both(
    |row| id(row.reference(Relation::Retweeted)),
    "data[].referenced_tweets[type=retweeted].id",
    "data[].referenced_posts[type=retweeted].id",
);
pub(super) static QUOTED_USER_ID: Derived = of_both(
    |row| id(author_id(row.referenced(Relation::Quoted))),
    "includes.tweets[].author_id",
    "includes.posts[].author_id",
);
pub(super) static RETWEETED_USER_ID: Derived = of_both(
    |row| id(author_id(row.referenced(Relation::Retweeted))),
    "includes.tweets[].author_id",
    "includes.posts[].author_id",
);
pub(super) static QUOTED_NAME: Derived = derived(
    |row| screen_name(row, author_id(row.referenced(Relation::Quoted))),
    "includes.users[].username",
);
pub(super) static RETWEETED_NAME: Derived = derived(
    |row| screen_name(row, author_id(row.referenced(Relation::Retweeted))),
    "includes.users[].username",
);
pub(super) static IN_REPLY_TO_NAME: Derived = derived(
    |row| screen_name(row, row.tweet.get(TweetField::InReplyToUserId)),
    "includes.users[].username",
);
pub(super) static REPLIED_TO_TEXT: Derived = of_both(
    |row| words(row.referenced(Relation::RepliedTo).and_then(whole_text)),
    "includes.tweets[].note_tweet.text (or text)",
    "includes.posts[].note_post.text (or text)",
);
pub(super) static QUOTED_TEXT: Derived = of_both(
    |row| words(row.referenced(Relation::Quoted).and_then(whole_text)),
    "includes.tweets[].note_tweet.text (or text)",
    "includes.posts[].note_post.text (or text)",
);
/// A retweet's own text is cut at 140 characters, and in about half of them the hashtag that they
/// were found by stands only in the retweeted post.
pub(super) static FULL_TEXT: Derived = of_both(
    |row| {
        let retweeted = row.referenced(Relation::Retweeted).and_then(whole_text);
        words(retweeted.or_else(|| whole_text(row.tweet)))
    },
    "data[].note_tweet.text (or text); of a retweet the same of includes.tweets[]",
    "data[].note_post.text (or text); of a retweet the same of includes.posts[]",
);
pub(super) static WITHHELD_SCOPE: Derived =
    derived(|row| scope(row.withheld(), path::WITHHELD), "data[].withheld.scope");
pub(super) static USER_WITHHELD_SCOPE: Derived = derived(
    |row| scope(row.author_withheld(), path::AUTHOR_WITHHELD),
    "includes.users[].withheld.scope",
);

/// The references, each with its two fields whatever is in them.
fn references<'r>(row: &'r Row<'_>) -> Cell<'r> {
    let mut references = row.references().peekable();
    if references.peek().is_none() {
        return Cell::Absent;
    }
    let push = |out: &mut String, field: Option<Raw<'_>>| match field {
        Some(raw) => json::push_canonical(out, raw),
        None => out.push_str("null"),
    };
    list(references, |out, reference| {
        out.push_str("{\"type\":");
        push(out, tweet::field(reference, ReferenceField::Type));
        out.push_str(",\"id\":");
        push(out, tweet::field(reference, ReferenceField::Id));
        out.push('}');
    })
}

/// One field of each entity of a kind: the first of `fields` that it has.
fn entity_list<'r>(
    row: &'r Row<'_>,
    kind: EntityField,
    fields: &'static [EntityItemField],
) -> Cell<'r> {
    let entities = row.entities().get(kind).filter(|raw| raw.is_array());
    entities.map_or(Cell::Absent, |raw| Cell::List(List::of_fields(raw, fields)))
}

/// Something about each attached medium that came along.
fn media_list<'r>(row: &'r Row<'_>, push: impl Fn(&mut String, Raw<'_>, Raw<'_>)) -> Cell<'r> {
    let Some(keys) = row.attachments().get(AttachmentField::MediaKeys) else { return Cell::Absent };
    let media = keys.items().filter_map(|raw| Some((raw, row.page.includes.raw_media(key(raw))?)));
    list(media, |out, (raw, medium)| push(out, raw, medium))
}

/// A JSON list of what `push` appends of each item.
fn list<'r, T>(items: impl Iterator<Item = T>, push: impl Fn(&mut String, T)) -> Cell<'r> {
    // Most lists are shorter.
    let mut out = String::with_capacity(256);
    out.push('[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        push(&mut out, item);
    }
    out.push(']');
    Cell::Json(out.into())
}

/// An id, if it is one. What is none stands in `references` or in the included post.
fn id(raw: Option<Raw<'_>>) -> Cell<'_> {
    raw.and_then(|raw| CellType::Id.read(raw)).unwrap_or(Cell::Absent)
}

fn author_id<'p>(tweet: Option<&Tweet<'p>>) -> Option<Raw<'p>> {
    tweet?.get(TweetField::AuthorId)
}

fn screen_name<'r>(row: &'r Row<'_>, user_id: Option<Raw<'_>>) -> Cell<'r> {
    let user = user_id.and_then(|id| row.page.includes.raw_user(key(id)));
    let name = user.and_then(|user| tweet::field(user, UserField::Username)).and_then(Raw::text);
    name.map_or(Cell::Absent, Cell::Text)
}

/// The text of a post, of a long one its note.
fn whole_text<'p>(tweet: &Tweet<'p>) -> Option<Cow<'p, str>> {
    let note = tweet.get(TweetField::NoteTweet);
    let note = note.and_then(|note| tweet::field(note, NoteField::Text)).and_then(Raw::text);
    note.or_else(|| tweet.get(TweetField::Text).and_then(Raw::text))
}

fn words(text: Option<Cow<'_, str>>) -> Cell<'_> {
    text.map_or(Cell::Absent, |text| Cell::Text(unescape_html(text)))
}

/// X escapes `&`, `<` and `>` in texts, and nothing else.
fn unescape_html(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('&') {
        return text;
    }
    // `&amp;` last, so that `&amp;lt;` becomes `&lt;` and not `<`.
    Cow::Owned(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

/// What is withheld. The `post.fields` dialect says `post` where the other says `tweet`.
fn scope<'r>(withheld: &Withheld<'r>, path: ExtraPath) -> Cell<'r> {
    let Some(raw) = withheld.get(WithheldField::Scope) else { return Cell::Absent };
    match raw.text() {
        Some(scope) if scope == "post" => Cell::Text("tweet".into()),
        Some(scope) => Cell::Text(scope),
        None => Cell::Misfit(Leftover { path, name: "scope", raw }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_entities_are_decoded_once() {
        assert_eq!(
            unescape_html("a &amp;lt; b &lt;&gt; &amp; &quot;".into()),
            "a &lt; b <> & &quot;"
        );
        assert!(matches!(unescape_html("plain".into()), Cow::Borrowed("plain")));
    }
}
