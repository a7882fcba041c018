//! A tweet with everything that belongs to it: what the columns are read from.

use crate::model::json::Raw;

use super::cell::Cell;
use super::columns::{self, Column, Origin};
use super::extra::{self, Leftover, Place};
use crate::model::spec::{Dialect, Profile};
use crate::model::tweet::{
    self, AttachmentField, Attachments, EditControls, Entities, Field, Geo, GeoField, Metrics,
    Note, Object, Page, Reference, ReferenceField, Tweet, TweetField, User, UserField, UserMetrics,
    Withheld, key,
};

/// A tweet of a page, its inner objects, its author, its place and its poll.
#[derive(Debug)]
pub struct Row<'p> {
    pub(super) page: &'p Page<'p>,
    pub(super) tweet: &'p Tweet<'p>,
    pub(super) entities: Entities<'p>,
    pub(super) attachments: Attachments<'p>,
    pub(super) withheld: Withheld<'p>,
    pub(super) author: Option<User<'p>>,
    pub(super) author_withheld: Withheld<'p>,
    pub(super) references: Vec<Reference<'p>>,
    metrics: Metrics<'p>,
    geo: Geo<'p>,
    edits: EditControls<'p>,
    note: Note<'p>,
    author_metrics: UserMetrics<'p>,
    place: Option<tweet::Place<'p>>,
    poll: Option<tweet::Poll<'p>>,
    misfits: Vec<Leftover<'p>>,
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
    /// Gathers what belongs to `tweet`.
    pub fn new(page: &'p Page<'p>, tweet: &'p Tweet<'p>) -> Self {
        let mut misfits = Vec::new();
        let author = found(tweet.get(TweetField::AuthorId), |id| page.includes.user(id));
        let attachments: Attachments<'p> =
            inner(Some(tweet), TweetField::Attachments, place::TWEET, &mut misfits);
        let geo: Geo<'p> = inner(Some(tweet), TweetField::Geo, place::TWEET, &mut misfits);
        let poll_id = attachments.get(AttachmentField::PollIds).and_then(|ids| ids.items().next());
        Self {
            page,
            tweet,
            entities: tweet
                .get(TweetField::Entities)
                .and_then(Object::read)
                .unwrap_or(Object::empty()),
            metrics: inner(Some(tweet), TweetField::PublicMetrics, place::TWEET, &mut misfits),
            edits: inner(Some(tweet), TweetField::EditControls, place::TWEET, &mut misfits),
            note: inner(Some(tweet), TweetField::NoteTweet, place::TWEET, &mut misfits),
            withheld: inner(Some(tweet), TweetField::Withheld, place::TWEET, &mut misfits),
            author_metrics: inner(
                author.as_ref(),
                UserField::PublicMetrics,
                place::AUTHOR,
                &mut misfits,
            ),
            author_withheld: inner(
                author.as_ref(),
                UserField::Withheld,
                place::AUTHOR,
                &mut misfits,
            ),
            references: references(tweet, &mut misfits),
            place: found(geo.get(GeoField::PlaceId), |id| page.includes.place(id)),
            poll: found(poll_id, |id| page.includes.poll(id)),
            attachments,
            geo,
            author,
            misfits,
        }
    }

    /// Reads every column of a profile in order.
    pub fn each_cell<E>(
        &self,
        profile: Profile,
        mut write: impl FnMut(&Column, Cell<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if profile == Profile::Twarc {
            return columns::twarc::each_cell(self, write);
        }
        let mut misfits = Vec::new();
        for column in columns::of(profile) {
            let cell = match column.origin {
                Origin::Extra => self.extra(&misfits),
                _ => column.read(self),
            };
            if let Cell::Misfit(leftover) = &cell {
                misfits.push(leftover.clone());
            }
            write(column, cell)?;
        }
        Ok(())
    }

    /// The raw value of a field.
    pub(super) fn get(&self, origin: Origin) -> Option<Raw<'p>> {
        match origin {
            Origin::Tweet(field) => self.tweet.get(field),
            Origin::Metrics(field) => self.metrics.get(field),
            Origin::Attachments(field) => self.attachments.get(field),
            Origin::Geo(field) => self.geo.get(field),
            Origin::Edits(field) => self.edits.get(field),
            Origin::Note(field) => self.note.get(field),
            Origin::Withheld(field) => self.withheld.get(field),
            Origin::Author(field) => self.author.as_ref()?.get(field),
            Origin::AuthorMetrics(field) => self.author_metrics.get(field),
            Origin::AuthorWithheld(field) => self.author_withheld.get(field),
            Origin::Place(field) => self.place.as_ref()?.get(field),
            Origin::Poll(field) => self.poll.as_ref()?.get(field),
            Origin::Derived(_) | Origin::Twarc(_) | Origin::Extra => None,
        }
    }

    /// The post that this one refers to in that way, if it is included.
    pub(super) fn referenced(&self, kind: &str) -> Option<Tweet<'p>> {
        self.page.includes.tweet(key(self.reference(kind)?))
    }

    /// The id of the post that this one refers to in that way.
    pub(super) fn reference(&self, kind: &str) -> Option<Raw<'p>> {
        let is_kind = |r: &&Reference<'p>| {
            r.get(ReferenceField::Type).and_then(Raw::text).is_some_and(|name| name == kind)
        };
        self.references.iter().find(is_kind)?.get(ReferenceField::Id)
    }

    /// The column `extra`.
    fn extra(&self, misfits: &[Leftover<'_>]) -> Cell<'_> {
        let unknown = unknown(self.tweet, place::TWEET)
            .chain(unknown(&self.metrics, place::METRICS))
            .chain(unknown(&self.attachments, place::ATTACHMENTS))
            .chain(unknown(&self.geo, place::GEO))
            .chain(unknown(&self.edits, place::EDITS))
            .chain(unknown(&self.note, place::NOTE))
            .chain(unknown(&self.withheld, place::WITHHELD))
            .chain(self.author.iter().flat_map(|author| unknown(author, place::AUTHOR)))
            .chain(unknown(&self.author_metrics, place::AUTHOR_METRICS))
            .chain(unknown(&self.author_withheld, place::AUTHOR_WITHHELD))
            .chain(self.place.iter().flat_map(|place| unknown(place, place::PLACE)))
            .chain(self.poll.iter().flat_map(|poll| unknown(poll, place::POLL)));
        let all = unknown.chain(self.misfits.iter().cloned()).chain(misfits.iter().cloned());
        extra::cell(all).map_or(Cell::Absent, |text| Cell::Json(text.into()))
    }
}

/// An object inside another; if it is no object, it is left over.
fn inner<'p, F: Field, const N: usize, G: Field, const M: usize>(
    outer: Option<&Object<'p, G, M>>,
    field: G,
    place: Place,
    misfits: &mut Vec<Leftover<'p>>,
) -> Object<'p, F, N> {
    let Some(raw) = outer.and_then(|outer| outer.get(field)) else { return Object::empty() };
    Object::read(raw).unwrap_or_else(|| {
        misfits.push(Leftover { place, name: field.name(Dialect::Tweet), raw });
        Object::empty()
    })
}

/// The references to other posts. The whole list is left over as well if the column can't hold
/// all of it.
fn references<'p>(tweet: &Tweet<'p>, misfits: &mut Vec<Leftover<'p>>) -> Vec<Reference<'p>> {
    let Some(raw) = tweet.get(TweetField::ReferencedTweets) else { return Vec::new() };
    let read: Vec<Reference<'p>> = raw.items().filter_map(Object::read).collect();
    let whole = read.len() == raw.items().count() && read.iter().all(|r| r.unknown().is_empty());
    if !whole || !raw.is_array() {
        let name = TweetField::ReferencedTweets.name(Dialect::Tweet);
        misfits.push(Leftover { place: place::TWEET, name, raw });
    }
    read
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
