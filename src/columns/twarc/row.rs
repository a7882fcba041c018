//! A row as twarc-csv flattens it: a retweet shows the content of the retweeted post.

use super::cell::cell;
use super::list::{link, list, marked};
use super::notation;
use super::source::Source;
use crate::columns::cell::{Cell, CellType, Cells};
use crate::columns::column::{Column, Origin};
use crate::columns::origin::ApiField;
use crate::columns::row::{Relation, Row};
use crate::json::Raw;
use crate::tweet::{
    self, AttachmentField, Attachments, Entities, EntityField, Field, GeoField, MetricField,
    Metrics, Object, Outline, PlaceField, Point, Poll, ProfileEntities, ProfileField,
    ReferenceField, Twarc, Tweet, TweetField, UserField, WithheldField, key,
};

/// A post and what twarc-csv merges with it.
#[derive(Debug)]
pub(super) struct Merged<'r, 'p> {
    row: &'r Row<'p>,
    /// The posts that it refers to, by [`Relation`], as far as they came along.
    posts: [Option<Tweet<'p>>; 3],
    /// Of the retweeted post; `None` if it has none, and then the post's own count.
    metrics: Option<Metrics<'p>>,
    entities: Option<Entities<'p>>,
    attachments: Option<Attachments<'p>>,
    poll: Option<Poll<'p>>,
    /// What is marked in the author's profile text.
    description: Entities<'p>,
    /// The links of the author's profile.
    links: Option<Raw<'p>>,
    twarc: Twarc<'p>,
}

/// Where the cell of a column comes from.
enum Value<'p> {
    /// One value, as it was sent.
    Sent(Option<Raw<'p>>),
    /// A cell that is made of several.
    Made(Cell<'p>),
}

impl<'r, 'p> Merged<'r, 'p> {
    /// Gathers what belongs together.
    pub(super) fn new(row: &'r Row<'p>) -> Self {
        let posts = Relation::ALL.map(|relation| referenced(row, relation));
        let original = posts.get(Relation::Retweeted as usize).and_then(Option::as_ref);
        let profile: ProfileEntities<'p> = read(row.get(ApiField::Author(UserField::Entities)));
        let link: Entities<'p> = read(profile.get(ProfileField::Url));
        let mut merged = Self {
            row,
            metrics: of_original(original, TweetField::PublicMetrics),
            entities: of_original(original, TweetField::Entities),
            attachments: of_original(original, TweetField::Attachments),
            poll: None,
            description: read(profile.get(ProfileField::Description)),
            links: link.get(EntityField::Urls),
            twarc: read(row.page.twarc),
            posts,
        };
        let poll_ids = merged.attachment(AttachmentField::PollIds);
        let poll_id = poll_ids.and_then(|ids| ids.items().last());
        merged.poll = poll_id.and_then(|id| row.page.includes.poll(key(id)));
        merged
    }

    /// Hands on the cell of a column.
    pub(super) fn hand_on(&self, column: &Column, cells: &mut impl Cells) {
        let raw = match column.origin {
            Origin::Twarc(source) => match self.value(source) {
                Value::Sent(raw) => raw,
                Value::Made(cell) => return cells.cell(&cell),
            },
            Origin::Field(
                field @ (ApiField::Withheld(WithheldField::Scope)
                | ApiField::AuthorWithheld(WithheldField::Scope)),
            ) => return cells.cell(&scope(self.row.get(field))),
            Origin::Field(field) => self.row.get(field),
            // This profile has no such column.
            Origin::Derived(_) | Origin::Side(_) | Origin::Extra => None,
        };
        // In a page a line break in a text is an escape, so what stands as it is has none.
        let is_alike = matches!(
            column.kind,
            CellType::Text | CellType::Id | CellType::Integer | CellType::DateTime
        );
        if !is_alike || !raw.is_some_and(|raw| cells.as_it_stands(column.kind, raw)) {
            cells.cell(&cell(column.kind, raw));
        }
    }

    fn value(&self, source: Source) -> Value<'p> {
        Value::Sent(match source {
            Source::Content(field) => self.content(field),
            Source::Metric(field) => self.metric(field),
            Source::Entity(field) => return Value::Made(marked(self.entity(field), field)),
            Source::Attachment(field) => self.attachment(field),
            Source::Media => return Value::Made(self.media()),
            Source::Poll(field) => self.poll.as_ref().and_then(|poll| poll.get(field)),
            Source::Reference(relation) => self.row.reference(relation),
            Source::ReferencedUserId(relation) => self.referenced_author(relation),
            Source::ReferencedUsername(relation) => self.referenced_username(relation),
            Source::ProfileEntity(field) => {
                return Value::Made(marked(self.description.get(field), field));
            }
            Source::ProfileLinks => {
                return Value::Made(marked(self.links, EntityField::Urls));
            }
            Source::ProfileLink => {
                self.profile_link().or_else(|| self.row.get(ApiField::Author(UserField::Url)))
            }
            Source::Point(field) => {
                let point: Point<'p> = read(self.row.get(ApiField::Geo(GeoField::Coordinates)));
                point.get(field)
            }
            Source::Outline(field) => {
                let outline: Outline<'p> = read(self.row.get(ApiField::Place(PlaceField::Geo)));
                outline.get(field)
            }
            Source::MatchingRules => self.row.page.matching_rules,
            Source::Page(field) => self.twarc.get(field),
        })
    }

    fn post(&self, relation: Relation) -> Option<&Tweet<'p>> {
        self.posts.get(relation as usize)?.as_ref()
    }

    fn content(&self, field: TweetField) -> Option<Raw<'p>> {
        let original = self.post(Relation::Retweeted).and_then(|post| post.get(field));
        original.or_else(|| self.row.get(ApiField::Tweet(field)))
    }

    fn metric(&self, field: MetricField) -> Option<Raw<'p>> {
        match &self.metrics {
            Some(metrics) => metrics.get(field),
            None => self.row.get(ApiField::Metrics(field)),
        }
    }

    fn entity(&self, field: EntityField) -> Option<Raw<'p>> {
        self.entities.as_ref().unwrap_or(self.row.entities()).get(field)
    }

    fn attachment(&self, field: AttachmentField) -> Option<Raw<'p>> {
        self.attachments.as_ref().unwrap_or(self.row.attachments()).get(field)
    }

    /// The attached media; one that did not come along is an empty object.
    fn media(&self) -> Cell<'p> {
        let Some(keys) = self.attachment(AttachmentField::MediaKeys) else { return Cell::Absent };
        let includes = &self.row.page.includes;
        list(keys.items(), |out, raw| {
            let media = includes.raw_media(key(raw));
            notation::push_json(out, media.map_or("{}", Raw::get));
            true
        })
    }

    fn referenced_author(&self, relation: Relation) -> Option<Raw<'p>> {
        self.post(relation)?.get(TweetField::AuthorId)
    }

    fn referenced_username(&self, relation: Relation) -> Option<Raw<'p>> {
        let author = self.referenced_author(relation)?;
        tweet::field(self.row.page.includes.raw_user(key(author))?, UserField::Username)
    }

    fn profile_link(&self) -> Option<Raw<'p>> {
        let last = self.links?.items().last();
        last.and_then(Object::read).and_then(|url| link(&url))
    }
}

/// The fields of an object; none if there is no object.
fn read<F: Field, const N: usize>(raw: Option<Raw<'_>>) -> Object<'_, F, N> {
    raw.and_then(Object::read).unwrap_or(Object::empty())
}

/// An object inside the retweeted post; `None` if it has none.
fn of_original<'p, F: Field, const N: usize>(
    original: Option<&Tweet<'p>>,
    field: TweetField,
) -> Option<Object<'p, F, N>> {
    original.and_then(|post| post.get(field)).and_then(Object::read)
}

/// The last post of several to which a post refers in one way, if it came along.
fn referenced<'p>(row: &Row<'p>, relation: Relation) -> Option<Tweet<'p>> {
    let last = row.references().filter(|raw| relation.is_of(*raw)).last()?;
    row.page.includes.tweet(key(tweet::field(last, ReferenceField::Id)?))
}

/// What is withheld. The `post.fields` dialect says `post` where the other says `tweet`.
fn scope(raw: Option<Raw<'_>>) -> Cell<'_> {
    match cell(CellType::Text, raw) {
        Cell::Text(scope) if scope == "post" => Cell::Text("tweet".into()),
        other => other,
    }
}
