//! One field that X sends, of any of the objects that make a row.
//!
//! It stands below the row, which reads such fields, and below the columns, which name them.

use super::extra::{ExtraPath, path};
use crate::model::spec::Dialect;
use crate::tweet::{
    AttachmentField, EditField, Field, GeoField, MetricField, NoteField, PlaceField, PollField,
    TweetField, UserField, UserMetricField, WithheldField,
};

/// A field of a post, of an object inside it, of its author, its place or its poll.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ApiField {
    Tweet(TweetField),
    Metrics(MetricField),
    Attachments(AttachmentField),
    Geo(GeoField),
    Edits(EditField),
    Note(NoteField),
    Withheld(WithheldField),
    Author(UserField),
    AuthorMetrics(UserMetricField),
    AuthorWithheld(WithheldField),
    Place(PlaceField),
    Poll(PollField),
}

impl ApiField {
    /// The path in a page of that dialect.
    pub(super) fn path(self, dialect: Dialect) -> String {
        let (object, field) = match self {
            Self::Tweet(field) => ("data[]", field.name(dialect)),
            Self::Metrics(field) => ("data[].public_metrics", field.name(dialect)),
            Self::Attachments(field) => ("data[].attachments", field.name(dialect)),
            Self::Geo(field) => ("data[].geo", field.name(dialect)),
            Self::Edits(field) => ("data[].edit_controls", field.name(dialect)),
            Self::Note(field) => {
                let note = TweetField::NoteTweet.name(dialect);
                return format!("data[].{note}.{}", field.name(dialect));
            }
            Self::Withheld(field) => ("data[].withheld", field.name(dialect)),
            Self::Author(field) => ("includes.users[]", field.name(dialect)),
            Self::AuthorMetrics(field) => ("includes.users[].public_metrics", field.name(dialect)),
            Self::AuthorWithheld(field) => ("includes.users[].withheld", field.name(dialect)),
            Self::Place(field) => ("includes.places[]", field.name(dialect)),
            Self::Poll(field) => ("includes.polls[]", field.name(dialect)),
        };
        format!("{object}.{field}")
    }

    /// Where in the column `extra` its value stands if it does not fit its own column. Names are
    /// those of the `tweet.fields` dialect, whichever was sent.
    pub(super) fn in_extra(self) -> (ExtraPath, &'static str) {
        let same = Dialect::Tweet;
        match self {
            Self::Tweet(field) => (path::TWEET, field.name(same)),
            Self::Metrics(field) => (path::METRICS, field.name(same)),
            Self::Attachments(field) => (path::ATTACHMENTS, field.name(same)),
            Self::Geo(field) => (path::GEO, field.name(same)),
            Self::Edits(field) => (path::EDITS, field.name(same)),
            Self::Note(field) => (path::NOTE, field.name(same)),
            Self::Withheld(field) => (path::WITHHELD, field.name(same)),
            Self::Author(field) => (path::AUTHOR, field.name(same)),
            Self::AuthorMetrics(field) => (path::AUTHOR_METRICS, field.name(same)),
            Self::AuthorWithheld(field) => (path::AUTHOR_WITHHELD, field.name(same)),
            Self::Place(field) => (path::PLACE, field.name(same)),
            Self::Poll(field) => (path::POLL, field.name(same)),
        }
    }
}
