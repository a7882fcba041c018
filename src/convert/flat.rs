//! Tweets with everything that belongs to them inlined, made pages again.
//!
//! `twarc2 flatten` and mistnet's JSON Lines put the objects of `includes` into the tweets that
//! refer to them (DocNow/twarc, src/twarc/expansions.py, read 2026-11). A page of the one tweet is
//! made by taking them out: the author and whom it replies to, media, polls, the place, accounts
//! that are mentioned, and posts that it refers to, with all of these again. So there is one way
//! from JSON to rows, and a flattened tweet gives the row that its page gave.
//!
//! What does not look as twarc makes it stays where it is. Nothing is lost, so at worst a value
//! stands in `extra`.

use std::borrow::Cow;
use std::fmt::Write;

use crate::columns::json::list as json_list;
use crate::json::Raw;

/// How deep tweets may stand in tweets; X does not nest them, twarc nests them once.
const DEPTH: usize = 8;

/// The page of a flattened tweet, as JSON; `None` if `root` is no tweet.
pub(super) fn page(root: Raw<'_>) -> Option<String> {
    if !root.fields().any(|(name, _)| name == "id") {
        return None;
    }
    let mut includes = Includes::default();
    let (mut around, mut inside) = (Vec::new(), Vec::new());
    for (name, raw) in root.fields() {
        let of_page = matches!(name.as_ref(), "__twarc" | "matching_rules");
        if of_page { &mut around } else { &mut inside }.push((name, raw));
    }
    let tweet = includes.take_from_tweet(inside.into_iter(), DEPTH);
    let mut page = format!("{{\"data\":[{tweet}],\"includes\":{{");
    includes.write(&mut page);
    page.push('}');
    for (name, raw) in around {
        push_field(&mut page, &name, raw.get());
    }
    page.push('}');
    Some(page)
}

/// Objects that stood in tweets.
#[derive(Debug, Default)]
struct Includes<'a> {
    users: Vec<Cow<'a, str>>,
    tweets: Vec<Cow<'a, str>>,
    media: Vec<Cow<'a, str>>,
    polls: Vec<Cow<'a, str>>,
    places: Vec<Cow<'a, str>>,
}

type Field<'a> = (Cow<'a, str>, Raw<'a>);

impl<'a> Includes<'a> {
    /// The tweet without what is included in it.
    fn take_from_tweet(&mut self, fields: impl Iterator<Item = Field<'a>>, depth: usize) -> String {
        let mut tweet = Object::new();
        for (name, raw) in fields {
            match name.as_ref() {
                "author" | "in_reply_to_user" if is_user(raw) => self.take_user(raw, depth),
                "author" | "in_reply_to_user" if is_empty(raw) => {}
                "attachments" if raw.is_object() => {
                    tweet.push(&name, &self.take_from_attachments(raw));
                }
                "geo" if raw.is_object() => tweet.push(&name, &self.take_from_geo(raw)),
                "entities" if raw.is_object() => {
                    tweet.push(&name, &self.take_from_entities(raw, depth));
                }
                "note_tweet" | "note_post" if raw.is_object() => {
                    tweet.push(&name, &self.take_from_note(raw, depth));
                }
                "referenced_tweets" | "referenced_posts" if raw.is_array() && depth > 0 => {
                    let references = raw.items().map(|item| self.take_reference(item, depth - 1));
                    tweet.push(&name, &json_list(references));
                }
                _ => tweet.push(&name, raw.get()),
            }
        }
        tweet.finish()
    }

    /// An account, without its pinned tweet.
    fn take_user(&mut self, raw: Raw<'a>, depth: usize) {
        let pinned = |name: &str| matches!(name, "pinned_tweet" | "pinned_post");
        if depth == 0 || !raw.fields().any(|(name, value)| pinned(&name) && value.is_object()) {
            self.users.push(raw.get().into());
            return;
        }
        let mut user = Object::new();
        for (name, raw) in raw.fields() {
            if pinned(&name) && raw.is_object() {
                let tweet = self.take_from_tweet(raw.fields(), depth - 1);
                self.tweets.push(tweet.into());
            } else {
                user.push(&name, raw.get());
            }
        }
        self.users.push(user.finish().into());
    }

    fn take_from_attachments(&mut self, raw: Raw<'a>) -> String {
        let mut attachments = Object::new();
        for (name, raw) in raw.fields() {
            let taken = match name.as_ref() {
                "media" => &mut self.media,
                "poll" | "polls" => &mut self.polls,
                _ => {
                    attachments.push(&name, raw.get());
                    continue;
                }
            };
            if raw.is_object() {
                taken.push(raw.get().into());
            } else if raw.is_array() {
                taken.extend(raw.items().map(|item| Cow::Borrowed(item.get())));
            } else {
                attachments.push(&name, raw.get());
            }
        }
        attachments.finish()
    }

    /// A place has been merged into `geo`, which by itself has an id and coordinates only.
    fn take_from_geo(&mut self, raw: Raw<'a>) -> String {
        let field = |wanted| raw.fields().find(|(name, _)| name == wanted).map(|(_, raw)| raw);
        let Some(id) = field("id").or(field("full_name").and(field("place_id"))) else {
            return raw.get().to_owned();
        };
        let (mut geo, mut place) = (Object::new(), Object::new());
        if field("place_id").is_none() {
            geo.push("place_id", id.get());
        }
        place.push("id", id.get());
        for (name, raw) in raw.fields() {
            match name.as_ref() {
                "place_id" | "coordinates" => geo.push(&name, raw.get()),
                "id" => {}
                _ => place.push(&name, raw.get()),
            }
        }
        self.places.push(place.finish().into());
        geo.finish()
    }

    fn take_from_entities(&mut self, raw: Raw<'a>, depth: usize) -> String {
        let mut entities = Object::new();
        for (name, raw) in raw.fields() {
            if name == "mentions" && raw.is_array() {
                let mentions = raw.items().map(|item| self.take_mention(item, depth));
                entities.push(&name, &json_list(mentions));
            } else {
                entities.push(&name, raw.get());
            }
        }
        entities.finish()
    }

    /// The whole text of a long post has entities of its own.
    fn take_from_note(&mut self, raw: Raw<'a>, depth: usize) -> String {
        let mut note = Object::new();
        for (name, raw) in raw.fields() {
            if name == "entities" && raw.is_object() {
                note.push(&name, &self.take_from_entities(raw, depth));
            } else {
                note.push(&name, raw.get());
            }
        }
        note.finish()
    }

    /// The account has been merged into the mention, which by itself has no `name`.
    fn take_mention(&mut self, raw: Raw<'a>, depth: usize) -> Cow<'a, str> {
        if !is_user(raw) || !raw.fields().any(|(name, _)| name == "name") {
            return raw.get().into();
        }
        let (mut mention, mut user) = (Object::new(), Object::new());
        // In the order in which X sends them, so that cells with entities are the same.
        for wanted in ["start", "end", "username", "id"] {
            if let Some((name, raw)) = raw.fields().find(|(name, _)| name == wanted) {
                mention.push(&name, raw.get());
            }
        }
        for (name, raw) in raw.fields() {
            match name.as_ref() {
                "start" | "end" => {}
                "pinned_tweet" | "pinned_post" if raw.is_object() && depth > 0 => {
                    let tweet = self.take_from_tweet(raw.fields(), depth - 1);
                    self.tweets.push(tweet.into());
                }
                _ => user.push(&name, raw.get()),
            }
        }
        self.users.push(user.finish().into());
        mention.finish().into()
    }

    /// The post has been merged into the reference, which by itself has a type and an id only.
    fn take_reference(&mut self, raw: Raw<'a>, depth: usize) -> Cow<'a, str> {
        let of_reference = |name: &str| matches!(name, "type" | "id");
        if raw.fields().all(|(name, _)| of_reference(&name)) {
            return raw.get().into();
        }
        let mut reference = Object::new();
        for (name, raw) in raw.fields().filter(|(name, _)| of_reference(name)) {
            reference.push(&name, raw.get());
        }
        let tweet = self.take_from_tweet(raw.fields().filter(|(name, _)| name != "type"), depth);
        self.tweets.push(tweet.into());
        reference.finish().into()
    }

    fn write(&self, page: &mut String) {
        let lists = [
            ("users", &self.users),
            ("tweets", &self.tweets),
            ("media", &self.media),
            ("polls", &self.polls),
            ("places", &self.places),
        ];
        for (at, (name, list)) in lists.into_iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            // Writing to a String can't fail.
            let _ = write!(page, "{comma}\"{name}\":{}", json_list(list.iter()));
        }
    }
}

/// An account can be found again by its id.
fn is_user(raw: Raw<'_>) -> bool {
    raw.fields().any(|(name, _)| name == "id")
}

/// How twarc writes an account that did not come along.
fn is_empty(raw: Raw<'_>) -> bool {
    raw.is_object() && raw.fields().next().is_none()
}

/// A JSON object that is being written.
#[derive(Debug)]
struct Object(String);

impl Object {
    fn new() -> Self {
        Self("{".to_owned())
    }

    fn push(&mut self, name: &str, json: &str) {
        if self.0.len() == 1 {
            push_name(&mut self.0, name);
            self.0.push_str(json);
        } else {
            push_field(&mut self.0, name, json);
        }
    }

    fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// Adds a field that is not the first.
fn push_field(object: &mut String, name: &str, json: &str) {
    object.push(',');
    push_name(object, name);
    object.push_str(json);
}

fn push_name(object: &mut String, name: &str) {
    // A string is always written.
    object.push_str(&serde_json::to_string(name).unwrap_or_default());
    object.push(':');
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::json::Document;

    fn page_of(tweet: &Value) -> Value {
        let text = tweet.to_string();
        let document = Document::new(text.as_str()).unwrap();
        serde_json::from_str(&page(document.root()).unwrap()).unwrap()
    }

    #[test]
    fn what_was_inlined_is_included_again() {
        let page = page_of(&json!({
            "id": "1", "text": "x", "author_id": "5", "in_reply_to_user_id": "6", "new": [1],
            "author": {"id": "5", "name": "five", "pinned_tweet": {"id": "9", "text": "p"}},
            "in_reply_to_user": {"id": "6", "username": "six"},
            "attachments": {"media_keys": ["3_1"], "media": [{"media_key": "3_1", "type": "photo"}],
                            "poll_ids": ["8"], "poll": {"id": "8"}},
            "geo": {"place_id": "0a", "coordinates": {"type": "Point"}, "id": "0a",
                    "full_name": "Oslo", "geo": {"type": "Feature"}},
            "entities": {"hashtags": [{"tag": "a"}], "mentions": [
                {"start": 0, "end": 4, "username": "six", "id": "6", "name": "Six"},
                {"start": 5, "end": 9, "username": "gone"}]},
            "referenced_tweets": [
                {"type": "quoted", "id": "2", "text": "y", "author_id": "7", "author": {"id": "7"}},
                {"type": "replied_to", "id": "3"}],
            "__twarc": {"version": "2"}, "matching_rules": [{"id": "1"}]
        }));
        let expected = json!({
            "data": [{
                "id": "1", "text": "x", "author_id": "5", "in_reply_to_user_id": "6", "new": [1],
                "attachments": {"media_keys": ["3_1"], "poll_ids": ["8"]},
                "geo": {"place_id": "0a", "coordinates": {"type": "Point"}},
                "entities": {"hashtags": [{"tag": "a"}], "mentions": [
                    {"start": 0, "end": 4, "username": "six", "id": "6"},
                    {"start": 5, "end": 9, "username": "gone"}]},
                "referenced_tweets": [
                    {"type": "quoted", "id": "2"}, {"type": "replied_to", "id": "3"}],
            }],
            "includes": {
                "users": [
                    {"id": "5", "name": "five"}, {"id": "6", "username": "six"},
                    {"id": "6", "username": "six", "name": "Six"}, {"id": "7"}],
                "tweets": [
                    {"id": "9", "text": "p"}, {"id": "2", "text": "y", "author_id": "7"}],
                "media": [{"media_key": "3_1", "type": "photo"}],
                "polls": [{"id": "8"}],
                "places": [{"id": "0a", "full_name": "Oslo", "geo": {"type": "Feature"}}],
            },
            "__twarc": {"version": "2"}, "matching_rules": [{"id": "1"}]
        });
        let sorted = |mut page: Value| {
            let users = page["includes"]["users"].as_array_mut().unwrap();
            users.sort_by_key(ToString::to_string);
            page
        };
        assert_eq!(sorted(page), sorted(expected));
    }

    #[test]
    fn a_tweet_with_nothing_inlined_stays_as_it_is() {
        let tweet = json!({"id": "1", "geo": {"place_id": "0a"}, "attachments": {}, "author": 7,
            "entities": [], "referenced_tweets": {"id": "2"}, "in_reply_to_user": {"name": "x"}});
        let page = page_of(&tweet);
        assert_eq!(page["data"], json!([tweet]));
        assert_eq!(page["includes"]["users"], json!([]));
        let unknown = page_of(&json!({"id": "1", "author": {}}));
        assert_eq!(unknown["data"], json!([{"id": "1"}]));
    }

    #[test]
    fn what_has_no_id_is_no_tweet() {
        for text in ["{}", "7", "[{\"id\":\"1\"}]", "\"id\"", "{\"data\":{\"id\":\"1\"}}"] {
            let document = Document::new(text).unwrap();
            assert_eq!(page(document.root()), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_tweet_its_page_is_json(fields in proptest::collection::btree_map(
            "author|geo|entities|attachments|referenced_tweets|x\"",
            proptest::sample::select(vec![
                json!(null), json!({}), json!([]), json!("\u{1}\""), json!({"id": "2"}),
                json!({"id": 2, "name": "n", "mentions": [{"id": 3, "name": []}], "media": {}}),
                json!([{"type": "quoted", "id": "4", "author": {"id": {}}}, 7]),
                json!({"pinned_tweet": {"referenced_tweets": [{"text": 1}]}, "id": null}),
            ]),
            0..6,
        )) {
            let mut tweet = json!(fields);
            tweet["id"] = "1".into();
            let page = page_of(&tweet);
            proptest::prop_assert_eq!(page["data"].as_array().map(Vec::len), Some(1));
        }
    }
}
