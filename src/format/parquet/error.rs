//! Errors of our own in the type of the crate.

use parquet::errors::ParquetError;

/// Something that is no error of the crate.
pub(super) fn wrong(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}
