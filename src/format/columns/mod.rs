//! The dictionary of columns: the one place that says which there are, what they mean, and where
//! they come from.
//!
//! Files, `datapackage.json` and `docs/output.md` are made from it. The first 25 columns are those
//! of mistnet's predecessor, under its names and in its order; a new column goes to the end, just
//! before `extra`, so that the columns of older files keep their places. The profile `twarc` is a
//! table of its own, with the names and the notation of another program.

mod derived;
mod full;
mod original;
pub(super) mod twarc;

use std::borrow::Cow;

use super::cell::{Cell, Kind};
use super::extra::{Leftover, Place};
use super::row::{Row, place};
use super::tables;
use crate::json::Raw;
use crate::model::spec::{Columns, Dialect, Profile};
use crate::tweet::{
    AttachmentField, EditField, Field, GeoField, MetricField, NoteField, PlaceField, PollField,
    TweetField, UserField, UserMetricField, WithheldField,
};

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The unit of its numbers, if they have one.
    pub unit: Option<&'static str>,
    /// Whether it is a list of texts, and of nothing else.
    pub of_texts: bool,
    /// What it means.
    pub meaning: &'static str,
    pub(super) origin: Origin,
}

/// Where the value of a column comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
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
    Derived(&'static Derived),
    Twarc(twarc::Source),
    Side(tables::Source),
    Extra,
}

/// A value that is made of several fields.
pub(super) struct Derived {
    read: for<'r> fn(&'r Row<'_>) -> Cell<'r>,
    source: [&'static str; 2],
}

impl std::fmt::Debug for Derived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Derived").field("source", &self.source).finish_non_exhaustive()
    }
}

/// The columns of a profile, in order: as they are now, or as they were in a version.
///
/// A collection keeps the columns that it was accepted with, or the header of its parts would
/// change in the middle of it. So whoever adds a column to `full` raises [`COLUMNS`] and says in
/// [`full::in_version`] where the older versions end; `extra` stays the last of all.
///
/// [`COLUMNS`]: crate::model::record::COLUMNS
pub fn of(columns: impl Into<Columns>) -> impl Iterator<Item = &'static Column> {
    let Columns { profile, version } = columns.into();
    let (first, further, last): (&[_], &[_], &[_]) = match profile {
        Profile::Original => (original::COLUMNS, &[], &[]),
        Profile::Full => (original::COLUMNS, full::in_version(version), full::LAST),
        Profile::Twarc => (twarc::COLUMNS, &[], &[]),
    };
    first.iter().chain(further).chain(last)
}

/// How the CSV of a profile writes a boolean.
pub(super) const fn boolean(profile: Profile, value: bool) -> &'static str {
    match (profile, value) {
        (Profile::Twarc, true) => "True",
        (Profile::Twarc, false) => "False",
        (Profile::Original | Profile::Full, true) => "true",
        (Profile::Original | Profile::Full, false) => "false",
    }
}

impl Column {
    pub(super) const fn new(
        name: &'static str,
        kind: Kind,
        origin: Origin,
        meaning: &'static str,
    ) -> Self {
        Self { name, kind, unit: None, of_texts: false, meaning, origin }
    }

    const fn derived(
        name: &'static str,
        kind: Kind,
        origin: &'static Derived,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, kind, Origin::Derived(origin), meaning)
    }

    pub(super) const fn unit(self, unit: &'static str) -> Self {
        Self { unit: Some(unit), ..self }
    }

    pub(super) const fn of_texts(self) -> Self {
        Self { of_texts: true, ..self }
    }

    /// Where it comes from, as a path in a page of that dialect.
    pub fn source(&self, dialect: Dialect) -> Cow<'static, str> {
        self.origin.source(dialect)
    }

    /// Its cell, if `raw` is what stands in its place.
    pub(super) fn read<'r>(&self, raw: Raw<'r>) -> Cell<'r> {
        self.kind.read(raw).unwrap_or_else(|| {
            let (place, name) = self.origin.place();
            Cell::Misfit(Leftover { place, name, raw })
        })
    }
}

impl Derived {
    pub(super) fn read<'r>(&self, row: &'r Row<'_>) -> Cell<'r> {
        (self.read)(row)
    }
}

impl Origin {
    fn source(self, dialect: Dialect) -> Cow<'static, str> {
        let note = TweetField::NoteTweet.name(dialect);
        let (object, field) = match self {
            Self::Tweet(field) => ("data[]", field.name(dialect)),
            Self::Metrics(field) => ("data[].public_metrics", field.name(dialect)),
            Self::Attachments(field) => ("data[].attachments", field.name(dialect)),
            Self::Geo(field) => ("data[].geo", field.name(dialect)),
            Self::Edits(field) => ("data[].edit_controls", field.name(dialect)),
            Self::Note(field) => return format!("data[].{note}.{}", field.name(dialect)).into(),
            Self::Withheld(field) => ("data[].withheld", field.name(dialect)),
            Self::Author(field) => ("includes.users[]", field.name(dialect)),
            Self::AuthorMetrics(field) => ("includes.users[].public_metrics", field.name(dialect)),
            Self::AuthorWithheld(field) => ("includes.users[].withheld", field.name(dialect)),
            Self::Place(field) => ("includes.places[]", field.name(dialect)),
            Self::Poll(field) => ("includes.polls[]", field.name(dialect)),
            Self::Derived(derived) => {
                let [tweet, post] = derived.source;
                return Cow::Borrowed(match dialect {
                    Dialect::Tweet => tweet,
                    Dialect::Post => post,
                });
            }
            Self::Twarc(source) => return source.path(dialect).into(),
            Self::Side(source) => return source.path(dialect).into(),
            Self::Extra => return "everything else".into(),
        };
        format!("{object}.{field}").into()
    }

    /// Where in `extra` its value stands if it does not fit. Names are those of the `tweet.fields`
    /// dialect, whichever was sent.
    fn place(self) -> (Place, &'static str) {
        let same = Dialect::Tweet;
        match self {
            Self::Tweet(field) => (place::TWEET, field.name(same)),
            Self::Metrics(field) => (place::METRICS, field.name(same)),
            Self::Attachments(field) => (place::ATTACHMENTS, field.name(same)),
            Self::Geo(field) => (place::GEO, field.name(same)),
            Self::Edits(field) => (place::EDITS, field.name(same)),
            Self::Note(field) => (place::NOTE, field.name(same)),
            Self::Withheld(field) => (place::WITHHELD, field.name(same)),
            Self::Author(field) => (place::AUTHOR, field.name(same)),
            Self::AuthorMetrics(field) => (place::AUTHOR_METRICS, field.name(same)),
            Self::AuthorWithheld(field) => (place::AUTHOR_WITHHELD, field.name(same)),
            Self::Place(field) => (place::PLACE, field.name(same)),
            Self::Poll(field) => (place::POLL, field.name(same)),
            Self::Derived(_) | Self::Twarc(_) | Self::Side(_) | Self::Extra => (place::TWEET, ""),
        }
    }
}
