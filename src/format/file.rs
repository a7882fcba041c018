//! Chunks to a file: what is done once, in the order of the rows.

use std::io::Write;
use std::num::NonZero;

use super::kind::{EncodeFile, FileColumns};
use super::{Chunk, FormatError, Options, formats};
use crate::columns::{self, Column, SideTable};
use crate::model::spec::{Columns, FileFormat};

/// Writes a file into a sink, chunk by chunk. What a chunk holds is in the sink when
/// [`FileWriter::chunk`] returns, except for what a compressor holds back, and in Parquet the rows
/// of a row group that is not full yet.
pub struct FileWriter<W: Write + Send> {
    format: FileFormat,
    rows: u64,
    cells_cut: u64,
    encode: Box<dyn EncodeFile>,
    sink: W,
}

impl<W: Write + Send> FileWriter<W> {
    /// Begins a file; writes its header, if it has one. Its chunks must be made with the same
    /// options.
    pub fn new(
        format: FileFormat,
        columns: impl Into<Columns>,
        options: Options,
        sink: W,
    ) -> Result<Self, FormatError> {
        Self::begin(format, None, columns::of(columns), options, sink)
    }

    /// The same for a table beside rows of that profile.
    pub fn of_table(
        table: SideTable,
        format: FileFormat,
        columns: impl Into<Columns>,
        options: Options,
        sink: W,
    ) -> Result<Self, FormatError> {
        Self::begin(format, Some(table), table.columns(columns), options, sink)
    }

    fn begin(
        format: FileFormat,
        table: Option<SideTable>,
        columns: impl Iterator<Item = &'static Column>,
        options: Options,
        mut sink: W,
    ) -> Result<Self, FormatError> {
        let columns = FileColumns { table, columns: columns.collect(), options };
        let mut encode = formats::of(format)?.file(columns)?;
        encode.begin(&mut sink)?;
        Ok(Self { format, rows: 0, cells_cut: 0, encode, sink })
    }

    /// On how many threads this one may compress. Without a word it is one.
    #[must_use]
    pub fn with_threads(mut self, threads: NonZero<usize>) -> Self {
        self.encode.set_threads(threads);
        self
    }

    /// Appends rows.
    pub fn chunk(&mut self, chunk: Chunk) -> Result<(), FormatError> {
        let Chunk { format, rows, cells_cut, content } = chunk;
        if format != self.format {
            return Err(FormatError::OtherFormat);
        }
        if rows > 0 {
            self.encode.chunk(content, &mut self.sink)?;
        }
        self.rows += rows;
        self.cells_cut += cells_cut;
        Ok(())
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Cells so far of which the end is missing ([`Reader::Spreadsheets`](super::Reader)).
    pub fn cells_cut(&self) -> u64 {
        self.cells_cut
    }

    /// The sink, so that what has arrived can be taken out of it.
    pub fn sink(&mut self) -> &mut W {
        &mut self.sink
    }

    /// Ends the file. The sink is not flushed: what that takes depends on what it is.
    pub fn finish(mut self) -> Result<W, FormatError> {
        if self.rows == 0 {
            self.sink.write_all(&formats::of(self.format)?.without_rows()?)?;
        }
        self.encode.finish(&mut self.sink)?;
        Ok(self.sink)
    }
}

impl<W: Write + Send> std::fmt::Debug for FileWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { format, rows, .. } = self;
        f.debug_struct("FileWriter")
            .field("format", format)
            .field("rows", rows)
            .finish_non_exhaustive()
    }
}
