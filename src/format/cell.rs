//! What stands in a cell, and how raw JSON becomes it.

use std::borrow::Cow;

use crate::json::Raw;

use super::extra::Leftover;
use super::list::List;
use super::{instant, json};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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

impl Kind {
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
    pub(super) fn read(self, raw: Raw<'_>) -> Option<Cell<'_>> {
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
    /// See [`Kind::Text`].
    Text(Cow<'r, str>),
    /// See [`Kind::Id`].
    Id(Cow<'r, str>),
    /// See [`Kind::Integer`].
    Integer(i64),
    /// See [`Kind::Boolean`].
    Boolean(bool),
    /// See [`Kind::DateTime`].
    DateTime(Cow<'r, str>),
    /// See [`Kind::List`], [`Kind::Object`], [`Kind::Json`].
    Json(Cow<'r, str>),
    /// See [`Kind::List`].
    List(List<'r>),
    /// Something came that does not fit the column.
    Misfit(Leftover<'r>),
}

/// A number may come as a string: ids always do, counts now and then (docs.x.com, OpenAPI 2.166
/// and 2.167 differ about `verified_followers_count`, read 2026-08-22).
fn digits(raw: Raw<'_>) -> Option<Cow<'_, str>> {
    raw.text().or_else(|| Some(Cow::Borrowed(raw.get())))
}

/// Whether it is what [`Kind::Id`] says.
pub(super) fn is_id(text: &[u8]) -> bool {
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

    fn read(kind: Kind, json: &str) -> Option<Cell<'static>> {
        kind.read(raw(json))
    }

    #[test]
    fn values_of_the_right_type_fill_cells() {
        let cow = |s| Cow::Borrowed(s);
        for (kind, json, cell) in [
            (Kind::Id, r#""2062875508879110287""#, Cell::Id(cow("2062875508879110287"))),
            (Kind::Id, "2062875508879110287", Cell::Id(cow("2062875508879110287"))),
            (Kind::Integer, "-3", Cell::Integer(-3)),
            (Kind::Integer, r#""12""#, Cell::Integer(12)),
            (Kind::Boolean, "false", Cell::Boolean(false)),
            (Kind::Text, r#""""#, Cell::Text(cow(""))),
            (
                Kind::DateTime,
                r#""2026-06-05T14:03:21Z""#,
                Cell::DateTime(cow("2026-06-05T14:03:21Z")),
            ),
            (Kind::List, "[ 1 ]", Cell::Json(cow("[1]"))),
            (Kind::Object, "{}", Cell::Json(cow("{}"))),
            (Kind::Json, "7", Cell::Json(cow("7"))),
        ] {
            assert_eq!(read(kind, json), Some(cell), "{kind:?} {json}");
        }
    }

    #[test]
    fn values_of_another_type_do_not_fit() {
        for (kind, json) in [
            (Kind::Text, "1"),
            (Kind::Id, r#""12345678901234567890""#),
            (Kind::Id, r#""a""#),
            (Kind::Id, "1.5"),
            (Kind::Id, "-1"),
            (Kind::Integer, "1.0"),
            (Kind::Integer, "99999999999999999999"),
            (Kind::Integer, "[]"),
            (Kind::Boolean, r#""true""#),
            (Kind::Boolean, "1"),
            (Kind::DateTime, r#""yesterday, at noon.Z""#),
            (Kind::DateTime, r#""2026-06-05T14:03:21+02:00""#),
            (Kind::DateTime, r#""日本""#),
            (Kind::DateTime, r#""2026-02-30T14:03:21Z""#),
            (Kind::List, "{}"),
            (Kind::Object, "[]"),
        ] {
            assert_eq!(read(kind, json), None, "{kind:?} {json}");
        }
    }
}
