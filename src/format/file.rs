//! Chunks to a file: what is done once, in the order of the rows.

use std::io::Write;
use std::num::NonZero;

use super::encoder::Content;
#[cfg(feature = "parquet")]
use super::parquet::ParquetFile;
use super::{Chunk, FormatError, Options, csv, jsonl};
use crate::columns::{self, Column, SideTable};
use crate::model::spec::{Columns, FileFormat};

/// Writes a file into a sink, chunk by chunk. What a chunk holds is in the sink when
/// [`FileWriter::chunk`] returns, except for what a compressor holds back, and in Parquet the rows
/// of a row group that is not full yet.
pub struct FileWriter<W: Write + Send> {
    format: FileFormat,
    rows: u64,
    cells_cut: u64,
    sink: Sink<W>,
}

enum Sink<W: Write + Send> {
    Plain(W),
    /// One frame: after the first, some readers stop and say nothing (`decompress` of Python's
    /// zstandard 0.25.0, tried 2026-11-23).
    Zstd(zstd::Encoder<'static, W>),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetFile<W>>),
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
        let sink = match format {
            FileFormat::Csv => {
                sink.write_all(&csv::beginning(options, csv::header_of(columns)))?;
                Sink::Plain(sink)
            }
            FileFormat::Jsonl | FileFormat::JsonlGz => Sink::Plain(sink),
            FileFormat::JsonlZst => Sink::Zstd(jsonl::zstd_frame(sink)?),
            #[cfg(feature = "parquet")]
            FileFormat::Parquet => Sink::Parquet(Box::new(ParquetFile::new(table, columns, sink)?)),
            #[cfg(not(feature = "parquet"))]
            FileFormat::Parquet => {
                let _ = table;
                return Err(FormatError::NotBuiltIn(format.name()));
            }
        };
        Ok(Self { format, rows: 0, cells_cut: 0, sink })
    }

    /// On how many threads this one may compress. Without a word it is one.
    #[must_use]
    pub fn with_threads(mut self, threads: NonZero<usize>) -> Self {
        match &mut self.sink {
            #[cfg(feature = "parquet")]
            Sink::Parquet(file) => file.set_threads(threads),
            // Gzip is compressed chunk by chunk, and zstd as fast as it is written.
            Sink::Plain(_) | Sink::Zstd(_) => _ = threads,
        }
        self
    }

    /// Appends rows.
    pub fn chunk(&mut self, chunk: Chunk) -> Result<(), FormatError> {
        let Chunk { format, rows, cells_cut, content } = chunk;
        if format != self.format {
            return Err(FormatError::OtherFormat);
        }
        match (&mut self.sink, content) {
            (Sink::Plain(_), Content::Bytes(_)) if rows == 0 => {}
            (Sink::Plain(sink), Content::Bytes(bytes)) => sink.write_all(&bytes)?,
            (Sink::Zstd(frame), Content::Bytes(bytes)) => frame.write_all(&bytes)?,
            #[cfg(feature = "parquet")]
            (Sink::Parquet(file), Content::Rows(rows)) => file.rows(rows)?,
            #[cfg(feature = "parquet")]
            _ => return Err(FormatError::OtherFormat),
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
        match &mut self.sink {
            Sink::Plain(sink) => sink,
            Sink::Zstd(frame) => frame.get_mut(),
            #[cfg(feature = "parquet")]
            Sink::Parquet(file) => file.sink(),
        }
    }

    /// Ends the file. The sink is not flushed: what that takes depends on what it is.
    pub fn finish(self) -> Result<W, FormatError> {
        match self.sink {
            Sink::Plain(mut sink) => {
                // A file of no bytes is no gzip file.
                if self.format == FileFormat::JsonlGz && self.rows == 0 {
                    sink.write_all(&jsonl::gzip_member(&[])?)?;
                }
                Ok(sink)
            }
            Sink::Zstd(frame) => Ok(frame.finish()?),
            #[cfg(feature = "parquet")]
            Sink::Parquet(file) => Ok(file.finish()?),
        }
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
