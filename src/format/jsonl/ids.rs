//! The ids in a file of JSON Lines.

use std::io::{BufRead, BufReader, Read};

use serde_json::value::RawValue;

use crate::model::TweetId;

/// The longest line of JSON that is read: twice what a row can be.
const MAX_LINE_BYTES: u64 = 128 << 20;

/// The ids of the rows, one in each line.
pub(super) fn ids(file: impl Read) -> Result<Vec<TweetId>, String> {
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
