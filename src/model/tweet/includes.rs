//! What posts refer to, found by id.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Field, Media, MediaField, Object, Place, PlaceField, Poll, PollField, Tweet, TweetField, User,
    UserField, key,
};

/// The `includes` of a page. Any of them may lack what a post refers to: deleted, suspended and
/// protected things are absent (docs.x.com, response codes and errors, read 2026-08-22).
#[derive(Debug, Default)]
pub struct Includes<'a> {
    users: Index<'a, User<'a>>,
    tweets: Index<'a, Tweet<'a>>,
    media: Index<'a, Included<'a, Media<'a>>>,
    polls: Index<'a, Included<'a, Poll<'a>>>,
    places: Index<'a, Included<'a, Place<'a>>>,
}

/// An object as it came, and its fields.
#[derive(Debug)]
pub struct Included<'a, T> {
    /// As it came.
    pub raw: &'a RawValue,
    /// Its fields.
    pub fields: T,
}

impl<'a> Includes<'a> {
    /// An account by id.
    pub fn user(&self, id: &str) -> Option<&User<'a>> {
        self.users.get(id)
    }

    /// A post by id.
    pub fn tweet(&self, id: &str) -> Option<&Tweet<'a>> {
        self.tweets.get(id)
    }

    /// A photo, video or animated GIF by media key.
    pub fn media(&self, media_key: &str) -> Option<&Included<'a, Media<'a>>> {
        self.media.get(media_key)
    }

    /// A poll by id.
    pub fn poll(&self, id: &str) -> Option<&Poll<'a>> {
        self.polls.get(id).map(|poll| &poll.fields)
    }

    /// A place by id.
    pub fn place(&self, id: &str) -> Option<&Place<'a>> {
        self.places.get(id).map(|place| &place.fields)
    }

    /// How many accounts there are.
    pub fn user_count(&self) -> usize {
        self.users.things.len()
    }

    /// The posts, in the order in which they came.
    pub fn tweets(&self) -> &[Tweet<'a>] {
        &self.tweets.things
    }

    pub(super) fn new(wire: Wire<'a>) -> Self {
        let tweets = wire.tweets.into_iter().flatten().chain(wire.posts.into_iter().flatten());
        Self {
            users: Index::new(wire.users.into_iter().flatten(), |user| user.get(UserField::Id)),
            tweets: Index::new(tweets, |tweet| tweet.get(TweetField::Id)),
            media: Index::new(included(wire.media), |m| m.fields.get(MediaField::MediaKey)),
            polls: Index::new(included(wire.polls), |poll| poll.fields.get(PollField::Id)),
            places: Index::new(included(wire.places), |place| place.fields.get(PlaceField::Id)),
        }
    }
}

fn included<F: Field, const N: usize>(
    list: Option<Vec<&RawValue>>,
) -> impl Iterator<Item = Included<'_, Object<'_, F, N>>> {
    list.into_iter()
        .flatten()
        .filter_map(|raw| Object::read(raw).map(|fields| Included { raw, fields }))
}

/// `includes` as it is sent.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wire<'a> {
    #[serde(borrow)]
    pub(super) users: Option<Vec<User<'a>>>,
    #[serde(borrow)]
    pub(super) tweets: Option<Vec<Tweet<'a>>>,
    #[serde(borrow)]
    pub(super) posts: Option<Vec<Tweet<'a>>>,
    #[serde(borrow)]
    pub(super) media: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) polls: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) places: Option<Vec<&'a RawValue>>,
}

/// Things by id; if one comes twice, the first counts.
#[derive(Debug)]
struct Index<'a, T> {
    things: Vec<T>,
    places: HashMap<&'a str, usize>,
}

impl<T> Default for Index<'_, T> {
    fn default() -> Self {
        Self { things: Vec::new(), places: HashMap::new() }
    }
}

impl<'a, T> Index<'a, T> {
    fn new(things: impl Iterator<Item = T>, id: impl Fn(&T) -> Option<&'a RawValue>) -> Self {
        let things: Vec<T> = things.collect();
        let mut places = HashMap::with_capacity(things.len());
        for (place, thing) in things.iter().enumerate() {
            if let Some(raw) = id(thing) {
                places.entry(key(raw)).or_insert(place);
            }
        }
        Self { things, places }
    }

    fn get(&self, id: &str) -> Option<&T> {
        self.places.get(id).and_then(|&place| self.things.get(place))
    }
}
