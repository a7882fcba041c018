//! A tweet with everything that belongs to it: what the columns are read from.
//!
//! Objects are looked up and read when the first column asks for them.

use std::cell::OnceCell;

use crate::json::Raw;

use super::cell::Cell;
use super::extra::{self, ExtraPath, Leftover, path};
use super::origin::ApiField;
use crate::model::spec::Dialect;
use crate::tweet::{
    self, AttachmentField, Attachments, EditControls, Entities, Field, Geo, GeoField, Metrics,
    Note, Object, Page, Reference, ReferenceField, Tweet, TweetField, User, UserField, UserMetrics,
    Withheld, key,
};

/// A tweet of a page, its inner objects, its author, its place and its poll.
#[derive(Debug)]
pub struct Row<'p> {
    pub(in crate::columns) page: &'p Page<'p>,
    pub(in crate::columns) tweet: &'p Tweet<'p>,
    author: OnceCell<Option<User<'p>>>,
    place: OnceCell<Option<tweet::Place<'p>>>,
    poll: OnceCell<Option<tweet::Poll<'p>>>,
    metrics: OnceCell<Metrics<'p>>,
    entities: OnceCell<Entities<'p>>,
    attachments: OnceCell<Attachments<'p>>,
    geo: OnceCell<Geo<'p>>,
    edits: OnceCell<EditControls<'p>>,
    note: OnceCell<Note<'p>>,
    withheld: OnceCell<Withheld<'p>>,
    author_metrics: OnceCell<UserMetrics<'p>>,
    author_withheld: OnceCell<Withheld<'p>>,
    /// The posts that it refers to, by [`Relation`].
    referenced: [OnceCell<Option<Tweet<'p>>>; 3],
}

/// How a post refers to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::columns) enum Relation {
    RepliedTo,
    Retweeted,
    Quoted,
}

impl Relation {
    pub(in crate::columns) const ALL: [Self; 3] = [Self::RepliedTo, Self::Retweeted, Self::Quoted];

    /// What X calls it, in both dialects (docs.x.com, OpenAPI 2.167, read 2026-08-22).
    pub(in crate::columns) const fn name(self) -> &'static str {
        match self {
            Self::RepliedTo => "replied_to",
            Self::Retweeted => "retweeted",
            Self::Quoted => "quoted",
        }
    }

    /// Whether it is that of a reference.
    pub(in crate::columns) fn is_of(self, reference: Raw<'_>) -> bool {
        let kind = tweet::field(reference, ReferenceField::Type);
        kind.is_some_and(|kind| kind.says(self.name()))
    }
}

impl<'p> Row<'p> {
    /// The row of a tweet of the page.
    pub fn new(page: &'p Page<'p>, tweet: &'p Tweet<'p>) -> Self {
        Self {
            page,
            tweet,
            author: OnceCell::new(),
            place: OnceCell::new(),
            poll: OnceCell::new(),
            metrics: OnceCell::new(),
            entities: OnceCell::new(),
            attachments: OnceCell::new(),
            geo: OnceCell::new(),
            edits: OnceCell::new(),
            note: OnceCell::new(),
            withheld: OnceCell::new(),
            author_metrics: OnceCell::new(),
            author_withheld: OnceCell::new(),
            referenced: [const { OnceCell::new() }; 3],
        }
    }

    /// The raw value of a field.
    #[inline]
    pub(in crate::columns) fn get(&self, field: ApiField) -> Option<Raw<'p>> {
        match field {
            ApiField::Tweet(field) => self.tweet.get(field),
            ApiField::Metrics(field) => self.metrics().get(field),
            ApiField::Attachments(field) => self.attachments().get(field),
            ApiField::Geo(field) => self.geo().get(field),
            ApiField::Edits(field) => self.edits().get(field),
            ApiField::Note(field) => self.note().get(field),
            ApiField::Withheld(field) => self.withheld().get(field),
            ApiField::Author(field) => self.author()?.get(field),
            ApiField::AuthorMetrics(field) => self.author_metrics().get(field),
            ApiField::AuthorWithheld(field) => self.author_withheld().get(field),
            ApiField::Place(field) => self.place()?.get(field),
            ApiField::Poll(field) => self.poll()?.get(field),
        }
    }

    /// The post that this one refers to in that way, if it is included.
    pub(in crate::columns) fn referenced(&self, relation: Relation) -> Option<&Tweet<'p>> {
        let find = |id| self.page.includes.tweet(id);
        let cell = self.referenced.get(relation as usize)?;
        cell.get_or_init(|| found(self.reference(relation), find)).as_ref()
    }

    /// The id of the post that this one refers to in that way.
    pub(in crate::columns) fn reference(&self, relation: Relation) -> Option<Raw<'p>> {
        let mut references = self.references();
        tweet::field(references.find(|raw| relation.is_of(*raw))?, ReferenceField::Id)
    }

    /// The references to other posts, as far as they are objects.
    pub(in crate::columns) fn references(&self) -> impl Iterator<Item = Raw<'p>> {
        let list = self.tweet.get(TweetField::ReferencedTweets);
        list.into_iter().flat_map(Raw::items).filter(|raw| raw.is_object())
    }

    fn author(&self) -> Option<&User<'p>> {
        let find = |id| self.page.includes.user(id);
        self.author.get_or_init(|| found(self.tweet.get(TweetField::AuthorId), find)).as_ref()
    }

    fn place(&self) -> Option<&tweet::Place<'p>> {
        let find = |id| self.page.includes.place(id);
        self.place.get_or_init(|| found(self.geo().get(GeoField::PlaceId), find)).as_ref()
    }

    fn poll(&self) -> Option<&tweet::Poll<'p>> {
        let find = |id| self.page.includes.poll(id);
        let first = || self.attachments().get(AttachmentField::PollIds)?.items().next();
        self.poll.get_or_init(|| found(first(), find)).as_ref()
    }

    fn metrics(&self) -> &Metrics<'p> {
        self.metrics.get_or_init(|| inner(self.tweet, TweetField::PublicMetrics))
    }

    pub(in crate::columns) fn entities(&self) -> &Entities<'p> {
        self.entities.get_or_init(|| inner(self.tweet, TweetField::Entities))
    }

    pub(in crate::columns) fn attachments(&self) -> &Attachments<'p> {
        self.attachments.get_or_init(|| inner(self.tweet, TweetField::Attachments))
    }

    fn geo(&self) -> &Geo<'p> {
        self.geo.get_or_init(|| inner(self.tweet, TweetField::Geo))
    }

    fn edits(&self) -> &EditControls<'p> {
        self.edits.get_or_init(|| inner(self.tweet, TweetField::EditControls))
    }

    fn note(&self) -> &Note<'p> {
        self.note.get_or_init(|| inner(self.tweet, TweetField::NoteTweet))
    }

    pub(in crate::columns) fn withheld(&self) -> &Withheld<'p> {
        self.withheld.get_or_init(|| inner(self.tweet, TweetField::Withheld))
    }

    fn author_metrics(&self) -> &UserMetrics<'p> {
        self.author_metrics.get_or_init(|| of_author(self.author(), UserField::PublicMetrics))
    }

    pub(in crate::columns) fn author_withheld(&self) -> &Withheld<'p> {
        self.author_withheld.get_or_init(|| of_author(self.author(), UserField::Withheld))
    }

    /// The column `extra`.
    pub(in crate::columns) fn extra(&self, misfits: &[Leftover<'_>]) -> Cell<'_> {
        let unknown = unknown(self.tweet, path::TWEET)
            .chain(unknown(self.metrics(), path::METRICS))
            .chain(unknown(self.attachments(), path::ATTACHMENTS))
            .chain(unknown(self.geo(), path::GEO))
            .chain(unknown(self.edits(), path::EDITS))
            .chain(unknown(self.note(), path::NOTE))
            .chain(unknown(self.withheld(), path::WITHHELD))
            .chain(self.author().into_iter().flat_map(|author| unknown(author, path::AUTHOR)))
            .chain(unknown(self.author_metrics(), path::AUTHOR_METRICS))
            .chain(unknown(self.author_withheld(), path::AUTHOR_WITHHELD))
            .chain(self.place().into_iter().flat_map(|place| unknown(place, path::PLACE)))
            .chain(self.poll().into_iter().flat_map(|poll| unknown(poll, path::POLL)));
        let all = unknown.chain(self.no_objects()).chain(misfits.iter().cloned());
        extra::cell(all).map_or(Cell::Absent, |text| Cell::Json(text.into()))
    }

    /// What should be an object with columns of its own, and is none; and the list of references
    /// if its column can't hold all of it.
    fn no_objects(&self) -> impl Iterator<Item = Leftover<'_>> {
        let of_tweet = [
            TweetField::Attachments,
            TweetField::Geo,
            TweetField::PublicMetrics,
            TweetField::EditControls,
            TweetField::NoteTweet,
            TweetField::Withheld,
        ];
        let of_author = [UserField::PublicMetrics, UserField::Withheld];
        let of_tweet = of_tweet.into_iter().filter_map(|f| no_object(self.tweet, f, path::TWEET));
        let author = self.author();
        let of_author =
            of_author.into_iter().filter_map(move |f| no_object(author?, f, path::AUTHOR));
        let references = self.tweet.get(TweetField::ReferencedTweets);
        let references = references.filter(|raw| !are_references(*raw)).map(|raw| {
            let name = TweetField::ReferencedTweets.name(Dialect::Tweet);
            Leftover { path: path::TWEET, name, raw }
        });
        of_tweet.chain(of_author).chain(references)
    }
}

/// An object inside another; without fields if it did not come or is no object.
fn inner<'p, F: Field, const N: usize, G: Field, const M: usize>(
    outer: &Object<'p, G, M>,
    field: G,
) -> Object<'p, F, N> {
    outer.get(field).and_then(Object::read).unwrap_or(Object::empty())
}

fn of_author<'p, F: Field, const N: usize>(
    author: Option<&User<'p>>,
    field: UserField,
) -> Object<'p, F, N> {
    author.map_or(Object::empty(), |author| inner(author, field))
}

fn no_object<'p, F: Field, const N: usize>(
    outer: &Object<'p, F, N>,
    field: F,
    path: ExtraPath,
) -> Option<Leftover<'p>> {
    let raw = outer.get(field).filter(|raw| !raw.is_object())?;
    Some(Leftover { path, name: field.name(Dialect::Tweet), raw })
}

/// Whether it is a list of references, and nothing in it is unknown.
fn are_references(raw: Raw<'_>) -> bool {
    let is_reference = |raw| Reference::read(raw).is_some_and(|read| read.unknown().is_empty());
    raw.is_array() && raw.items().all(is_reference)
}

fn found<'p, T>(id: Option<Raw<'p>>, find: impl Fn(&'p str) -> Option<T>) -> Option<T> {
    find(key(id?))
}

fn unknown<'r, F: Field, const N: usize>(
    object: &'r Object<'r, F, N>,
    path: ExtraPath,
) -> impl Iterator<Item = Leftover<'r>> {
    let leftover = move |&(ref name, raw): &'r (std::borrow::Cow<'_, str>, Raw<'r>)| Leftover {
        path,
        name,
        raw,
    };
    object.unknown().iter().map(leftover)
}
