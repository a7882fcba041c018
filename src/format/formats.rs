//! Which formats there are: one line for each.

use super::FormatError;
use super::csv::Csv;
use super::jsonl::{JSONL, JSONL_GZ, JSONL_ZST};
use super::kind::{Format, Opening};
#[cfg(feature = "parquet")]
use super::parquet::Parquet;
use crate::model::spec::FileFormat;

/// A format, if it is in this program.
#[cfg_attr(
    feature = "parquet",
    expect(clippy::unnecessary_wraps, reason = "a build without Parquet has one format less")
)]
pub(super) fn find(format: FileFormat) -> Option<&'static dyn Format> {
    match format {
        FileFormat::Csv => Some(&Csv),
        FileFormat::Jsonl => Some(&JSONL),
        FileFormat::JsonlGz => Some(&JSONL_GZ),
        FileFormat::JsonlZst => Some(&JSONL_ZST),
        #[cfg(feature = "parquet")]
        FileFormat::Parquet => Some(&Parquet),
        #[cfg(not(feature = "parquet"))]
        FileFormat::Parquet => None,
    }
}

/// A format, which has to be in this program.
pub(super) fn of(format: FileFormat) -> Result<&'static dyn Format, FormatError> {
    find(format).ok_or(FormatError::NotBuiltIn(format.name()))
}

/// Whether rows of a format have the columns of a profile; not if the format is not in this program.
pub fn has_columns(format: FileFormat) -> bool {
    find(format).is_some_and(Format::has_columns)
}

/// How many chunks of a format it is worth to have ready before they can be written.
pub fn chunks_ahead(format: FileFormat) -> usize {
    find(format).map_or(0, Format::chunks_ahead)
}

/// How people open a file of a format, if it is in this program.
pub fn how_to_open(format: FileFormat, path: &str) -> Option<Opening> {
    find(format).map(|kind| kind.how_to_open(path))
}
