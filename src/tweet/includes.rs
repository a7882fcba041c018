//! What posts refer to, found by id.

use std::cell::OnceCell;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::{Object, Place, Poll, Tweet, User, key};
use crate::json::Raw;

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

impl<'a> Includes<'a> {
    /// An account by id.
    pub fn user(&self, id: &str) -> Option<User<'a>> {
        self.users.get(ID, id).and_then(Object::read)
    }

    /// A post by id.
    pub fn tweet(&self, id: &str) -> Option<Tweet<'a>> {
        self.tweets.get(ID, id).and_then(Object::read)
    }

    /// A photo, video or animated GIF by media key, as it came.
    pub fn raw_media(&self, media_key: &str) -> Option<Raw<'a>> {
        self.media.get("media_key", media_key)
    }

    /// A poll by id.
    pub fn poll(&self, id: &str) -> Option<Poll<'a>> {
        self.polls.get(ID, id).and_then(Object::read)
    }

    /// A place by id.
    pub fn place(&self, id: &str) -> Option<Place<'a>> {
        self.places.get(ID, id).and_then(Object::read)
    }

    /// A post by id, as it came.
    pub fn raw_tweet(&self, id: &str) -> Option<Raw<'a>> {
        self.tweets.get(ID, id)
    }

    /// An account by id, as it came.
    pub fn raw_user(&self, id: &str) -> Option<Raw<'a>> {
        self.users.get(ID, id)
    }

    /// A poll by id, as it came.
    pub fn raw_poll(&self, id: &str) -> Option<Raw<'a>> {
        self.polls.get(ID, id)
    }

    /// A place by id, as it came.
    pub fn raw_place(&self, id: &str) -> Option<Raw<'a>> {
        self.places.get(ID, id)
    }

    /// The accounts as they came, in order.
    pub fn raw_users(&self) -> impl Iterator<Item = Raw<'a>> {
        self.users.objects.iter().copied()
    }

    /// The posts as they came, in order.
    pub fn every_tweet(&self) -> impl Iterator<Item = Raw<'a>> {
        self.tweets.objects.iter().copied()
    }

    /// The photos, videos and GIFs as they came, in order.
    pub fn every_medium(&self) -> impl Iterator<Item = Raw<'a>> {
        self.media.objects.iter().copied()
    }

    /// How many accounts there are.
    pub fn user_count(&self) -> usize {
        self.users.objects.len()
    }

    /// How many posts there are.
    pub fn tweet_count(&self) -> usize {
        self.tweets.objects.len()
    }

    /// Adds what `includes` lists; whatever in it is not as it should be is left out.
    pub(super) fn add(&mut self, includes: Raw<'a>) {
        for (name, list) in includes.fields() {
            match name.as_ref() {
                "users" => self.users.add(list),
                "tweets" | "posts" => self.tweets.add(list),
                "media" => self.media.add(list),
                "polls" => self.polls.add(list),
                "places" => self.places.add(list),
                _ => {}
            }
        }
    }
}

/// What most kinds of objects call their id.
const ID: &str = "id";

/// Objects by id; if one comes twice, the first counts. Most rows need one or two kinds only, so
/// ids are looked at when the first of a kind is asked for.
#[derive(Debug, Default)]
struct Index<'a> {
    objects: Vec<Raw<'a>>,
    by_id: OnceCell<ById>,
}

/// Finds objects by the hash of their ids.
#[derive(Debug, Default)]
struct ById {
    hasher: DefaultHashBuilder,
    entries: HashTable<Entry>,
}

/// The place of an object, and that of its id.
#[derive(Debug, Clone, Copy)]
struct Entry {
    object: u32,
    id: u32,
}

impl<'a> Index<'a> {
    fn add(&mut self, list: Raw<'a>) {
        self.objects.extend(one_or_many(list).filter(|raw| raw.is_object()));
    }

    fn get(&self, name: &str, id: &str) -> Option<Raw<'a>> {
        let document = self.objects.first()?.document();
        let ById { hasher, entries } = self.by_id.get_or_init(|| ById::new(&self.objects, name));
        let is_it = |entry: &Entry| key(Raw::at(document, entry.id)) == id;
        let entry = entries.find(hasher.hash_one(id), is_it)?;
        Some(Raw::at(document, entry.object))
    }
}

impl ById {
    fn new(objects: &[Raw<'_>], name: &str) -> Self {
        let mut by_id = Self::default();
        by_id.entries.reserve(objects.len(), |_| 0);
        for object in objects {
            if let Some(id) = object.field(name) {
                by_id.insert(*object, id);
            }
        }
        by_id
    }

    fn insert(&mut self, object: Raw<'_>, id: Raw<'_>) {
        let id_of = |entry: &Entry| key(Raw::at(object.document(), entry.id));
        let hash = |entry: &Entry| self.hasher.hash_one(id_of(entry));
        let entry = Entry { object: object.place(), id: id.place() };
        let same = |other: &Entry| id_of(other) == key(id);
        self.entries.entry(hash(&entry), same, hash).or_insert(entry);
    }
}

/// The elements of a list. A lone object is taken for the only one, as single look-ups and streams
/// send it.
pub(super) fn one_or_many(raw: Raw<'_>) -> impl Iterator<Item = Raw<'_>> {
    raw.is_object().then_some(raw).into_iter().chain(raw.items())
}
