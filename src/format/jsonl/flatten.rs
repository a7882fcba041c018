//! A post with everything that belongs to it inside, as `twarc2 flatten` makes it (twarc 2.14.0,
//! `expansions.py`, read 2026-11-23):
//!
//! * `author` and `in_reply_to_user` are the accounts of `author_id` and `in_reply_to_user_id`, and
//!   `{}` if those did not come along;
//! * `attachments` has `media`, one object for each key (`{}` for one that did not come along), and
//!   `poll`;
//! * `geo` has the fields of the place in it;
//! * each of `entities.mentions`, also of a long text, has the fields of the account in it;
//! * each of `referenced_tweets` has the whole post in it, flattened itself.
//!
//! Where it differs: a post that lies in a referenced one is flattened wherever it stands in
//! `includes`; a mention is also found by the account's id; fields that something has already are
//! only replaced by what came along. Everything else is copied as it came, in its order.
//!
//! Inlining multiplies: what would make a row deeper than [`MAX_LEVELS`] posts or longer than some
//! [`MAX_ROW_BYTES`] stays a reference.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use super::object::{ObjectWriter, has, named, push_list, push_raw};
use super::rename::{push_metrics, push_user, push_user_fields, push_withheld};
use crate::json::Raw;
use crate::tweet::{Page, Tweet, TweetField, key};

/// How many posts may lie in one another. X includes what a post refers to, not what that refers
/// to in turn, so more than two are chance; each adds two levels of JSON, of which parsers take 127
/// (`serde_json`) or more.
const MAX_LEVELS: usize = 16;

/// From which length on a row takes in nothing more: half of what DuckDB takes as one object
/// (16 MiB, `maximum_object_size` of DuckDB 2.0.0, tried 2026-11-23). A row is some 6 KB.
const MAX_ROW_BYTES: usize = 8 << 20;

/// Flattens the posts of a page.
pub(super) struct Flattener<'p> {
    page: &'p Page<'p>,
    by_handle: OnceCell<HashMap<Cow<'p, str>, Raw<'p>>>,
    row_start: usize,
}

/// The posts that the one in hand lies in.
#[derive(Clone, Copy)]
struct Above<'c> {
    id: Option<&'c str>,
    level: usize,
    next: Option<&'c Above<'c>>,
}

impl<'c> Above<'c> {
    /// Whether a post may be put inside. None lies in itself: made-up data can have such circles.
    fn may_take(&self, id: &str) -> bool {
        let mut lies_in = std::iter::successors(Some(self), |above| above.next);
        self.level < MAX_LEVELS && lies_in.all(|above| above.id != Some(id))
    }

    fn below(tweet: &'c Tweet<'_>, above: Option<&'c Above<'c>>) -> Self {
        let level = above.map_or(1, |above| above.level + 1);
        Self { id: tweet.get(TweetField::Id).map(key), level, next: above }
    }
}

impl<'p> Flattener<'p> {
    pub(super) fn new(page: &'p Page<'p>) -> Self {
        Self { page, by_handle: OnceCell::new(), row_start: 0 }
    }

    /// Appends a post of the page.
    pub(super) fn push(&mut self, out: &mut String, tweet: &Tweet<'_>) {
        self.row_start = out.len();
        if let Some(raw) = tweet.raw() {
            self.tweet(out, tweet, raw, None, None);
            return;
        }
        // An element of `data` that is no object.
        let mut object = ObjectWriter::new(out);
        tweet.unknown().iter().for_each(|(name, raw)| object.field(name, *raw));
        object.end();
    }

    /// Appends a post; in a list of references, after the fields of the reference that it has not.
    fn tweet(
        &self,
        out: &mut String,
        tweet: &Tweet<'_>,
        raw: Raw<'_>,
        reference: Option<Raw<'_>>,
        above: Option<&Above<'_>>,
    ) {
        let user = |field| {
            let id = tweet.get(field).filter(|_| self.has_room(out))?;
            self.page.includes.raw_user(key(id))
        };
        let accounts = [
            ("author", TweetField::AuthorId, user(TweetField::AuthorId)),
            ("in_reply_to_user", TweetField::InReplyToUserId, user(TweetField::InReplyToUserId)),
        ];
        let above = Above::below(tweet, above);
        let mut object = ObjectWriter::new(out);
        if let Some(reference) = reference {
            object.fields(reference, |name| has(raw, name));
        }
        for (field, name, value) in named::<TweetField>(raw) {
            let replaced = accounts.iter().any(|(other, _, user)| *other == name && user.is_some());
            match field {
                Some(field) => self.tweet_field(object.key(&name), field, value, &above),
                None if replaced => {}
                None => object.field(&name, value),
            }
        }
        for (name, field, user) in accounts {
            if let Some(user) = user {
                push_user(object.key(name), user);
            } else if tweet.get(field).is_some() && !has(raw, name) {
                object.key(name).push_str("{}");
            }
        }
        object.end();
    }

    fn tweet_field(&self, out: &mut String, field: TweetField, raw: Raw<'_>, above: &Above<'_>) {
        match field {
            TweetField::PublicMetrics => push_metrics(out, raw),
            TweetField::Withheld => push_withheld(out, raw),
            TweetField::Entities => self.entities(out, raw),
            TweetField::NoteTweet => self.note(out, raw),
            TweetField::Attachments if raw.is_object() => self.attachments(out, raw),
            TweetField::Geo => self.geo(out, raw),
            TweetField::ReferencedTweets => {
                push_list(out, raw, |out, raw| self.reference(out, raw, above));
            }
            _ => push_raw(out, raw),
        }
    }

    fn reference(&self, out: &mut String, raw: Raw<'_>, above: &Above<'_>) {
        let id = field(raw, "id").map(key);
        let id = id.filter(|id| above.may_take(id) && self.has_room(out));
        let tweet = id.and_then(|id| self.page.includes.tweet(id));
        match tweet.as_ref().and_then(|tweet| Some((tweet, tweet.raw()?))) {
            Some((tweet, its)) => self.tweet(out, tweet, its, Some(raw), Some(above)),
            None => push_raw(out, raw),
        }
    }

    fn note(&self, out: &mut String, raw: Raw<'_>) {
        with_field(out, raw, "entities", |out, raw| self.entities(out, raw));
    }

    fn entities(&self, out: &mut String, raw: Raw<'_>) {
        with_field(out, raw, "mentions", |out, raw| {
            push_list(out, raw, |out, raw| self.mention(out, raw));
        });
    }

    fn mention(&self, out: &mut String, raw: Raw<'_>) {
        let user = self.mentioned(raw).filter(|_| self.has_room(out));
        let Some(user) = user else { return push_raw(out, raw) };
        let mut object = ObjectWriter::new(out);
        object.fields(raw, |name| has(user, name));
        push_user_fields(&mut object, user);
        object.end();
    }

    fn mentioned(&self, mention: Raw<'_>) -> Option<Raw<'p>> {
        let handle = field(mention, "username").and_then(Raw::text);
        let by_handle = self.by_handle.get_or_init(|| by_handle(self.page));
        let user = handle.and_then(|handle| by_handle.get(&*handle).copied());
        user.or_else(|| self.page.includes.raw_user(key(field(mention, "id")?)))
    }

    fn attachments(&self, out: &mut String, raw: Raw<'_>) {
        let includes = &self.page.includes;
        let media_keys = field(raw, "media_keys").filter(|keys| keys.is_array());
        let came = |id: Raw<'_>| includes.raw_media(key(id)).is_some();
        let media_came = media_keys.is_some_and(|keys| keys.items().any(came));
        // Of several polls, which X never sends, twarc takes the last too.
        let poll_id = field(raw, "poll_ids").and_then(|ids| ids.items().last());
        let poll = poll_id.and_then(|id| includes.raw_poll(key(id)));
        let mut object = ObjectWriter::new(out);
        object.fields(raw, |name| {
            (name == "media" && media_came) || (name == "poll" && poll.is_some())
        });
        if let Some(keys) = media_keys.filter(|_| media_came || !has(raw, "media")) {
            push_list(object.key("media"), keys, |out, id| self.medium(out, id));
        }
        if let Some(poll) = poll {
            object.field("poll", poll);
        } else if poll_id.is_some() && !has(raw, "poll") {
            object.key("poll").push_str("{}");
        }
        object.end();
    }

    fn medium(&self, out: &mut String, media_key: Raw<'_>) {
        let medium = self.page.includes.raw_media(key(media_key)).filter(|_| self.has_room(out));
        match medium {
            Some(medium) => push_raw(out, medium),
            None => out.push_str("{}"),
        }
    }

    fn geo(&self, out: &mut String, raw: Raw<'_>) {
        let place = field(raw, "place_id").filter(|_| self.has_room(out));
        let place = place.and_then(|id| self.page.includes.raw_place(key(id)));
        let Some(place) = place else { return push_raw(out, raw) };
        let mut object = ObjectWriter::new(out);
        object.fields(raw, |name| has(place, name));
        object.fields(place, |_| false);
        object.end();
    }

    /// Whether the row in hand may become longer by something that is put inside.
    fn has_room(&self, out: &str) -> bool {
        out.len().saturating_sub(self.row_start) < MAX_ROW_BYTES
    }
}

/// Appends an object as it came, except for one field.
fn with_field(out: &mut String, raw: Raw<'_>, name: &str, push: impl Fn(&mut String, Raw<'_>)) {
    if !has(raw, name) {
        return push_raw(out, raw);
    }
    let mut object = ObjectWriter::new(out);
    for (other, value) in raw.fields() {
        if other == name { push(object.key(name), value) } else { object.field(&other, value) }
    }
    object.end();
}

fn field<'a>(raw: Raw<'a>, name: &str) -> Option<Raw<'a>> {
    raw.fields().find(|(other, _)| other == name).map(|(_, value)| value)
}

/// The accounts by handle; of several with one handle the first.
fn by_handle<'p>(page: &'p Page<'p>) -> HashMap<Cow<'p, str>, Raw<'p>> {
    let mut found: HashMap<Cow<'p, str>, Raw<'p>> = HashMap::new();
    for user in page.includes.raw_users() {
        let Some(handle) = field(user, "username").and_then(Raw::text) else { continue };
        let first = found.entry(handle).or_insert(user);
        if user.offset() < first.offset() {
            *first = user;
        }
    }
    found
}
