//! What posts refer to, found by id.

use std::collections::HashMap;

use super::{Media, Object, Place, Poll, Tweet, User, key};
use crate::model::json::Raw;

/// The `includes` of a page. Any of them may lack what a post refers to: deleted, suspended and
/// protected things are absent (docs.x.com, response codes and errors, read 2026-08-22).
#[derive(Debug, Default)]
pub struct Includes<'a> {
    users: Index<'a>,
    tweets: Index<'a>,
    media: Index<'a>,
    polls: Index<'a>,
    places: Index<'a>,
}

/// An object as it came, and its fields.
#[derive(Debug)]
pub struct Included<'a, T> {
    /// As it came.
    pub raw: Raw<'a>,
    /// Its fields.
    pub fields: T,
}

impl<'a> Includes<'a> {
    /// An account by id.
    pub fn user(&self, id: &str) -> Option<User<'a>> {
        self.users.get(id).and_then(Object::read)
    }

    /// A post by id.
    pub fn tweet(&self, id: &str) -> Option<Tweet<'a>> {
        self.tweets.get(id).and_then(Object::read)
    }

    /// A photo, video or animated GIF by media key.
    pub fn media(&self, media_key: &str) -> Option<Included<'a, Media<'a>>> {
        let raw = self.media.get(media_key)?;
        Object::read(raw).map(|fields| Included { raw, fields })
    }

    /// A poll by id.
    pub fn poll(&self, id: &str) -> Option<Poll<'a>> {
        self.polls.get(id).and_then(Object::read)
    }

    /// A place by id.
    pub fn place(&self, id: &str) -> Option<Place<'a>> {
        self.places.get(id).and_then(Object::read)
    }

    /// An account by id, as it came.
    pub fn raw_user(&self, id: &str) -> Option<Raw<'a>> {
        self.users.get(id)
    }

    /// A poll by id, as it came.
    pub fn raw_poll(&self, id: &str) -> Option<Raw<'a>> {
        self.polls.get(id)
    }

    /// A place by id, as it came.
    pub fn raw_place(&self, id: &str) -> Option<Raw<'a>> {
        self.places.get(id)
    }

    /// The accounts, in no order.
    pub fn raw_users(&self) -> impl Iterator<Item = Raw<'a>> {
        self.users.by_id.values().copied()
    }

    /// How many accounts there are.
    pub fn user_count(&self) -> usize {
        self.users.count
    }

    /// How many posts there are.
    pub fn tweet_count(&self) -> usize {
        self.tweets.count
    }

    /// Adds what `includes` lists; whatever in it is not as it should be is left out.
    pub(super) fn add(&mut self, includes: Raw<'a>) {
        for (name, list) in includes.fields() {
            match name.as_ref() {
                "users" => self.users.add(list, "id"),
                "tweets" | "posts" => self.tweets.add(list, "id"),
                "media" => self.media.add(list, "media_key"),
                "polls" => self.polls.add(list, "id"),
                "places" => self.places.add(list, "id"),
                _ => {}
            }
        }
    }
}

/// Objects by id; if one comes twice, the first counts.
#[derive(Debug, Default)]
struct Index<'a> {
    count: usize,
    by_id: HashMap<&'a str, Raw<'a>>,
}

impl<'a> Index<'a> {
    fn add(&mut self, list: Raw<'a>, id: &str) {
        for raw in one_or_many(list).filter(|raw| raw.is_object()) {
            self.count += 1;
            let id = raw.fields().find(|(name, value)| name == id && !value.is_null());
            if let Some((_, id)) = id {
                self.by_id.entry(key(id)).or_insert(raw);
            }
        }
    }

    fn get(&self, id: &str) -> Option<Raw<'a>> {
        self.by_id.get(id).copied()
    }
}

/// The elements of a list. A lone object is taken for the only one, as single look-ups and streams
/// send it.
pub(super) fn one_or_many(raw: Raw<'_>) -> impl Iterator<Item = Raw<'_>> {
    raw.is_object().then_some(raw).into_iter().chain(raw.items())
}
