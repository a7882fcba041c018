//! One value in twarc-csv's notation.

use super::notation;
use crate::columns::cell::{Cell, CellType};
use crate::json::Raw;

/// A value in twarc-csv's notation. One that does not fit its column is an empty cell, except that
/// anything is a text.
pub(super) fn cell(kind: CellType, raw: Option<Raw<'_>>) -> Cell<'_> {
    let Some(raw) = raw else { return Cell::Absent };
    let json = |fits: bool| fits.then(|| Cell::Json(notation::dumps(raw.get()).into()));
    let cell = match kind {
        CellType::Text => Some(Cell::Text(match raw.text() {
            Some(text) => notation::text(text),
            None => notation::value(raw.get()),
        })),
        CellType::List => json(raw.is_array()),
        CellType::Object => json(raw.is_object()),
        CellType::Json => json(true),
        CellType::Id | CellType::Integer | CellType::Boolean | CellType::DateTime => kind.read(raw),
    };
    cell.unwrap_or(Cell::Absent)
}
