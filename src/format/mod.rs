//! From pages to files: which columns there are, what stands in them, and how a file is written.
//!
//! A part is written page by page: [`PartWriter::page`] takes the rows that count of a page, and
//! [`PartWriter::finish`] gives the file. Memory is one part and one page, however long the
//! collection is. The bytes are a pure function of format, profile and pages, so that a part that
//! is made twice is the same.
//!
//! Promises, held by `contract` for every format: rows out = tweets in; a field of a surprising
//! type is an empty cell and its JSON is in `extra`; parts merge into one file as one header and
//! the bodies after it ([`header`], [`WithoutHeader`]).
//!
//! Deliberately does not: store anything, know what a collection is, drop duplicates.

mod cell;
pub mod columns;
mod csv;
mod document;
mod extra;
mod json;
mod package;
mod row;

#[cfg(test)]
mod contract;
#[cfg(test)]
mod defects;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod sample;

pub use cell::{Cell, Kind};
pub use document::document;
pub use extra::Leftover;
pub use package::{Package, data_package};
pub use row::Row;

use crate::model::record::Span;
use crate::model::spec::{FileFormat, Profile};
use crate::model::tweet::Page;

/// Writes one part in one format.
#[derive(Debug)]
pub struct PartWriter {
    encoder: csv::CsvEncoder,
}

/// A part that is ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// Rows in it, without the header.
    pub rows: u64,
}

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
    /// The encoder of the format refused.
    #[error("encode CSV")]
    Csv(#[from] ::csv::Error),
}

impl PartWriter {
    /// Begins a part.
    pub fn new(format: FileFormat, profile: Profile) -> Result<Self, FormatError> {
        match format {
            FileFormat::Csv => Ok(Self { encoder: csv::CsvEncoder::new(profile)? }),
        }
    }

    /// Adds the rows of a page that lie in `spans`.
    pub fn page(&mut self, page: &Page<'_>, spans: &[Span]) -> Result<(), FormatError> {
        for span in spans {
            let missing =
                FormatError::NoSuchRows { from: span.from, to: span.to, tweets: page.tweets.len() };
            let bounds = usize::try_from(span.from).ok().zip(usize::try_from(span.to).ok());
            let tweets = bounds.and_then(|(from, to)| page.tweets.get(from..to)).ok_or(missing)?;
            for tweet in tweets {
                self.encoder.row(&Row::new(page, tweet))?;
            }
        }
        Ok(())
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.encoder.rows()
    }

    /// Ends the part.
    pub fn finish(self) -> Result<Encoded, FormatError> {
        let rows = self.encoder.rows();
        Ok(Encoded { bytes: self.encoder.finish()?, rows })
    }
}

/// How a file of this format and profile begins: once in a merged file, and in every part.
pub fn header(format: FileFormat, profile: Profile) -> Result<Vec<u8>, FormatError> {
    Ok(PartWriter::new(format, profile)?.finish()?.bytes)
}

/// Takes the header off a stored part that is read piece by piece.
///
/// Refuses a part with another header, which an older version may have written: its rows must not
/// be merged under the names of today's columns.
#[derive(Debug)]
pub struct WithoutHeader {
    header: Vec<u8>,
    seen: usize,
}

impl WithoutHeader {
    /// For one part.
    pub fn new(format: FileFormat, profile: Profile) -> Result<Self, FormatError> {
        Ok(Self { header: header(format, profile)?, seen: 0 })
    }

    /// What of the next piece are rows.
    pub fn rows<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], FormatError> {
        let expected = self.header.get(self.seen..).unwrap_or_default();
        let (head, rows) = piece.split_at(expected.len().min(piece.len()));
        if !expected.starts_with(head) {
            return Err(FormatError::OtherHeader);
        }
        self.seen += head.len();
        Ok(rows)
    }

    /// Refuses a part that ends within its header.
    pub fn finish(self) -> Result<(), FormatError> {
        if self.seen == self.header.len() { Ok(()) } else { Err(FormatError::OtherHeader) }
    }
}

/// The media type of a format (RFC 7111).
pub const fn media_type(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => "text/csv; charset=utf-8",
    }
}
