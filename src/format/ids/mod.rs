//! The ids in a file that is there: which rows it has, in which order.
//!
//! Reads whatever a file of this program has been since its first version: the column `id` is found
//! by its name, and other columns may have come or gone. Promises one id for each row, or the reason
//! why the file can't be read; memory is eight bytes for each row and one row. Deliberately does not
//! look at other columns, nor at whether an id comes twice.

#[cfg(feature = "parquet")]
pub mod parquet;
#[cfg(test)]
mod tests;

use std::io::{BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;

use crate::model::TweetId;
use crate::model::spec::FileFormat;

/// The longest line of JSON that is read: twice what a row can be.
const MAX_LINE_BYTES: u64 = 128 << 20;

/// The ids of the rows of a file that is read from its beginning, or why they can't be read. Those
/// of Parquet are read by [`parquet::ids`], because such a file begins at its end.
pub fn ids(format: FileFormat, file: impl Read) -> Result<Vec<TweetId>, String> {
    match format {
        FileFormat::Csv => csv_ids(file),
        FileFormat::Jsonl => jsonl_ids(file),
        FileFormat::JsonlGz => jsonl_ids(MultiGzDecoder::new(BufReader::new(file))),
        FileFormat::JsonlZst => {
            zstd::Decoder::new(file).map_err(|error| error.to_string()).and_then(jsonl_ids)
        }
        FileFormat::Parquet => Err("a Parquet file can't be read from its beginning".to_owned()),
    }
}

/// Where two lists of ids differ first, for a person; `None`: nowhere.
pub fn first_difference(found: &[TweetId], expected: &[TweetId]) -> Option<String> {
    let row = found.iter().zip(expected).position(|(a, b)| a != b);
    let row =
        row.or_else(|| (found.len() != expected.len()).then(|| found.len().min(expected.len())))?;
    let shown = |ids: &[TweetId]| ids.get(row).map_or("none".to_owned(), ToString::to_string);
    let (found, wanted) = (shown(found), shown(expected));
    Some(format!("row {} is tweet {found}, the log says {wanted}", row + 1))
}

fn csv_ids(file: impl Read) -> Result<Vec<TweetId>, String> {
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(|error| error.to_string())?;
    let column = header.iter().position(|name| name == "id").ok_or("it has no column id")?;
    let mut ids = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let id = record.get(column).unwrap_or_default();
        ids.push(id.parse().map_err(|error| format!("row {}: {error}", ids.len() + 1))?);
    }
    Ok(ids)
}

fn jsonl_ids(file: impl Read) -> Result<Vec<TweetId>, String> {
    let mut file = BufReader::new(file);
    let (mut ids, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        let read = file.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line);
        if read.map_err(|error| error.to_string())? == 0 {
            return Ok(ids);
        }
        ids.push(line_id(&line).map_err(|error| format!("row {}: {error}", ids.len() + 1))?);
    }
}

fn line_id(line: &[u8]) -> Result<TweetId, String> {
    #[derive(serde::Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
    }
    let row: Row<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    row.id.get().trim_matches('"').parse().map_err(|error| format!("{error}"))
}
