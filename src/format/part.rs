//! A file that is made in memory.

use super::{Encoder, FileWriter, FormatError, Options};
use crate::model::record::Span;
use crate::model::spec::{FileFormat, Profile};
use crate::model::tweet::Page;

/// Writes one part in one format, page by page.
#[derive(Debug)]
pub struct PartWriter {
    encoder: Encoder,
    file: FileWriter<Vec<u8>>,
}

/// A part that is ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// Rows in it, without the header.
    pub rows: u64,
}

impl PartWriter {
    /// Begins a part.
    pub fn new(format: FileFormat, profile: Profile) -> Result<Self, FormatError> {
        let file = FileWriter::new(format, profile, Options::default(), Vec::new())?;
        Ok(Self { encoder: Encoder::new(format, profile, Options::default())?, file })
    }

    /// Adds the rows of a page that lie in `spans`.
    pub fn page(&mut self, page: &Page<'_>, spans: &[Span]) -> Result<(), FormatError> {
        self.encoder.page(page, spans)?;
        if self.encoder.is_full() { self.file.chunk(self.encoder.chunk()?) } else { Ok(()) }
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.file.rows() + self.encoder.rows()
    }

    /// What there is of the file so far; the next call gives what comes after it.
    pub fn drain(&mut self) -> Vec<u8> {
        std::mem::take(self.file.sink())
    }

    /// Ends the part; without what was drained from it.
    pub fn finish(mut self) -> Result<Encoded, FormatError> {
        self.file.chunk(self.encoder.chunk()?)?;
        let rows = self.file.rows();
        Ok(Encoded { bytes: self.file.finish()?, rows })
    }
}
