//! One row of a side table: an object, cut into the table's columns.

use std::borrow::Cow;

use super::marks::Mark;
use super::source::Source;
use crate::format::cell::Cell;
use crate::format::columns::{Column, Origin};
use crate::format::extra::{self, Leftover, Place};
use crate::json::Raw;

/// A field that came, and where in the object it stood.
type Came<'p> = (Place, Cow<'p, str>, Raw<'p>);

/// What a row is made of.
pub(super) struct Entry<'p> {
    columns: &'static [Column],
    /// By column.
    values: Vec<Option<Raw<'p>>>,
    unknown: Vec<Came<'p>>,
    mark: Option<Mark<'p>>,
}

impl<'p> Entry<'p> {
    /// A row of an included object.
    pub(super) fn of_object(columns: &'static [Column], object: Raw<'p>) -> Self {
        Self::new(columns, object, None)
    }

    /// A row of a place in a post.
    pub(super) fn of_mark(columns: &'static [Column], mark: Mark<'p>) -> Self {
        Self::new(columns, mark.object, Some(mark))
    }

    fn new(columns: &'static [Column], object: Raw<'p>, mark: Option<Mark<'p>>) -> Self {
        let mut entry =
            Self { columns, values: vec![None; columns.len()], unknown: Vec::new(), mark };
        entry.take(&[], object);
        entry
    }

    /// Puts the fields of an object where they belong. `null` is the same as absent.
    fn take(&mut self, place: Place, object: Raw<'p>) {
        for (name, value) in object.fields().filter(|(_, value)| !value.is_null()) {
            let column = self.columns.iter().position(|column| is_field(column, place, &name));
            match column.and_then(|at| self.values.get_mut(at)) {
                Some(empty @ None) => *empty = Some(value),
                Some(Some(_)) => self.unknown.push((place, name, value)),
                None => match self.inner(place, &name) {
                    Some(inner) if value.is_object() => self.take(inner, value),
                    _ => self.unknown.push((place, name, value)),
                },
            }
        }
    }

    /// The place of the fields of an inner object that has columns.
    fn inner(&self, place: Place, name: &str) -> Option<Place> {
        let is_inner = |within: Place| {
            within.split_last().is_some_and(|(last, outer)| *last == name && outer == place)
        };
        let places = self.columns.iter().filter_map(|column| match column.origin {
            Origin::Side(Source::Field { within, .. }) => Some(within),
            _ => None,
        });
        places.into_iter().find(|within| is_inner(within))
    }

    /// Reads every column in order.
    pub(super) fn each_cell(&self, mut write: impl FnMut(&Column, &Cell<'_>)) {
        let mut left: Vec<Leftover<'_>> = Vec::new();
        left.extend(self.unknown.iter().map(|(place, name, raw)| Leftover {
            place,
            name,
            raw: *raw,
        }));
        for (column, value) in self.columns.iter().zip(&self.values) {
            let Origin::Side(source) = column.origin else { continue };
            let cell = match source {
                Source::Field { within, names: [name, _], .. } => {
                    value.map_or(Cell::Absent, |raw| {
                        let misfit = Leftover { place: within, name, raw };
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

fn is_field(column: &Column, place: Place, name: &str) -> bool {
    matches!(column.origin, Origin::Side(source) if source.is_field(place, name))
}
