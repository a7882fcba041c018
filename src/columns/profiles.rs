//! Which columns a profile has, and reading them all for a row.

use super::cell::{Cell, Cells};
use super::column::{Column, Origin};
use super::extra::Leftover;
use super::row::Row;
use super::{full, original, twarc};
use crate::model::spec::{Columns, Profile};

/// The columns of a profile, in order: as they are now, or as they were in a version.
///
/// A collection keeps the columns that it was accepted with, or the header of its parts would
/// change in the middle of it. So whoever adds a column to `full` raises [`COLUMNS`] and says in
/// [`full::in_version`] where the older versions end; `extra` stays the last of all.
///
/// [`COLUMNS`]: crate::model::spec::COLUMNS
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
pub(crate) const fn boolean(profile: Profile, value: bool) -> &'static str {
    match (profile, value) {
        (Profile::Twarc, true) => "True",
        (Profile::Twarc, false) => "False",
        (Profile::Original | Profile::Full, true) => "true",
        (Profile::Original | Profile::Full, false) => "false",
    }
}

/// Reads every column of a row in order.
pub(crate) fn each_cell(row: &Row<'_>, columns: Columns, cells: &mut impl Cells) {
    if columns.profile == Profile::Twarc {
        return twarc::each_cell(row, cells);
    }
    let mut misfits = Vec::new();
    of(columns).for_each(|column| match column.origin {
        Origin::Derived(derived) => hand_on(&derived.read(row), cells, &mut misfits),
        Origin::Extra => cells.cell(&row.extra(&misfits)),
        Origin::Field(field) => match row.get(field) {
            None => cells.cell(&Cell::Absent),
            Some(raw) if cells.as_it_stands(column.kind, raw) => {}
            Some(raw) => hand_on(&column.read(raw), cells, &mut misfits),
        },
        // No profile that is read here has such a column.
        Origin::Twarc(_) | Origin::Side(_) => cells.cell(&Cell::Absent),
    });
}

/// Hands on what was read, and keeps what did not fit.
fn hand_on<'r>(cell: &Cell<'r>, cells: &mut impl Cells, misfits: &mut Vec<Leftover<'r>>) {
    if let Cell::Misfit(leftover) = cell {
        misfits.push(leftover.clone());
    }
    cells.cell(cell);
}
