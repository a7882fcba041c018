//! A column: its name, what it holds, what it means and where its value comes from.

use std::borrow::Cow;

use super::cell::{Cell, CellType};
use super::extra::{ExtraPath, Leftover, path};
use super::origin::ApiField;
use super::row::Row;
use super::{tables, twarc};
use crate::json::Raw;
use crate::model::spec::Dialect;

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds.
    pub kind: CellType,
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
pub(crate) enum Origin {
    /// One field that X sends.
    Field(ApiField),
    /// Several fields.
    Derived(&'static Derived),
    /// A value of the profile `twarc`.
    Twarc(twarc::Source),
    /// A value of a side table.
    Side(tables::Source),
    /// Everything that has no column.
    Extra,
}

/// A value that is made of several fields.
pub(crate) struct Derived {
    pub(super) read: for<'r> fn(&'r Row<'_>) -> Cell<'r>,
    /// The paths in a page of the `tweet.fields` dialect, and of that of `post.fields`.
    pub(super) source: [&'static str; 2],
}

impl std::fmt::Debug for Derived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Derived").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Column {
    pub(super) const fn new(
        name: &'static str,
        kind: CellType,
        origin: Origin,
        meaning: &'static str,
    ) -> Self {
        Self { name, kind, unit: None, of_texts: false, meaning, origin }
    }

    /// A column with one field that X sends.
    pub(super) const fn sent(
        name: &'static str,
        kind: CellType,
        field: ApiField,
        meaning: &'static str,
    ) -> Self {
        Self::new(name, kind, Origin::Field(field), meaning)
    }

    pub(super) const fn derived(
        name: &'static str,
        kind: CellType,
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
            let (path, name) = self.origin.in_extra();
            Cell::Misfit(Leftover { path, name, raw })
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
        match self {
            Self::Field(field) => field.path(dialect).into(),
            Self::Derived(derived) => {
                let [tweet, post] = derived.source;
                Cow::Borrowed(match dialect {
                    Dialect::Tweet => tweet,
                    Dialect::Post => post,
                })
            }
            Self::Twarc(source) => source.path(dialect).into(),
            Self::Side(source) => source.path(dialect).into(),
            Self::Extra => "everything else".into(),
        }
    }

    /// Where in `extra` its value stands if it does not fit.
    fn in_extra(self) -> (ExtraPath, &'static str) {
        match self {
            Self::Field(field) => field.in_extra(),
            Self::Derived(_) | Self::Twarc(_) | Self::Side(_) | Self::Extra => (path::TWEET, ""),
        }
    }
}
