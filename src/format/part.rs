//! A file that is made in memory.
//!
//! Where chunks are simply laid one behind the other, the file is the list of them: nothing is
//! copied into one long piece of memory that somebody else would cut up again.

use bytes::Bytes;

use super::kind::Content;
use super::{Encoder, FileWriter, FormatError, Merging, Options, formats, header, merging};
use crate::model::record::Span;
use crate::model::spec::{Columns, FileFormat};
use crate::tweet::Page;

/// Writes one part in one format, page by page.
#[derive(Debug)]
pub struct PartWriter {
    encoder: Encoder,
    file: File,
}

#[derive(Debug)]
enum File {
    /// The header and the chunks.
    Plain { format: FileFormat, pieces: Vec<Bytes>, rows: u64 },
    /// Chunks go through a compressor, or are no bytes yet.
    Framed(FileWriter<Vec<u8>>),
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
    pub fn new(format: FileFormat, columns: impl Into<Columns>) -> Result<Self, FormatError> {
        let columns = columns.into();
        let encoder = Encoder::new(format, columns, Options::default())?;
        let file = match merging(format) {
            Merging::Append => {
                let pieces = vec![Bytes::from(header(format, columns))];
                File::Plain { format, pieces, rows: 0 }
            }
            Merging::Encode => {
                File::Framed(FileWriter::new(format, columns, Options::default(), Vec::new())?)
            }
        };
        Ok(Self { encoder, file })
    }

    /// Adds the rows of a page that lie in `spans`.
    pub fn page(&mut self, page: &Page<'_>, spans: &[Span]) -> Result<(), FormatError> {
        self.encoder.page(page, spans)?;
        if self.encoder.is_full() { self.chunk() } else { Ok(()) }
    }

    fn chunk(&mut self) -> Result<(), FormatError> {
        let chunk = self.encoder.chunk()?;
        match &mut self.file {
            File::Plain { pieces, rows, .. } => {
                *rows += chunk.rows;
                match chunk.content {
                    Content::Bytes(bytes) if chunk.rows > 0 => {
                        pieces.push(Bytes::from_owner(bytes));
                    }
                    _ => {}
                }
                Ok(())
            }
            File::Framed(file) => file.chunk(chunk),
        }
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        let in_file = match &self.file {
            File::Plain { rows, .. } => *rows,
            File::Framed(file) => file.rows(),
        };
        in_file + self.encoder.rows()
    }

    /// What there is of the file so far; the next call gives what comes after it.
    pub fn drain(&mut self) -> Vec<u8> {
        match &mut self.file {
            File::Plain { pieces, .. } => std::mem::take(pieces).concat(),
            File::Framed(file) => std::mem::take(file.sink()),
        }
    }

    /// Ends the part; without what was drained from it.
    pub fn finish(self) -> Result<Encoded, FormatError> {
        let rows = self.rows();
        Ok(Encoded { bytes: self.finish_in_pieces()?.concat(), rows })
    }

    /// The same in pieces, one behind the other.
    pub fn finish_in_pieces(mut self) -> Result<Vec<Bytes>, FormatError> {
        self.chunk()?;
        match self.file {
            File::Plain { format, mut pieces, rows: 0 } => {
                pieces.push(formats::of(format)?.without_rows()?.into());
                Ok(pieces)
            }
            File::Plain { pieces, .. } => Ok(pieces),
            File::Framed(file) => Ok(vec![file.finish()?.into()]),
        }
    }
}
