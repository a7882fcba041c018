//! The ids of a Parquet file: its end first, then one column of each group.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::basic::Type;
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{
    ChunkReader, FileReader, Length, RowGroupReader, SerializedFileReader,
};

use crate::format::kind::ReadAt;
use crate::model::TweetId;

/// Values that are read at a time.
const BATCH: usize = 8_192;

/// The ids of the rows, or why they can't be read.
pub(super) fn ids(file: Arc<dyn ReadAt>) -> Result<Vec<TweetId>, String> {
    let file = SerializedFileReader::new(Jumping(file)).map_err(|error| error.to_string())?;
    let schema = file.metadata().file_metadata().schema_descr_ptr();
    let is_id = |column: &parquet::schema::types::ColumnDescPtr| {
        column.path().parts() == ["id"] && column.physical_type() == Type::BYTE_ARRAY
    };
    let column = schema.columns().iter().position(is_id).ok_or("it has no column id")?;
    let mut ids = Vec::new();
    for group in 0..file.num_row_groups() {
        let texts = file.get_row_group(group).and_then(|group| column_of(&*group, column));
        for text in texts.map_err(|error| error.to_string())? {
            let text = text.as_utf8().map_err(|error| error.to_string())?;
            ids.push(text.parse().map_err(|error| format!("row {}: {error}", ids.len() + 1))?);
        }
    }
    Ok(ids)
}

/// The values of a column; rows without one have none.
fn column_of(group: &dyn RowGroupReader, column: usize) -> ParquetResult<Vec<ByteArray>> {
    let reader = group.get_column_reader(column)?;
    let mut reader: ColumnReaderImpl<ByteArrayType> = get_typed_column_reader(reader);
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    loop {
        levels.clear();
        let (records, _, _) = reader.read_records(BATCH, Some(&mut levels), None, &mut values)?;
        if records == 0 {
            return Ok(values);
        }
    }
}

/// Bytes that are asked for at a time, at least.
const PIECE_BYTES: u64 = 64 * 1024;

/// A file, as the crate reads it.
struct Jumping(Arc<dyn ReadAt>);

impl Length for Jumping {
    fn len(&self) -> u64 {
        self.0.size()
    }
}

impl ChunkReader for Jumping {
    type T = From;

    fn get_read(&self, start: u64) -> ParquetResult<From> {
        Ok(From { file: Arc::clone(&self.0), at: start, piece: Bytes::new() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let found = self.0.read_at(start..start.saturating_add(length as u64))?;
        if found.len() == length {
            return Ok(found);
        }
        Err(ParquetError::EOF(format!("{length} bytes are wanted at {start}")))
    }
}

/// The file from some place on.
struct From {
    file: Arc<dyn ReadAt>,
    at: u64,
    piece: Bytes,
}

impl Read for From {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            self.piece = self.file.read_at(self.at..self.at.saturating_add(PIECE_BYTES))?;
            self.at += self.piece.len() as u64;
        }
        let length = to.len().min(self.piece.len());
        self.piece.copy_to_slice(to.get_mut(..length).unwrap_or_default());
        Ok(length)
    }
}
