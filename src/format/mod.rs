//! From pages to files: which columns there are, what stands in them, and how a file is written.
//!
//! An [`Encoder`] turns rows into [`Chunk`]s, and a [`FileWriter`] puts chunks together to a file
//! in any sink. Chunks know nothing of each other, so several threads may make them, one encoder
//! each; only their order matters. A [`PartWriter`] is both for a file that fits in memory. The
//! bytes are a pure function of format, profile, rows and where chunks are cut, so that a part
//! that is made twice is the same.
//!
//! Promises, held by `contract` for every format: rows out = tweets in; a field of a surprising
//! type is an empty cell and its JSON is in `extra`; memory is one chunk ([`Encoder::is_full`])
//! and one page, and of Parquet one row group, however long the file is.
//!
//! Files that are there are read for their ids only ([`ids`]).
//!
//! Deliberately does not: store anything, know what a collection is, drop duplicates.

mod csv;
mod encoder;
mod error;
mod file;
pub mod ids;
mod jsonl;
mod merge;
mod options;
mod package;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod spare;
mod tables;

#[cfg(test)]
mod changes;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod crowds;
#[cfg(test)]
mod defects;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod retweets;
#[cfg(test)]
mod sample;

pub use encoder::{Chunk, Encoder};
pub use error::FormatError;
pub use file::FileWriter;
pub use merge::{Merging, WithoutHeader, header, merging};
pub use options::{Newlines, Options, Reader, Retweets};
pub use package::{Package, data_package};
pub use part::{Encoded, PartWriter};
pub use spare::Spare;
pub use tables::TableEncoder;

use crate::model::spec::FileFormat;

/// The media type of a format: RFC 7111 for CSV; application/x-ndjson is what programs call JSON
/// Lines, which have none that is registered (github.com/ndjson/ndjson-spec); RFC 6713 and RFC
/// 8878 for what is compressed; Parquet's is registered (iana.org/assignments/media-types).
pub const fn media_type(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => "text/csv; charset=utf-8",
        FileFormat::Jsonl => "application/x-ndjson",
        FileFormat::JsonlGz => "application/gzip",
        FileFormat::JsonlZst => "application/zstd",
        FileFormat::Parquet => "application/vnd.apache.parquet",
    }
}
