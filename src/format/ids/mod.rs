//! The ids in a file that is there: which rows it has, in which order.
//!
//! Reads whatever a file of this program has been since its first version: the column `id` is found
//! by its name, and other columns may have come or gone. Promises one id for each row, or the reason
//! why the file can't be read; memory is eight bytes for each row and one row. Deliberately does not
//! look at other columns, nor at whether an id comes twice.

#[cfg(test)]
mod tests;

use super::formats;
pub use super::kind::{ReadAt, ReadAtPlaces, ReadForward, ReadIds};
use crate::model::TweetId;
use crate::model::spec::FileFormat;

/// How the ids of files of this format are read, or why they can't be.
pub fn reader(format: FileFormat) -> Result<ReadIds, String> {
    let kind = formats::of(format).map_err(|error| error.to_string())?;
    Ok(kind.ids())
}

/// Where two lists of ids differ first, for a person; `None`: nowhere.
pub fn first_difference(found: &[TweetId], expected: &[TweetId]) -> Option<String> {
    let row = found.iter().zip(expected).position(|(a, b)| a != b);
    let row =
        row.or_else(|| (found.len() != expected.len()).then(|| found.len().min(expected.len())))?;
    let shown = |ids: &[TweetId]| ids.get(row).map_or("none".to_owned(), ToString::to_string);
    let (found, wanted) = (shown(found), shown(expected));
    Some(format!("row {} is tweet {found}, the log says {wanted}", row + 1))
}
