//! The 84 columns of twarc-csv 0.7.2: its names, its order, and what its `twarc2 csv` writes with
//! its default options, whichever dialect a page speaks.
//!
//! Its behaviour was read and observed (twarc 2.14.0, pandas 2.3.3, 2026-11-23);
//! `tests/witness/twarc_csv.py` compares every cell with what it writes. Where the two differ and
//! why is [`DIFFERENCES`], of which `docs/output.md` is made.
//!
//! There is no column `extra`, so what has no column here is only in the pages.

mod cell;
mod differences;
mod list;
mod notation;
mod row;
mod source;
mod table;

pub(crate) use differences::{DIFFERENCES, Difference};
pub(super) use source::Source;
pub(super) use table::COLUMNS;

use self::row::Merged;
use crate::columns::cell::Cells;
use crate::columns::row::Row;

/// Reads every column in order.
pub(crate) fn each_cell(row: &Row<'_>, cells: &mut impl Cells) {
    let merged = Merged::new(row);
    for column in COLUMNS {
        merged.hand_on(column, cells);
    }
}
