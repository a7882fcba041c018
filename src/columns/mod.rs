//! The dictionary of columns: the one place that says which there are, what they mean, and where
//! they come from; and what stands in a row.
//!
//! A [`Row`] is a post with everything that belongs to it. A [`Column`] says which value of it
//! stands where, and a [`Cell`] is such a value. How cells become bytes is not decided here.
//!
//! Files, `datapackage.json` and `docs/output.md` are made from the dictionary. The first 25
//! columns are those of mistnet's predecessor, under its names and in its order; a new column goes
//! to the end, just before `extra`, so that the columns of older files keep their places. The
//! profile `twarc` is a table of its own, with the names and the notation of another program. Side
//! tables ([`SideTable`]) stand beside the rows.
//!
//! Promises: a value of a surprising type is an empty cell, and its JSON is in `extra`; what has no
//! column is in `extra`.

mod cell;
mod column;
mod derived;
mod extra;
mod full;
pub(crate) mod instant;
pub(crate) mod json;
mod list;
mod origin;
mod original;
mod profiles;
pub(crate) mod retweet;
mod row;
mod sent;
mod tables;
pub(crate) mod twarc;

pub use cell::{Cell, CellType};
pub(crate) use cell::{Cells, is_id};
pub use column::Column;
pub use extra::Leftover;
pub(crate) use list::List;
pub use profiles::of;
pub(crate) use profiles::{boolean, each_cell};
pub use row::Row;
pub use tables::SideTable;
pub(crate) use tables::{Entry, marks};
