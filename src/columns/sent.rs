//! Columns with one field that X sends, as the profiles share them.

use super::cell::CellType::{self, Integer, List};
use super::column::Column;
use super::origin::ApiField;
use crate::tweet::{
    AttachmentField, MetricField, PlaceField, TweetField, UserField, UserMetricField,
};

/// A field of the post.
pub(super) const fn tweet(
    name: &'static str,
    kind: CellType,
    field: TweetField,
    meaning: &'static str,
) -> Column {
    Column::sent(name, kind, ApiField::Tweet(field), meaning)
}

/// A count of the post.
pub(super) const fn count(name: &'static str, field: MetricField, meaning: &'static str) -> Column {
    Column::sent(name, Integer, ApiField::Metrics(field), meaning)
}

/// Ids of what is attached to the post.
pub(super) const fn attached(
    name: &'static str,
    field: AttachmentField,
    meaning: &'static str,
) -> Column {
    Column::sent(name, List, ApiField::Attachments(field), meaning)
}

/// A field of the tagged place.
pub(super) const fn place(
    name: &'static str,
    kind: CellType,
    field: PlaceField,
    meaning: &'static str,
) -> Column {
    Column::sent(name, kind, ApiField::Place(field), meaning)
}

/// A field of the author.
pub(super) const fn author(
    name: &'static str,
    kind: CellType,
    field: UserField,
    meaning: &'static str,
) -> Column {
    Column::sent(name, kind, ApiField::Author(field), meaning)
}

/// A count of the author.
pub(super) const fn author_count(
    name: &'static str,
    field: UserMetricField,
    meaning: &'static str,
) -> Column {
    Column::sent(name, Integer, ApiField::AuthorMetrics(field), meaning)
}
