//! All files of a conversion: the rows, and tables beside them.
//!
//! They are written side by side and get their names one after the other when all are complete,
//! the rows last: who finds them finds the tables too.

use std::error::Error;
use std::io;

use super::error::ConvertError;
use super::out::{Destination, Out, publish};
use super::settings::Settings;
use super::summary::{SideSummary, Summary};
use super::work::Made;
use crate::columns::SideTable;
use crate::format::{Chunk, FileWriter, FormatError};

/// The files, as they are being written.
pub(super) struct Outputs<'c> {
    rows: Output<'c>,
    tables: Vec<(SideTable, Output<'c>)>,
}

/// One of them.
struct Output<'c> {
    file: FileWriter<Out>,
    to: &'c Destination,
}

impl<'c> Outputs<'c> {
    /// Begins all of them, or refuses before anything is converted.
    pub(super) fn begin(to: &'c Destination, settings: &'c Settings) -> Result<Self, ConvertError> {
        let Settings { format, profile, options, existing, threads, .. } = *settings;
        let file = FileWriter::new(format, profile, options, to.open(existing)?);
        let file = file.map_err(|error| of_format(error, to))?.with_threads(threads);
        let rows = Output { file, to };
        let mut tables = Vec::with_capacity(settings.tables.len());
        for side in &settings.tables {
            let (table, to) = (side.table, &side.out);
            let sink = to.open(existing)?;
            let file = FileWriter::of_table(table, format, profile, options, sink);
            tables.push((table, Output { file: file.map_err(|error| of_format(error, to))?, to }));
        }
        Ok(Self { rows, tables })
    }

    /// Appends what was made of a batch.
    pub(super) fn write(&mut self, made: &mut Made) -> Result<(), ConvertError> {
        self.rows.write(std::mem::take(&mut made.chunks))?;
        let tables = self.tables.iter_mut().zip(std::mem::take(&mut made.tables));
        tables.into_iter().try_for_each(|((_, output), chunks)| output.write(chunks))
    }

    /// Ends all of them, and says what there is.
    pub(super) fn finish(self, summary: &mut Summary) -> Result<(), ConvertError> {
        let mut sealed = Vec::with_capacity(self.tables.len() + 1);
        for (table, output) in self.tables {
            let (rows, cut) = (output.file.rows(), output.file.cells_cut());
            let done = output.end()?.seal()?;
            summary.tables.push(SideSummary { table, rows, bytes_out: done.bytes() });
            summary.cells_cut += cut;
            sealed.push(done);
        }
        summary.cells_cut += self.rows.file.cells_cut();
        let done = self.rows.end()?.seal()?;
        summary.bytes_out = done.bytes();
        sealed.push(done);
        publish(sealed)
    }
}

impl Output<'_> {
    fn write(&mut self, chunks: Vec<Chunk>) -> Result<(), ConvertError> {
        let mut chunks = chunks.into_iter();
        chunks
            .try_for_each(|chunk| self.file.chunk(chunk))
            .map_err(|error| of_format(error, self.to))
    }

    fn end(self) -> Result<Out, ConvertError> {
        self.file.finish().map_err(|error| of_format(error, self.to))
    }
}

/// What the sink refuses is about the output, whoever passed it on.
fn of_format(error: FormatError, out: &Destination) -> ConvertError {
    let outermost: &(dyn Error + 'static) = &error;
    let chain = std::iter::successors(Some(outermost), |&error| error.source());
    let refused = chain.filter_map(|error| error.downcast_ref::<io::Error>()).last();
    let copy = |error: &io::Error| match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    };
    match refused.map(copy) {
        Some(source) => ConvertError::Output { out: out.shown(), source },
        None => ConvertError::Format(error),
    }
}
