//! Apache Parquet: columns with types, compressed, for programs that read some of them.
//!
//! The columns are those of the profile, with the types that their kinds allow ([`schema`]). Rows
//! are gathered column by column, by several encoders at once if need be; the file puts what they
//! gathered together, and writes a row group when there is enough ([`group`]). The bytes name
//! neither the version of this program nor that of a library.
//!
//! Deliberately does not: sort rows, write bloom filters or page indexes (rows are in the order of
//! their ids already, and statistics of a group say which ones it has).

mod column;
mod error;
mod group;
mod leaf;
mod schema;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::num::NonZero;
use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;

use crate::columns::{self, Cell, CellType, Cells, Row, SideTable};
use crate::json::Raw;
use crate::model::spec::Columns;
use column::Column;
use schema::Schema;

/// How many bytes of cells a row group has, give or take a page. DuckDB's own groups have 122,880
/// rows (duckdb.org/docs/2.0/data/parquet/tips, read 2026-11-23); this is the most that fits into
/// 160 MiB when one group is gathered while another is compressed, some 20,000 rows of all columns
/// or 50,000 of the original ones.
const GROUP_BYTES: usize = 32 << 20;

/// The same of a table beside the rows: there may be six of them, and 24 MiB more is what they may
/// take. Most of their rows are short, so a group has tens of thousands all the same.
const SIDE_GROUP_BYTES: usize = 4 << 20;

/// How many rows are in a group, give or take a page, however short they are.
const GROUP_ROWS: usize = 1 << 17;

/// How many bytes of cells are gathered before they are handed to the file, give or take a page.
const CHUNK_BYTES: usize = 1 << 20;

/// Gathers rows, column by column.
#[derive(Debug)]
pub(super) struct ParquetEncoder {
    columns: Columns,
    rows: Rows,
}

/// Rows whose cells are gathered by column, and not compressed yet.
#[derive(Debug)]
pub(super) struct Rows {
    columns: Vec<Column>,
    count: usize,
}

impl Rows {
    /// No rows, with these columns.
    pub(super) fn of(columns: impl Iterator<Item = &'static columns::Column>) -> Self {
        Self { columns: columns.map(Column::new).collect(), count: 0 }
    }

    /// Begins a row.
    pub(super) fn row(&mut self) -> Pushing<'_> {
        self.count += 1;
        Pushing { columns: &mut self.columns, next: 0 }
    }

    /// Bytes that are gathered, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum()
    }

    /// Takes the rows that are here.
    pub(super) fn take(&mut self) -> Self {
        let columns = self.columns.iter_mut().map(Column::take).collect();
        Self { columns, count: std::mem::take(&mut self.count) }
    }

    fn append(&mut self, other: Self) {
        for (column, more) in self.columns.iter_mut().zip(other.columns) {
            column.append(more);
        }
        self.count += other.count;
    }
}

impl ParquetEncoder {
    pub(super) fn new(columns: Columns) -> Self {
        Self { columns, rows: Rows::of(columns::of(columns)) }
    }

    pub(super) fn row(&mut self, row: &Row<'_>) {
        columns::each_cell(row, self.columns, &mut self.rows.row());
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.bytes() >= CHUNK_BYTES
    }

    /// The rows since the last call.
    pub(super) fn take(&mut self) -> Rows {
        self.rows.take()
    }
}

/// Pushes the cells of a row, each to the next column. There are as many as columns.
pub(super) struct Pushing<'c> {
    columns: &'c mut [Column],
    next: usize,
}

impl Cells for Pushing<'_> {
    fn cell(&mut self, cell: &Cell<'_>) {
        if let Some(column) = self.columns.get_mut(self.next) {
            column.push(cell);
        }
        self.next += 1;
    }

    fn as_it_stands(&mut self, kind: CellType, raw: Raw<'_>) -> bool {
        let column = self.columns.get_mut(self.next);
        let pushed = column.is_some_and(|column| column.push_as_it_stands(kind, raw));
        self.next += usize::from(pushed);
        pushed
    }
}

/// Writes a file of row groups. Keeps the rows of the group that is not full yet.
pub(super) struct ParquetFile<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    schema: Arc<Schema>,
    group: Rows,
    group_bytes: usize,
    threads: usize,
}

impl<W: Write + Send> ParquetFile<W> {
    /// A file of rows, or of the table beside them.
    pub(super) fn new(
        table: Option<SideTable>,
        columns: impl Iterator<Item = &'static columns::Column>,
        sink: W,
    ) -> Result<Self, ParquetError> {
        let columns: Vec<_> = columns.collect();
        let name = table.map_or("tweets", SideTable::name);
        let group_bytes = if table.is_some() { SIDE_GROUP_BYTES } else { GROUP_BYTES };
        let schema = Schema::of(name, &columns)?;
        let writer = SerializedFileWriter::new(sink, schema.root(), schema.properties())?;
        let group = Rows::of(columns.into_iter());
        Ok(Self { writer, schema, group, group_bytes, threads: 1 })
    }

    /// On how many threads a group is encoded.
    pub(super) fn set_threads(&mut self, threads: NonZero<usize>) {
        self.threads = threads.get();
    }

    pub(super) fn rows(&mut self, rows: Rows) -> Result<(), ParquetError> {
        self.group.append(rows);
        let is_full = self.group.count >= GROUP_ROWS || self.group.bytes() >= self.group_bytes;
        if is_full { self.write_group() } else { Ok(()) }
    }

    /// Writes the rows that are kept.
    fn write_group(&mut self) -> Result<(), ParquetError> {
        let columns = self.group.take().columns;
        let leaves = columns.into_iter().flat_map(Column::into_leaves).collect();
        let mut group = self.writer.next_row_group()?;
        for (bytes, closed) in group::encode(&self.schema, leaves, self.threads)? {
            group.append_column(&bytes, closed)?;
        }
        group.close()?;
        self.writer.flush()?;
        Ok(())
    }

    pub(super) fn sink(&mut self) -> &mut W {
        self.writer.inner_mut()
    }

    pub(super) fn finish(mut self) -> Result<W, ParquetError> {
        if self.group.count > 0 {
            self.write_group()?;
        }
        self.writer.into_inner()
    }
}
