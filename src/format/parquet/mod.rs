//! Apache Parquet: columns with types, compressed, for programs that read some of them.
//!
//! The columns are those of the profile, with the types that their kinds allow ([`schema`]). Rows
//! are gathered column by column, and written as a row group when there are enough of them; one
//! column is compressed at a time, so memory is the gathered rows and the compressed group. The
//! bytes name neither the version of this program nor that of a library.
//!
//! Deliberately does not: sort rows, write bloom filters or page indexes (rows are in the order of
//! their ids already, and statistics of a group say which ones it has).

mod column;
mod leaf;
mod schema;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedFileWriter, TrackedWrite};

use super::Row;
use crate::model::spec::Profile;
use column::Column;
use schema::Schema;

/// How many bytes of cells are gathered for a row group, give or take a page. DuckDB and others
/// like 100,000 rows and more in a group (duckdb.org/docs, "Parquet tips", read 2026-11-23); this
/// is the most that fits into 160 MiB when two threads gather and compress, some 20,000 rows of all
/// columns or 60,000 of the original ones.
const GROUP_BYTES: usize = 32 << 20;

/// How many rows are in a group, give or take a page, however short they are.
const GROUP_ROWS: usize = 1 << 17;

/// Encodes rows as row groups.
#[derive(Debug)]
pub(super) struct ParquetEncoder {
    profile: Profile,
    schema: Arc<Schema>,
    columns: Vec<Column>,
    rows: usize,
}

/// An encoded row group: the bytes of its columns, one after the other, and what is known of each.
#[derive(Debug)]
pub(super) struct RowGroup {
    bytes: Bytes,
    columns: Vec<ColumnCloseResult>,
}

impl ParquetEncoder {
    pub(super) fn new(profile: Profile) -> Result<Self, ParquetError> {
        let columns = super::columns::of(profile).map(Column::new).collect();
        Ok(Self { profile, schema: Schema::of(profile)?, columns, rows: 0 })
    }

    pub(super) fn row(&mut self, row: &Row<'_>) {
        let mut columns = self.columns.iter_mut();
        let Ok(()) = row.each_cell(self.profile, |_, cell| {
            // There are as many as the profile has.
            if let Some(column) = columns.next() {
                column.push(&cell);
            }
            Ok::<(), Infallible>(())
        });
        self.rows += 1;
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows >= GROUP_ROWS
            || self.columns.iter().map(Column::bytes).sum::<usize>() >= GROUP_BYTES
    }

    /// The rows since the last call; `None` if there are none.
    pub(super) fn take(&mut self) -> Result<Option<RowGroup>, ParquetError> {
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(None);
        }
        let mut out = TrackedWrite::new(Vec::new());
        let mut leaves = self.schema.leaves();
        let mut columns = Vec::new();
        for column in &mut self.columns {
            for leaf in column.take() {
                let descriptor = leaves.next().ok_or_else(|| wrong("a column too many"))?;
                columns.push(leaf.write(&self.schema, descriptor, &mut out)?);
            }
        }
        Ok(Some(RowGroup { bytes: out.into_inner()?.into(), columns }))
    }
}

fn wrong(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}

/// Writes a file of row groups.
pub(super) struct ParquetFile<W: Write + Send>(SerializedFileWriter<W>);

impl<W: Write + Send> ParquetFile<W> {
    pub(super) fn new(profile: Profile, sink: W) -> Result<Self, ParquetError> {
        let schema = Schema::of(profile)?;
        SerializedFileWriter::new(sink, schema.root(), schema.properties()).map(Self)
    }

    pub(super) fn group(&mut self, group: RowGroup) -> Result<(), ParquetError> {
        let mut writer = self.0.next_row_group()?;
        for column in group.columns {
            writer.append_column(&group.bytes, column)?;
        }
        writer.close()?;
        self.0.flush()?;
        Ok(())
    }

    pub(super) fn sink(&mut self) -> &mut W {
        self.0.inner_mut()
    }

    pub(super) fn finish(self) -> Result<W, ParquetError> {
        self.0.into_inner()
    }
}
