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
mod ids;
mod leaf;
mod schema;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::num::NonZero;
use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;

use super::kind::{
    Content, Description, EncodeEntries, EncodeFile, EncodeRows, FileColumns, Format, Opening,
    ReadIds, Table, Taken,
};
use super::spare::Spare;
use super::{FormatError, Options};
use crate::columns::{self, Cell, CellType, Cells, Entry, Row, SideTable};
use crate::json::Raw;
use crate::model::spec::{Columns, Profile};
use crate::tweet::{Page, Tweet};
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

/// Apache Parquet.
#[derive(Debug)]
pub(super) struct Parquet;

impl Format for Parquet {
    fn has_columns(&self) -> bool {
        true
    }

    fn rows(&self, columns: Columns, _: Options) -> Box<dyn EncodeRows> {
        Box::new(Posts { columns, rows: Rows::of(columns::of(columns)) })
    }

    fn entries(
        &self,
        columns: &'static [columns::Column],
        _: Profile,
        _: Options,
    ) -> Box<dyn EncodeEntries> {
        Box::new(Rows::of(columns.iter()))
    }

    fn file(&self, columns: FileColumns) -> Result<Box<dyn EncodeFile>, FormatError> {
        Ok(Box::new(ParquetFile::new(columns)?))
    }

    /// While a row group is compressed, the next one is gathered.
    fn chunks_ahead(&self) -> usize {
        32
    }

    fn ids(&self) -> ReadIds {
        ReadIds::AtPlaces(ids::ids)
    }

    /// Not `parquet`: of what is called so, Frictionless 5.21 assumes that it has the columns of the
    /// schema as text.
    fn description(&self) -> Description {
        let format = "apache-parquet";
        Description { format, encoding: None, compression: None, table: Table::Typed }
    }

    fn how_to_open(&self, path: &str) -> Opening {
        let (pandas, duckdb) = (format!("read_parquet('{path}')"), format!("'{path}'"));
        Opening { pandas, duckdb, spreadsheet: None }
    }
}

/// Rows whose cells are gathered by column, and not compressed yet.
#[derive(Debug)]
struct Rows {
    columns: Vec<Column>,
    count: usize,
}

impl Rows {
    /// No rows, with these columns.
    fn of(columns: impl Iterator<Item = &'static columns::Column>) -> Self {
        Self { columns: columns.map(Column::new).collect(), count: 0 }
    }

    /// Begins a row.
    fn row(&mut self) -> Pushing<'_> {
        self.count += 1;
        Pushing { columns: &mut self.columns, next: 0 }
    }

    /// Bytes that are gathered, roughly.
    fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum()
    }

    /// Takes the rows that are here.
    fn take(&mut self) -> Self {
        let columns = self.columns.iter_mut().map(Column::take).collect();
        Self { columns, count: std::mem::take(&mut self.count) }
    }

    fn gathered(&mut self) -> Taken {
        Taken { content: Content::Gathered(Box::new(self.take())), cells_cut: 0 }
    }

    fn append(&mut self, other: Self) {
        for (column, more) in self.columns.iter_mut().zip(other.columns) {
            column.append(more);
        }
        self.count += other.count;
    }
}

/// Gathers the rows of posts.
#[derive(Debug)]
struct Posts {
    columns: Columns,
    rows: Rows,
}

impl EncodeRows for Posts {
    fn page<'p>(&mut self, page: &'p Page<'p>, tweets: &mut dyn Iterator<Item = &'p Tweet<'p>>) {
        for tweet in tweets {
            columns::each_cell(&Row::new(page, tweet), self.columns, &mut self.rows.row());
        }
    }

    fn is_full(&self) -> bool {
        self.rows.bytes() >= CHUNK_BYTES
    }

    fn take(&mut self, _: &Spare) -> Result<Taken, FormatError> {
        Ok(self.rows.gathered())
    }
}

impl EncodeEntries for Rows {
    fn push(&mut self, entry: &Entry<'_>) {
        let mut row = self.row();
        entry.each_cell(|_, cell| row.cell(cell));
    }

    fn bytes(&self) -> usize {
        self.bytes()
    }

    fn take(&mut self) -> Result<Taken, FormatError> {
        Ok(self.gathered())
    }
}

/// Pushes the cells of a row, each to the next column. There are as many as columns.
struct Pushing<'c> {
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

/// A file of row groups. Keeps the rows of the group that is not full yet.
struct ParquetFile {
    writer: SerializedFileWriter<Vec<u8>>,
    schema: Arc<Schema>,
    group: Rows,
    group_bytes: usize,
    threads: usize,
}

impl ParquetFile {
    fn new(layout: FileColumns) -> Result<Self, ParquetError> {
        let FileColumns { table, columns, .. } = layout;
        let name = table.map_or("tweets", SideTable::name);
        let group_bytes = if table.is_some() { SIDE_GROUP_BYTES } else { GROUP_BYTES };
        let schema = Schema::of(name, &columns)?;
        let writer = SerializedFileWriter::new(Vec::new(), schema.root(), schema.properties())?;
        let group = Rows::of(columns.into_iter());
        Ok(Self { writer, schema, group, group_bytes, threads: 1 })
    }

    /// Encodes the rows that are kept.
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
}

impl EncodeFile for ParquetFile {
    fn chunk(&mut self, content: Content, out: &mut dyn Write) -> Result<(), FormatError> {
        let Content::Gathered(rows) = content else { return Err(FormatError::OtherFormat) };
        let rows = rows.downcast::<Rows>().map_err(|_| FormatError::OtherFormat)?;
        self.group.append(*rows);
        if self.group.count >= GROUP_ROWS || self.group.bytes() >= self.group_bytes {
            self.write_group()?;
            let written = self.writer.inner_mut();
            out.write_all(written)?;
            written.clear();
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, out: &mut dyn Write) -> Result<(), FormatError> {
        if self.group.count > 0 {
            self.write_group()?;
        }
        Ok(out.write_all(&self.writer.into_inner()?)?)
    }

    fn set_threads(&mut self, threads: NonZero<usize>) {
        self.threads = threads.get();
    }
}
