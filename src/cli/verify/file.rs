//! One file of a dataset: size, checksum, rows, ids; read once, piece by piece.

use std::fmt::Write;
use std::io::{self, BufRead, BufReader, Read};

use bytes::{Buf, Bytes};
use flate2::read::MultiGzDecoder;
use object_store::path::Path;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{Receiver, channel};

use super::{Dataset, Problem};
use crate::model::TweetId;
use crate::model::record::StoredFile;
use crate::model::spec::FileFormat;
use crate::store::{Store, StoreError};

/// Pieces of a file that may wait to be scanned.
const PIECES: usize = 4;

/// What a file has.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    bytes: u64,
    sha256: String,
    /// The ids of its rows, or why they can't be read.
    ids: Result<Vec<TweetId>, String>,
}

/// What is wrong with a file. `expected`: the ids that the log says it has.
pub(super) async fn check(
    dataset: &Dataset,
    stored: &StoredFile,
    expected: Option<&[TweetId]>,
) -> Vec<Problem> {
    let found = match dataset.place(stored) {
        Ok(Some((store, key))) => find(&store, key, stored.format).await.map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    let reasons = match found {
        Ok(Some(found)) => differences(stored, &found, expected),
        Ok(None) => {
            let container = stored.container.as_deref().unwrap_or_default();
            vec![format!("it is in {container}, beside the store: verify the collection by its id")]
        }
        Err(StoreError::Missing { .. }) => vec!["it is missing".to_owned()],
        Err(error) => vec![error.to_string()],
    };
    reasons.into_iter().map(|reason| Problem::new(&stored.path, reason)).collect()
}

fn differences(stored: &StoredFile, found: &Found, expected: Option<&[TweetId]>) -> Vec<String> {
    let mut reasons = Vec::new();
    if found.bytes != stored.bytes {
        let reason = format!("it has {} bytes, the manifest says {}", found.bytes, stored.bytes);
        reasons.push(reason);
    }
    if found.sha256 != stored.sha256 {
        let reason =
            format!("its SHA-256 is {}, the manifest says {}", found.sha256, stored.sha256);
        reasons.push(reason);
    }
    match &found.ids {
        Err(reason) => reasons.push(reason.clone()),
        Ok(ids) if ids.len() as u64 != stored.rows => {
            reasons.push(format!("it has {} rows, the manifest says {}", ids.len(), stored.rows));
        }
        Ok(ids) => reasons.extend(expected.and_then(|expected| first_difference(ids, expected))),
    }
    reasons
}

fn first_difference(ids: &[TweetId], expected: &[TweetId]) -> Option<String> {
    let row = ids.iter().zip(expected).position(|(a, b)| a != b);
    let row =
        row.or_else(|| (ids.len() != expected.len()).then(|| ids.len().min(expected.len())))?;
    let shown = |ids: &[TweetId]| ids.get(row).map_or("none".to_owned(), ToString::to_string);
    let (found, wanted) = (shown(ids), shown(expected));
    Some(format!("row {} is tweet {found}, the log says {wanted}", row + 1))
}

/// Reads a file from the store, and scans it on a thread of its own.
async fn find(store: &Store, key: Path, format: FileFormat) -> Result<Found, StoreError> {
    let (send, pieces) = channel(PIECES);
    let pieces = Pieces { pieces, current: Bytes::new() };
    let scanned = tokio::task::spawn_blocking(move || scan(format, pieces));
    let each = async |piece| {
        // The scan reads to the end, so it is there as long as there are pieces.
        let _ = send.send(piece).await;
        Ok(())
    };
    store.read_large(&key, each).await?;
    drop(send);
    let failed = |error: tokio::task::JoinError| StoreError::Unavailable {
        action: "scan",
        what: key.to_string(),
        reason: error.to_string(),
    };
    let mut found = scanned.await.map_err(failed)?;
    if format == FileFormat::Parquet {
        found.ids = super::parquet::ids(store, &key, found.bytes).await;
    }
    Ok(found)
}

fn scan(format: FileFormat, pieces: Pieces) -> Found {
    let mut file = Hashing { pieces, hash: Sha256::new(), bytes: 0 };
    let ids = match format {
        FileFormat::Csv => csv_ids(&mut file),
        FileFormat::Jsonl => jsonl_ids(&mut file),
        FileFormat::JsonlGz => jsonl_ids(MultiGzDecoder::new(BufReader::new(&mut file))),
        FileFormat::JsonlZst => {
            zstd::Decoder::new(&mut file).map_err(|error| error.to_string()).and_then(jsonl_ids)
        }
        // Read by another way, because it begins at the end.
        FileFormat::Parquet => Ok(Vec::new()),
    };
    // What comes after something broken still counts for size and checksum; pieces never fail.
    let _ = io::copy(&mut file, &mut io::sink());
    Found { bytes: file.bytes, sha256: hex(&file.hash.finalize()), ids }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn csv_ids(file: &mut Hashing) -> Result<Vec<TweetId>, String> {
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

/// The longest line of JSON that is read: twice what a row can be.
const MAX_LINE_BYTES: u64 = 128 << 20;

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

/// Pieces of a file as one stream.
struct Pieces {
    pieces: Receiver<Bytes>,
    current: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.current = piece,
                None => return Ok(0),
            }
        }
        let length = to.len().min(self.current.len());
        self.current.copy_to_slice(to.get_mut(..length).unwrap_or_default());
        Ok(length)
    }
}

/// Counts and hashes what is read through it.
struct Hashing {
    pieces: Pieces,
    hash: Sha256,
    bytes: u64,
}

impl Read for Hashing {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = self.pieces.read(to)?;
        self.hash.update(to.get(..length).unwrap_or_default());
        self.bytes += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn found(text: &'static str) -> Found {
        found_in(FileFormat::Csv, text.as_bytes().to_vec()).await
    }

    async fn found_in(format: FileFormat, bytes: Vec<u8>) -> Found {
        let store = Store::memory();
        let key = Path::from("tweets");
        store.create(&key, bytes.into()).await.unwrap();
        find(&store, key, format).await.unwrap()
    }

    fn ids(numbers: &[u64]) -> Vec<TweetId> {
        numbers.iter().copied().map(TweetId).collect()
    }

    #[tokio::test]
    async fn rows_are_records_and_not_lines() {
        let text = "id,tweet\r\n12,\"two\nlines, \"\"one\"\" row\"\r\n7,x\r\n";
        let found = found(text).await;
        assert_eq!(found.ids, Ok(ids(&[12, 7])));
        assert_eq!(found.bytes, text.len() as u64);
    }

    #[tokio::test]
    async fn a_broken_record_does_not_hide_size_and_checksum() {
        let text = "id,tweet\n12\n7,x\n";
        let found = found(text).await;
        assert!(found.ids.unwrap_err().contains("record"));
        assert_eq!(found.bytes, text.len() as u64);
        assert_eq!(found.sha256, hex(&Sha256::digest(text)));
    }

    #[tokio::test]
    async fn rows_of_json_lines_are_lines() {
        let text = "{\"id\":\"12\",\"text\":\"two\\nlines\"}\n{\"id\":7}\n";
        let bytes = |format| match format {
            FileFormat::JsonlGz => {
                let mut out =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
                out.finish().unwrap()
            }
            FileFormat::JsonlZst => zstd::encode_all(text.as_bytes(), 1).unwrap(),
            _ => text.as_bytes().to_vec(),
        };
        for format in [FileFormat::Jsonl, FileFormat::JsonlGz, FileFormat::JsonlZst] {
            let sound = found_in(format, bytes(format)).await;
            assert_eq!(sound.ids, Ok(ids(&[12, 7])), "{format:?}");
            let mut cut = bytes(format);
            cut.truncate(cut.len() - 3);
            assert!(found_in(format, cut).await.ids.is_err(), "{format:?}");
        }
    }

    #[tokio::test]
    async fn ids_that_a_spreadsheet_rounded_are_no_ids() {
        assert!(found("id\n1.99E+18\n").await.ids.unwrap_err().starts_with("row 1"));
        assert!(found("tweet\nx\n").await.ids.unwrap_err().contains("no column id"));
    }

    #[test]
    fn the_first_row_that_differs_is_named() {
        let difference = first_difference(&ids(&[5, 4, 2]), &ids(&[5, 3, 2])).unwrap();
        assert_eq!(difference, "row 2 is tweet 4, the log says 3");
        assert!(first_difference(&ids(&[5]), &ids(&[5, 3])).unwrap().contains("is tweet none"));
        assert_eq!(first_difference(&ids(&[5]), &ids(&[5])), None);
    }
}
