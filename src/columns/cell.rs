//! What stands in a cell, and how raw JSON becomes it.

use std::borrow::Cow;

use crate::json::Raw;

use super::extra::Leftover;
use super::list::List;
use super::{instant, json};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellType {
    /// Any text.
    Text,
    /// 1 to 19 decimal digits, kept as text: as 64-bit floats they would lose their last digits.
    Id,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An instant as X sends it: RFC 3339, UTC.
    DateTime,
    /// A JSON array.
    List,
    /// A JSON object.
    Object,
    /// Any JSON.
    Json,
}

impl CellType {
    /// What documents call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Id => "id",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::DateTime => "datetime",
            Self::List => "JSON list",
            Self::Object => "JSON object",
            Self::Json => "JSON",
        }
    }

    /// The value of a cell; `None` if `raw` is something else.
    #[inline]
    pub(crate) fn read(self, raw: Raw<'_>) -> Option<Cell<'_>> {
        match self {
            Self::Text => raw.text().map(Cell::Text),
            Self::Id => digits(raw).filter(|id| is_id(id.as_bytes())).map(Cell::Id),
            Self::Integer => digits(raw)?.parse().ok().map(Cell::Integer),
            Self::Boolean => raw.get().parse().ok().map(Cell::Boolean),
            Self::DateTime => raw
                .text()
                .filter(|time| instant::micros(time.as_bytes()).is_some())
                .map(Cell::DateTime),
            Self::List => json_of(raw, raw.is_array()),
            Self::Object => json_of(raw, raw.is_object()),
            Self::Json => json_of(raw, true),
        }
    }
}

/// The value of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'r> {
    /// Nothing came.
    Absent,
    /// See [`CellType::Text`].
    Text(Cow<'r, str>),
    /// See [`CellType::Id`].
    Id(Cow<'r, str>),
    /// See [`CellType::Integer`].
    Integer(i64),
    /// See [`CellType::Boolean`].
    Boolean(bool),
    /// See [`CellType::DateTime`].
    DateTime(Cow<'r, str>),
    /// See [`CellType::List`], [`CellType::Object`], [`CellType::Json`].
    Json(Cow<'r, str>),
    /// See [`CellType::List`].
    List(List<'r>),
    /// Something came that does not fit the column.
    Misfit(Leftover<'r>),
}

/// What takes the cells of a row, in the order of the columns.
pub(crate) trait Cells {
    /// The next cell.
    fn cell(&mut self, cell: &Cell<'_>);

    /// The next cell, if it can be taken as its value stands in the page; if not, nothing is
    /// taken, and it is to be read.
    fn as_it_stands(&mut self, _kind: CellType, _raw: Raw<'_>) -> bool {
        false
    }
}

/// A number may come as a string: ids always do, counts now and then (docs.x.com, OpenAPI 2.166
/// and 2.167 differ about `verified_followers_count`, read 2026-08-22).
fn digits(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    raw.text().or_else(|| Some(Cow::Borrowed(raw.get())))
}

/// Whether it is what [`CellType::Id`] says.
pub(crate) fn is_id(text: &[u8]) -> bool {
    // Without a jump out of it, the loop takes many bytes at a time.
    let digits = text.iter().fold(true, |digits, byte| digits & byte.is_ascii_digit());
    digits && (1..=19).contains(&text.len())
}

fn json_of(raw: Raw<'_>, fits: bool) -> Option<Cell<'_>> {
    fits.then(|| Cell::Json(json::canonical(raw)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::tests::raw;

    fn read(kind: CellType, json: &str) -> Option<Cell<'static>> {
        kind.read(raw(json))
    }

    #[test]
    fn values_of_the_right_type_fill_cells() {
        let cow = |s| Cow::Borrowed(s);
        for (kind, json, cell) in [
            (CellType::Id, r#""2062875508879110287""#, Cell::Id(cow("2062875508879110287"))),
            (CellType::Id, "2062875508879110287", Cell::Id(cow("2062875508879110287"))),
            (CellType::Integer, "-3", Cell::Integer(-3)),
            (CellType::Integer, r#""12""#, Cell::Integer(12)),
            (CellType::Boolean, "false", Cell::Boolean(false)),
            (CellType::Text, r#""""#, Cell::Text(cow(""))),
            (
                CellType::DateTime,
                r#""2026-06-05T14:03:21Z""#,
                Cell::DateTime(cow("2026-06-05T14:03:21Z")),
            ),
            (CellType::List, "[ 1 ]", Cell::Json(cow("[1]"))),
            (CellType::Object, "{}", Cell::Json(cow("{}"))),
            (CellType::Json, "7", Cell::Json(cow("7"))),
        ] {
            assert_eq!(read(kind, json), Some(cell), "{kind:?} {json}");
        }
    }

    #[test]
    fn values_of_another_type_do_not_fit() {
        for (kind, json) in [
            (CellType::Text, "1"),
            (CellType::Id, r#""12345678901234567890""#),
            (CellType::Id, r#""a""#),
            (CellType::Id, "1.5"),
            (CellType::Id, "-1"),
            (CellType::Integer, "1.0"),
            (CellType::Integer, "99999999999999999999"),
            (CellType::Integer, "[]"),
            (CellType::Boolean, r#""true""#),
            (CellType::Boolean, "1"),
            (CellType::DateTime, r#""yesterday, at noon.Z""#),
            (CellType::DateTime, r#""2026-06-05T14:03:21+02:00""#),
            (CellType::DateTime, r#""日本""#),
            (CellType::DateTime, r#""2026-02-30T14:03:21Z""#),
            (CellType::List, "{}"),
            (CellType::Object, "[]"),
        ] {
            assert_eq!(read(kind, json), None, "{kind:?} {json}");
        }
    }
}
