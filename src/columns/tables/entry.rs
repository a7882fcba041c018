//! One row of a side table: an object, cut into the table's columns.

use std::borrow::Cow;

use super::marks::Mark;
use super::source::Source;
use crate::columns::cell::Cell;
use crate::columns::column::{Column, Origin};
use crate::columns::extra::{self, ExtraPath, Leftover};
use crate::json::Raw;

/// A field that came, and where in the object it stood.
type Came<'p> = (ExtraPath, Cow<'p, str>, Raw<'p>);

/// What a row is made of.
pub(crate) struct Entry<'p> {
    columns: &'static [Column],
    /// By column.
    values: Vec<Option<Raw<'p>>>,
    unknown: Vec<Came<'p>>,
    mark: Option<Mark<'p>>,
}

impl<'p> Entry<'p> {
    /// A row of an included object.
    pub(crate) fn of_object(columns: &'static [Column], object: Raw<'p>) -> Self {
        Self::new(columns, object, None)
    }

    /// A row of a place in a post.
    pub(crate) fn of_mark(columns: &'static [Column], mark: Mark<'p>) -> Self {
        Self::new(columns, mark.object, Some(mark))
    }

    fn new(columns: &'static [Column], object: Raw<'p>, mark: Option<Mark<'p>>) -> Self {
        let mut entry =
            Self { columns, values: vec![None; columns.len()], unknown: Vec::new(), mark };
        entry.take(&[], object);
        entry
    }

    /// Puts the fields of an object where they belong. `null` is the same as absent.
    fn take(&mut self, path: ExtraPath, object: Raw<'p>) {
        for (name, value) in object.fields().filter(|(_, value)| !value.is_null()) {
            let column = self.columns.iter().position(|column| is_field(column, path, &name));
            match column.and_then(|at| self.values.get_mut(at)) {
                Some(empty @ None) => *empty = Some(value),
                Some(Some(_)) => self.unknown.push((path, name, value)),
                None => match self.inner(path, &name) {
                    Some(inner) if value.is_object() => self.take(inner, value),
                    _ => self.unknown.push((path, name, value)),
                },
            }
        }
    }

    /// The path of the fields of an inner object that has columns.
    fn inner(&self, path: ExtraPath, name: &str) -> Option<ExtraPath> {
        let is_inner = |within: ExtraPath| {
            within.split_last().is_some_and(|(last, outer)| *last == name && outer == path)
        };
        let places = self.columns.iter().filter_map(|column| match column.origin {
            Origin::Side(Source::Field { within, .. }) => Some(within),
            _ => None,
        });
        places.into_iter().find(|within| is_inner(within))
    }

    /// Reads every column in order.
    pub(crate) fn each_cell(&self, mut write: impl FnMut(&Column, &Cell<'_>)) {
        let mut left: Vec<Leftover<'_>> = Vec::new();
        left.extend(self.unknown.iter().map(|(path, name, raw)| Leftover {
            path,
            name,
            raw: *raw,
        }));
        for (column, value) in self.columns.iter().zip(&self.values) {
            let Origin::Side(source) = column.origin else { continue };
            let cell = match source {
                Source::Field { within, names: [name, _], .. } => {
                    value.map_or(Cell::Absent, |raw| {
                        let misfit = Leftover { path: within, name, raw };
                        column.kind.read(raw).unwrap_or(Cell::Misfit(misfit))
                    })
                }
                Source::TweetId => self.tweet_id(column),
                Source::MarkedIn => self
                    .mark
                    .as_ref()
                    .map_or(Cell::Absent, |mark| Cell::Text(mark.text.name().into())),
                Source::Extra => {
                    let all = std::mem::take(&mut left);
                    extra::cell(all.into_iter())
                        .map_or(Cell::Absent, |text| Cell::Json(text.into()))
                }
            };
            if let Cell::Misfit(leftover) = &cell {
                left.push(leftover.clone());
            }
            write(column, &cell);
        }
    }

    fn tweet_id(&self, column: &Column) -> Cell<'p> {
        let id = self.mark.as_ref().and_then(|mark| mark.tweet_id);
        id.and_then(|raw| column.kind.read(raw)).unwrap_or(Cell::Absent)
    }
}

fn is_field(column: &Column, path: ExtraPath, name: &str) -> bool {
    matches!(column.origin, Origin::Side(source) if source.is_field(path, name))
}
