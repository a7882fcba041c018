//! The ids of a Parquet file: its end first, then one column of each group.

use parquet::basic::Type;
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::Result as ParquetResult;
use parquet::file::reader::{ChunkReader, FileReader, RowGroupReader, SerializedFileReader};

use crate::model::TweetId;

/// Values that are read at a time.
const BATCH: usize = 8_192;

/// The ids of the rows, or why they can't be read.
pub fn ids(file: impl ChunkReader + 'static) -> Result<Vec<TweetId>, String> {
    let file = SerializedFileReader::new(file).map_err(|error| error.to_string())?;
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
