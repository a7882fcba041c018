//! Rows to files, and back as far as ids go. Which columns there are, and what stands in them, is for
//! [`crate::columns`] to say; what each format does in its own way, for [`kind::Format`].
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
mod document;
mod encoder;
mod error;
mod file;
mod formats;
pub mod ids;
mod jsonl;
mod kind;
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

pub use document::document;
pub use encoder::{Chunk, Encoder};
pub use error::FormatError;
pub use file::FileWriter;
pub use formats::{chunks_ahead, has_columns, how_to_open};
pub use kind::{Merging, Opening};
pub use merge::{WithoutHeader, header, merging};
pub use options::{Newlines, Options, Reader, Retweets};
pub use package::{Package, data_package};
pub use part::{Encoded, PartWriter};
pub use spare::Spare;
pub use tables::TableEncoder;
