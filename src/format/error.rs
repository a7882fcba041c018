//! Why a file could not be written or merged.

use std::io;

/// Why a file could not be written or merged.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The page is not the one that its header describes.
    #[error("rows {from}..{to} are wanted of a page with {tweets} tweets")]
    NoSuchRows {
        /// The first row that is wanted.
        from: u64,
        /// The first row that is not.
        to: u64,
        /// How many there are.
        tweets: usize,
    },
    /// The part was written with other columns. Write it again from its pages.
    #[error("the part does not begin with the header of its format and profile")]
    OtherHeader,
    /// A chunk of one format in a file of another: a defect of the caller.
    #[error("these rows are encoded in another format than the file's")]
    OtherFormat,
    /// The format is not in this program. Use one that was built with it.
    #[error("this program was built without the format {0}")]
    NotBuiltIn(&'static str),
    /// The encoder of the format, or below it the sink, refused.
    #[cfg(feature = "parquet")]
    #[error("encode Parquet")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The sink or a compressor refused.
    #[error("write encoded rows")]
    Io(#[from] io::Error),
}
