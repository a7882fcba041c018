//! What each format says of itself: how its files are written and read, and what people and programs
//! are told of them.
//!
//! The rest of the program knows no more of a format than this and its name
//! ([`crate::model::spec::FileFormat`]). [`super::formats`] has a line for each.

use std::any::Any;
use std::fmt::Debug;
use std::io::{Read, Write};
use std::num::NonZero;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::spare::{Buffer, Spare};
use super::{FormatError, Options};
use crate::columns::{Column, Entry, SideTable};
use crate::model::TweetId;
use crate::model::spec::{Columns, Profile};
use crate::tweet::{Page, Tweet};

/// A file format of this program.
pub(super) trait Format: Debug + Sync {
    /// Whether a row has the columns of a profile. If not, a row is a post with everything that
    /// belongs to it.
    fn has_columns(&self) -> bool;

    /// How a file with the rows of several parts is made.
    fn merging(&self) -> Merging {
        Merging::Encode
    }

    /// How a file begins whose parts are appended to it; and how each part begins.
    fn header(&self, _columns: Columns) -> Vec<u8> {
        Vec::new()
    }

    /// What a file without rows has beside its header.
    fn without_rows(&self) -> Result<Vec<u8>, FormatError> {
        Ok(Vec::new())
    }

    /// An encoder of rows.
    fn rows(&self, columns: Columns, options: Options) -> Box<dyn EncodeRows>;

    /// An encoder of the rows of a side table with these columns, beside rows of that profile.
    fn entries(
        &self,
        columns: &'static [Column],
        beside: Profile,
        options: Options,
    ) -> Box<dyn EncodeEntries>;

    /// An encoder of a file.
    fn file(&self, layout: FileColumns) -> Result<Box<dyn EncodeFile>, FormatError>;

    /// How many chunks it is worth to have ready before they can be written.
    fn chunks_ahead(&self) -> usize {
        2
    }

    /// How the ids of a file are read.
    fn ids(&self) -> ReadIds;

    /// What a data package says of its files.
    fn description(&self) -> Description;

    /// How people open a file.
    fn how_to_open(&self, path: &str) -> Opening;
}

/// What a data package says of a file (Frictionless Data Package 2.0, datapackage.org, read
/// 2026-11-22).
#[derive(Debug, Clone, Copy)]
pub(super) struct Description {
    /// The standard's name of the format.
    pub(super) format: &'static str,
    /// Of text.
    pub(super) encoding: Option<&'static str>,
    /// The standard's name of the compression, if it knows it. Its programs refuse what they do not
    /// know.
    pub(super) compression: Option<&'static str>,
    /// Whether it is a table.
    pub(super) table: Table,
}

/// Whether a file is a table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Table {
    /// It is none.
    No,
    /// Of cells with types.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "of Parquet so far"))]
    Typed,
    /// Of cells that are text, with such marks between them.
    Text {
        /// The standard's description of the marks.
        dialect: fn() -> serde_json::Value,
    },
}

/// How people open a file, ids unharmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The function of pandas, with its arguments.
    pub pandas: String,
    /// What stands behind `from` in `DuckDB`.
    pub duckdb: String,
    /// What a person with a spreadsheet has to know, if anything.
    pub spreadsheet: Option<&'static str>,
}

/// The columns of a file, and what they are of.
pub(super) struct FileColumns {
    /// The table beside the rows that it holds; `None`: it holds the rows.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "of Parquet so far"))]
    pub(super) table: Option<SideTable>,
    /// Its columns, in order.
    pub(super) columns: Vec<&'static Column>,
    /// What was asked for beyond that.
    pub(super) options: Options,
}

/// How a file with the rows of several parts is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merging {
    /// The header once, then the parts, each [`WithoutHeader`](super::WithoutHeader).
    Append,
    /// From the pages, like a part: the format's parts, one after the other, are no file of it, or
    /// one of which many programs read only the first part.
    Encode,
}

/// Rows to the content of chunks.
pub(super) trait EncodeRows: Debug + Send {
    /// Adds rows of tweets that are in a page.
    fn page<'p>(&mut self, page: &'p Page<'p>, tweets: &mut dyn Iterator<Item = &'p Tweet<'p>>);

    /// Whether the rows are enough for a chunk.
    fn is_full(&self) -> bool;

    /// The rows since the last call.
    fn take(&mut self, spare: &Spare) -> Result<Taken, FormatError>;
}

/// Rows of a side table to the content of chunks.
pub(super) trait EncodeEntries: Debug + Send {
    /// Adds a row.
    fn push(&mut self, entry: &Entry<'_>);

    /// Bytes that the rows since the last chunk take, roughly.
    fn bytes(&self) -> usize;

    /// The rows since the last call.
    fn take(&mut self) -> Result<Taken, FormatError>;
}

/// Rows that are encoded.
#[derive(Debug)]
pub(super) struct Taken {
    /// The rows.
    pub(super) content: Content,
    /// Cells of them of which the end is missing.
    pub(super) cells_cut: u64,
}

impl Taken {
    /// Bytes of which no cell was cut.
    pub(super) fn bytes(bytes: impl Into<Buffer>) -> Self {
        Self { content: Content::Bytes(bytes.into()), cells_cut: 0 }
    }
}

/// What a chunk is.
#[derive(Debug)]
pub(super) enum Content {
    /// Bytes of the file, or what a compressor makes them of.
    Bytes(Buffer),
    /// What only the format's own file can use.
    #[cfg_attr(not(feature = "parquet"), expect(dead_code, reason = "of Parquet so far"))]
    Gathered(Box<dyn Any + Send>),
}

/// Content of chunks to a file. What is to stand in the file is written to `out`, in that order;
/// an encoder may keep some of it back until the end.
pub(super) trait EncodeFile: Send {
    /// Begins the file.
    fn begin(&mut self, _out: &mut dyn Write) -> Result<(), FormatError> {
        Ok(())
    }

    /// Appends rows, at least one.
    fn chunk(&mut self, content: Content, out: &mut dyn Write) -> Result<(), FormatError>;

    /// Ends the file.
    fn finish(self: Box<Self>, _out: &mut dyn Write) -> Result<(), FormatError> {
        Ok(())
    }

    /// On how many threads it may compress. Without a word it is one.
    fn set_threads(&mut self, _threads: NonZero<usize>) {}
}

/// The ids of the rows of a file that is read from its beginning, or why they can't be read.
pub type ReadForward = fn(&mut dyn Read) -> Result<Vec<TweetId>, String>;

/// The same of a file that is read here and there.
pub type ReadAtPlaces = fn(Arc<dyn ReadAt>) -> Result<Vec<TweetId>, String>;

/// How the ids of a file are read.
#[derive(Clone, Copy)]
pub enum ReadIds {
    /// From its beginning to its end.
    Forward(ReadForward),
    /// Here and there.
    AtPlaces(ReadAtPlaces),
}

/// A file that is read here and there.
pub trait ReadAt: Send + Sync {
    /// Its size in bytes.
    fn size(&self) -> u64;

    /// Some of its bytes; fewer where the file ends before.
    fn read_at(&self, range: Range<u64>) -> std::io::Result<Bytes>;
}
