//! What is marked in a post, place by place.
//!
//! The own text of a long post is cut, and what is marked in it ends there; its note is the whole
//! text, but X tells less of what is marked in that (links have no titles, and none leads to media:
//! OpenAPI 2.167, read 2026-08-22). So a place is that of the own text if both have it, and what is
//! only in the note comes after those.

use super::SideTable;
use crate::json::Raw;
use crate::tweet::{Entities, EntityField, Note, NoteField, Object, Tweet, TweetField};

/// Something that is marked in a post.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark<'p> {
    pub(super) tweet_id: Option<Raw<'p>>,
    pub(super) text: Text,
    pub(super) object: Raw<'p>,
}

/// Which text of a post it is marked in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Text {
    Own,
    Note,
}

impl Text {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Own => "text",
            Self::Note => "note",
        }
    }
}

/// The places in a post of which a table has rows.
pub(crate) fn marks<'p>(table: SideTable, tweet: &Tweet<'p>) -> Vec<Mark<'p>> {
    let kind = match table {
        SideTable::Hashtags => EntityField::Hashtags,
        SideTable::Mentions => EntityField::Mentions,
        SideTable::Urls => EntityField::Urls,
        SideTable::Users | SideTable::Referenced | SideTable::Media => return Vec::new(),
    };
    let note: Option<Note<'p>> = tweet.get(TweetField::NoteTweet).and_then(Object::read);
    let in_note = list(note.and_then(|note| note.get(NoteField::Entities)), kind);
    let own = list(tweet.get(TweetField::Entities), kind);
    let starts: Vec<&str> = own.iter().filter_map(|place| start(*place)).collect();
    let is_further = |place: &Raw<'p>| start(*place).is_none_or(|start| !starts.contains(&start));
    let tweet_id = tweet.get(TweetField::Id);
    let mark = |text| move |object| Mark { tweet_id, text, object };
    let further = in_note.into_iter().filter(is_further).map(mark(Text::Note));
    own.iter().copied().map(mark(Text::Own)).chain(further).collect()
}

/// Where a place begins: the note begins as the own text does, so it is the same in both.
fn start(place: Raw<'_>) -> Option<&str> {
    place.field("start").map(Raw::get)
}

fn list<'p>(entities: Option<Raw<'p>>, kind: EntityField) -> Vec<Raw<'p>> {
    let entities: Option<Entities<'p>> = entities.and_then(Object::read);
    let list = entities.and_then(|entities| entities.get(kind));
    list.into_iter().flat_map(Raw::items).filter(|raw| raw.is_object()).collect()
}
