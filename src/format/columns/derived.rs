//! Values that are made of several fields.

use std::borrow::Cow;

use crate::model::json::Raw;

use super::Derived;
use crate::format::cell::{Cell, Kind};
use crate::format::extra::{Leftover, Place};
use crate::format::json;
use crate::format::row::{Row, place};
use crate::model::tweet::{
    AttachmentField, EntityField, EntityItem, EntityItemField, Included, Media, MediaField, Note,
    NoteField, Object, Reference, ReferenceField, Tweet, TweetField, UserField, Withheld,
    WithheldField, key,
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
        let fields = [EntityItemField::ExpandedUrl, EntityItemField::Url];
        entity_list(row, EntityField::Urls, &fields)
    },
    "data[].entities.urls[].expanded_url (or url)",
);
pub(super) static ANNOTATIONS: Derived = derived(
    |row| {
        let raw = row.entities.get(EntityField::Annotations);
        raw.and_then(|raw| Kind::List.read(raw)).unwrap_or(Cell::Absent)
    },
    "data[].entities.annotations",
);
pub(super) static MEDIA: Derived = derived(
    |row| {
        let pair = |raw: Raw<'_>, media: &Media<'_>| {
            let kind = media.get(MediaField::Type).map_or("null", Raw::get);
            format!("[{},{kind}]", json::canonical(raw.get()))
        };
        media_list(row, |raw, media| pair(raw, &media.fields))
    },
    "data[].attachments.media_keys, includes.media[].type",
);
pub(super) static MEDIA_DETAILS: Derived = derived(
    |row| media_list(row, |_, media| json::canonical(media.raw.get()).into_owned()),
    "includes.media[]",
);
pub(super) static REFERENCES: Derived =
    of_both(references, "data[].referenced_tweets", "data[].referenced_posts");

pub(super) static REPLIED_TO_ID: Derived = of_both(
    |row| id(row.reference("replied_to")),
    "data[].referenced_tweets[type=replied_to].id",
    "data[].referenced_posts[type=replied_to].id",
);
pub(super) static QUOTED_ID: Derived = of_both(
    |row| id(row.reference("quoted")),
    "data[].referenced_tweets[type=quoted].id",
    "data[].referenced_posts[type=quoted].id",
);
pub(super) static RETWEETED_ID: Derived = of_both(
    |row| id(row.reference("retweeted")),
    "data[].referenced_tweets[type=retweeted].id",
    "data[].referenced_posts[type=retweeted].id",
);
pub(super) static QUOTED_USER_ID: Derived = of_both(
    |row| id(author_id(row.referenced("quoted"))),
    "includes.tweets[].author_id",
    "includes.posts[].author_id",
);
pub(super) static RETWEETED_USER_ID: Derived = of_both(
    |row| id(author_id(row.referenced("retweeted"))),
    "includes.tweets[].author_id",
    "includes.posts[].author_id",
);
pub(super) static QUOTED_NAME: Derived = derived(
    |row| screen_name(row, author_id(row.referenced("quoted"))),
    "includes.users[].username",
);
pub(super) static RETWEETED_NAME: Derived = derived(
    |row| screen_name(row, author_id(row.referenced("retweeted"))),
    "includes.users[].username",
);
pub(super) static IN_REPLY_TO_NAME: Derived = derived(
    |row| screen_name(row, row.tweet.get(TweetField::InReplyToUserId)),
    "includes.users[].username",
);
pub(super) static REPLIED_TO_TEXT: Derived = of_both(
    |row| words(row.referenced("replied_to").as_ref().and_then(whole_text)),
    "includes.tweets[].note_tweet.text (or text)",
    "includes.posts[].note_post.text (or text)",
);
pub(super) static QUOTED_TEXT: Derived = of_both(
    |row| words(row.referenced("quoted").as_ref().and_then(whole_text)),
    "includes.tweets[].note_tweet.text (or text)",
    "includes.posts[].note_post.text (or text)",
);
/// A retweet's own text is cut at 140 characters, and in about half of them the hashtag that they
/// were found by stands only in the retweeted post.
pub(super) static FULL_TEXT: Derived = of_both(
    |row| {
        let retweeted = row.referenced("retweeted").as_ref().and_then(whole_text);
        words(retweeted.or_else(|| whole_text(row.tweet)))
    },
    "data[].note_tweet.text (or text); of a retweet the same of includes.tweets[]",
    "data[].note_post.text (or text); of a retweet the same of includes.posts[]",
);
pub(super) static WITHHELD_SCOPE: Derived =
    derived(|row| scope(&row.withheld, place::WITHHELD), "data[].withheld.scope");
pub(super) static USER_WITHHELD_SCOPE: Derived = derived(
    |row| scope(&row.author_withheld, place::AUTHOR_WITHHELD),
    "includes.users[].withheld.scope",
);

/// The references, each with its two fields whatever is in them.
fn references<'r>(row: &'r Row<'_>) -> Cell<'r> {
    if row.references.is_empty() {
        return Cell::Absent;
    }
    let part = |reference: &Reference<'r>, field| match reference.get(field) {
        Some(raw) => json::canonical(raw.get()),
        None => Cow::Borrowed("null"),
    };
    let one = |reference: &Reference<'r>| {
        let kind = part(reference, ReferenceField::Type);
        let id = part(reference, ReferenceField::Id);
        ["{\"type\":", &kind, ",\"id\":", &id, "}"].concat()
    };
    Cell::Json(json::array(row.references.iter().map(one)).into())
}

/// One field of each entity of a kind: the first of `fields` that it has.
fn entity_list<'r>(row: &'r Row<'_>, list: EntityField, fields: &[EntityItemField]) -> Cell<'r> {
    let Some(raw) = row.entities.get(list).filter(|raw| raw.is_array()) else {
        return Cell::Absent;
    };
    let values = raw.items().filter_map(|item| {
        let item: EntityItem<'_> = Object::read(item)?;
        let raw = fields.iter().find_map(|&field| item.get(field))?;
        Some(json::canonical(raw.get()))
    });
    Cell::Json(json::array(values).into())
}

/// Something about each attached medium that came along.
fn media_list<'r>(
    row: &'r Row<'_>,
    show: impl Fn(Raw<'_>, &Included<'_, Media<'_>>) -> String,
) -> Cell<'r> {
    let Some(keys) = row.attachments.get(AttachmentField::MediaKeys) else { return Cell::Absent };
    let media = keys.items().filter_map(|raw| {
        let media = row.page.includes.media(key(raw))?;
        Some(show(raw, &media))
    });
    Cell::Json(json::array(media).into())
}

/// An id, if it is one. What is none stands in `references` or in the included post.
fn id(raw: Option<Raw<'_>>) -> Cell<'_> {
    raw.and_then(|raw| Kind::Id.read(raw)).unwrap_or(Cell::Absent)
}

fn author_id(tweet: Option<Tweet<'_>>) -> Option<Raw<'_>> {
    tweet?.get(TweetField::AuthorId)
}

fn screen_name<'r>(row: &'r Row<'_>, user_id: Option<Raw<'_>>) -> Cell<'r> {
    let user = user_id.and_then(|id| row.page.includes.user(key(id)));
    let name = user.and_then(|user| user.get(UserField::Username)).and_then(Raw::text);
    name.map_or(Cell::Absent, Cell::Text)
}

/// The text of a post, of a long one its note.
fn whole_text<'p>(tweet: &Tweet<'p>) -> Option<Cow<'p, str>> {
    let note: Option<Note<'p>> = tweet.get(TweetField::NoteTweet).and_then(Object::read);
    let note = note.and_then(|note| note.get(NoteField::Text)).and_then(Raw::text);
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
fn scope<'r>(withheld: &Withheld<'r>, place: Place) -> Cell<'r> {
    let Some(raw) = withheld.get(WithheldField::Scope) else { return Cell::Absent };
    match raw.text() {
        Some(scope) if scope == "post" => Cell::Text("tweet".into()),
        Some(scope) => Cell::Text(scope),
        None => Cell::Misfit(Leftover { place, name: "scope", raw }),
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
