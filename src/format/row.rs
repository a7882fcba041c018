//! A tweet with everything that belongs to it: what the columns are read from.
//!
//! Objects are looked up and read when the first column asks for them.

use std::cell::OnceCell;

use crate::json::Raw;

use super::cell::{Cell, Kind};
use super::columns::{self, Origin};
use super::extra::{self, Leftover, Place};
use crate::model::spec::{Columns, Dialect, Profile};
use crate::tweet::{
    self, AttachmentField, Attachments, EditControls, Entities, Field, Geo, GeoField, Metrics,
    Note, Object, Page, Reference, ReferenceField, Tweet, TweetField, User, UserField, UserMetrics,
    Withheld, key,
};

/// A tweet of a page, its inner objects, its author, its place and its poll.
#[derive(Debug)]
pub struct Row<'p> {
    pub(super) page: &'p Page<'p>,
    pub(super) tweet: &'p Tweet<'p>,
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
pub(super) enum Relation {
    RepliedTo,
    Retweeted,
    Quoted,
}

impl Relation {
    pub(super) const ALL: [Self; 3] = [Self::RepliedTo, Self::Retweeted, Self::Quoted];

    /// What X calls it, in both dialects (docs.x.com, OpenAPI 2.167, read 2026-08-22).
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::RepliedTo => "replied_to",
            Self::Retweeted => "retweeted",
            Self::Quoted => "quoted",
        }
    }

    /// Whether it is that of a reference.
    pub(super) fn is_of(self, reference: Raw<'_>) -> bool {
        let kind = tweet::field(reference, ReferenceField::Type);
        kind.is_some_and(|kind| kind.says(self.name()))
    }
}

/// What takes the cells of a row, in the order of the columns.
pub(super) trait Cells {
    /// The next cell.
    fn cell(&mut self, cell: &Cell<'_>);

    /// The next cell, if it can be taken as its value stands in the page; if not, nothing is
    /// taken, and it is to be read.
    fn as_it_stands(&mut self, _kind: Kind, _raw: Raw<'_>) -> bool {
        false
    }
}

/// Where in `extra` the fields of each object stand.
pub(super) mod place {
    use super::Place;

    pub(in crate::format) const TWEET: Place = &[];
    pub(in crate::format) const METRICS: Place = &["public_metrics"];
    pub(in crate::format) const ATTACHMENTS: Place = &["attachments"];
    pub(in crate::format) const GEO: Place = &["geo"];
    pub(in crate::format) const EDITS: Place = &["edit_controls"];
    pub(in crate::format) const NOTE: Place = &["note_tweet"];
    pub(in crate::format) const WITHHELD: Place = &["withheld"];
    pub(in crate::format) const AUTHOR: Place = &["author"];
    pub(in crate::format) const AUTHOR_METRICS: Place = &["author", "public_metrics"];
    pub(in crate::format) const AUTHOR_WITHHELD: Place = &["author", "withheld"];
    pub(in crate::format) const PLACE: Place = &["place"];
    pub(in crate::format) const POLL: Place = &["poll"];
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

    /// Reads every column in order.
    pub(super) fn each_cell(&self, columns: Columns, cells: &mut impl Cells) {
        if columns.profile == Profile::Twarc {
            return columns::twarc::each_cell(self, cells);
        }
        let mut misfits = Vec::new();
        columns::of(columns).for_each(|column| match column.origin {
            Origin::Derived(derived) => hand_on(&derived.read(self), cells, &mut misfits),
            Origin::Extra => cells.cell(&self.extra(&misfits)),
            origin => match self.get(origin) {
                None => cells.cell(&Cell::Absent),
                Some(raw) if cells.as_it_stands(column.kind, raw) => {}
                Some(raw) => hand_on(&column.read(raw), cells, &mut misfits),
            },
        });
    }

    /// The raw value of a field.
    #[inline]
    pub(super) fn get(&self, origin: Origin) -> Option<Raw<'p>> {
        match origin {
            Origin::Tweet(field) => self.tweet.get(field),
            Origin::Metrics(field) => self.metrics().get(field),
            Origin::Attachments(field) => self.attachments().get(field),
            Origin::Geo(field) => self.geo().get(field),
            Origin::Edits(field) => self.edits().get(field),
            Origin::Note(field) => self.note().get(field),
            Origin::Withheld(field) => self.withheld().get(field),
            Origin::Author(field) => self.author()?.get(field),
            Origin::AuthorMetrics(field) => self.author_metrics().get(field),
            Origin::AuthorWithheld(field) => self.author_withheld().get(field),
            Origin::Place(field) => self.place()?.get(field),
            Origin::Poll(field) => self.poll()?.get(field),
            Origin::Derived(_) | Origin::Twarc(_) | Origin::Side(_) | Origin::Extra => None,
        }
    }

    /// The post that this one refers to in that way, if it is included.
    pub(super) fn referenced(&self, relation: Relation) -> Option<&Tweet<'p>> {
        let find = |id| self.page.includes.tweet(id);
        let cell = self.referenced.get(relation as usize)?;
        cell.get_or_init(|| found(self.reference(relation), find)).as_ref()
    }

    /// The id of the post that this one refers to in that way.
    pub(super) fn reference(&self, relation: Relation) -> Option<Raw<'p>> {
        let mut references = self.references();
        tweet::field(references.find(|raw| relation.is_of(*raw))?, ReferenceField::Id)
    }

    /// The references to other posts, as far as they are objects.
    pub(super) fn references(&self) -> impl Iterator<Item = Raw<'p>> {
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

    pub(super) fn entities(&self) -> &Entities<'p> {
        self.entities.get_or_init(|| inner(self.tweet, TweetField::Entities))
    }

    pub(super) fn attachments(&self) -> &Attachments<'p> {
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

    pub(super) fn withheld(&self) -> &Withheld<'p> {
        self.withheld.get_or_init(|| inner(self.tweet, TweetField::Withheld))
    }

    fn author_metrics(&self) -> &UserMetrics<'p> {
        self.author_metrics.get_or_init(|| of_author(self.author(), UserField::PublicMetrics))
    }

    pub(super) fn author_withheld(&self) -> &Withheld<'p> {
        self.author_withheld.get_or_init(|| of_author(self.author(), UserField::Withheld))
    }

    /// The column `extra`.
    fn extra(&self, misfits: &[Leftover<'_>]) -> Cell<'_> {
        let unknown = unknown(self.tweet, place::TWEET)
            .chain(unknown(self.metrics(), place::METRICS))
            .chain(unknown(self.attachments(), place::ATTACHMENTS))
            .chain(unknown(self.geo(), place::GEO))
            .chain(unknown(self.edits(), place::EDITS))
            .chain(unknown(self.note(), place::NOTE))
            .chain(unknown(self.withheld(), place::WITHHELD))
            .chain(self.author().into_iter().flat_map(|author| unknown(author, place::AUTHOR)))
            .chain(unknown(self.author_metrics(), place::AUTHOR_METRICS))
            .chain(unknown(self.author_withheld(), place::AUTHOR_WITHHELD))
            .chain(self.place().into_iter().flat_map(|place| unknown(place, place::PLACE)))
            .chain(self.poll().into_iter().flat_map(|poll| unknown(poll, place::POLL)));
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
        let of_tweet = of_tweet.into_iter().filter_map(|f| no_object(self.tweet, f, place::TWEET));
        let author = self.author();
        let of_author =
            of_author.into_iter().filter_map(move |f| no_object(author?, f, place::AUTHOR));
        let references = self.tweet.get(TweetField::ReferencedTweets);
        let references = references.filter(|raw| !are_references(*raw)).map(|raw| {
            let name = TweetField::ReferencedTweets.name(Dialect::Tweet);
            Leftover { place: place::TWEET, name, raw }
        });
        of_tweet.chain(of_author).chain(references)
    }
}

/// Hands on what was read, and keeps what did not fit.
fn hand_on<'r>(cell: &Cell<'r>, cells: &mut impl Cells, misfits: &mut Vec<Leftover<'r>>) {
    if let Cell::Misfit(leftover) = cell {
        misfits.push(leftover.clone());
    }
    cells.cell(cell);
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
    place: Place,
) -> Option<Leftover<'p>> {
    let raw = outer.get(field).filter(|raw| !raw.is_object())?;
    Some(Leftover { place, name: field.name(Dialect::Tweet), raw })
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
    place: Place,
) -> impl Iterator<Item = Leftover<'r>> {
    let leftover = move |&(ref name, raw): &'r (std::borrow::Cow<'_, str>, Raw<'r>)| Leftover {
        place,
        name,
        raw,
    };
    object.unknown().iter().map(leftover)
}
