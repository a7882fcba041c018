//! Posts as X sends them: the raw JSON of a page, cut into fields, and nothing more.
//!
//! X changes its fields without notice, in two vocabularies at once (see [`Dialect`]), and a field
//! that could not be read has cost others whole batches (DocNow/twarc-csv#53). So decoding here
//! only finds where each field begins and ends, under one name for both vocabularies: a value of
//! the wrong type can't fail it, a field that nobody knows is kept beside the others, and `null`
//! is the same as absent. What a value means is decided where it is used.
//!
//! Promises: as many tweets out as [`entries`] of `data` in, whatever they are; everything borrows from the [`Body`].
//! Deliberately does not: check ids, times or counts; follow references by itself; keep what
//! `includes` has beyond the five kinds that posts refer to (the stored body keeps it).
//!
//! [`Dialect`]: crate::model::spec::Dialect

mod body;
mod define;
pub mod drift;
mod field;
mod fields;
mod includes;
mod names;
mod object;
mod page;
mod post;
mod repair;
mod undecodable;

pub use body::Body;
pub use drift::Drift;
pub use field::Field;
pub use fields::*;
pub use includes::Includes;
pub use object::{Object, field, key};
pub use page::{Page, entries};
pub use post::id;
pub use undecodable::Undecodable;
