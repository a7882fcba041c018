//! Several parts to one file.

use super::kind::{Format, Merging};
use super::{FormatError, formats};
use crate::model::spec::{Columns, FileFormat};

/// How parts of this format are merged.
pub fn merging(format: FileFormat) -> Merging {
    formats::find(format).map_or(Merging::Encode, Format::merging)
}

/// How a file of this format and profile begins whose parts are appended to it; and how each part
/// begins.
pub fn header(format: FileFormat, columns: impl Into<Columns>) -> Vec<u8> {
    formats::find(format).map(|kind| kind.header(columns.into())).unwrap_or_default()
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
    pub fn new(format: FileFormat, columns: impl Into<Columns>) -> Self {
        Self { header: header(format, columns), seen: 0 }
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
