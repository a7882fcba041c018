//! What a file that is there holds: size, checksum and ids; read once, piece by piece.
//!
//! Used where a file may be somebody else's: before a receipt is written over it, and by
//! `mistnet verify`. Promises memory of a few pieces and eight bytes for each row, whatever the
//! file is; a file that can't be read still has its size and checksum.

mod at_places;

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use futures::TryStreamExt;
use object_store::path::Path;
use tokio::sync::mpsc::{Receiver, channel};

use crate::format::ids::{self, ReadForward, ReadIds};
use crate::model::TweetId;
use crate::model::spec::FileFormat;
use crate::store::{Checksum, Store, StoreError};

/// Pieces of a file that may wait to be scanned.
const PIECES: usize = 4;

/// What a file has.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The ids of its rows, or why they can't be read.
    pub ids: Result<Vec<TweetId>, String>,
}

/// Reads a file from the store, and scans it on a thread of its own.
pub async fn find(store: &Store, key: &Path, format: FileFormat) -> Result<Found, StoreError> {
    let (send, pieces) = channel(PIECES);
    let pieces = Pieces { pieces, current: Bytes::new() };
    let read = ids::reader(format);
    let forward = match &read {
        Ok(ReadIds::Forward(read)) => Some(*read),
        Ok(ReadIds::AtPlaces(_)) | Err(_) => None,
    };
    let scanned = tokio::task::spawn_blocking(move || scan(forward, pieces));
    let there = store.pieces(key).await?;
    let mut there = there.ok_or_else(|| StoreError::Missing { key: key.to_string() })?;
    while let Some(piece) = there.try_next().await? {
        // The scan reads to the end, so it is there as long as there are pieces.
        let _ = send.send(piece).await;
    }
    drop(send);
    let failed = |error: tokio::task::JoinError| StoreError::Unavailable {
        action: "scan",
        what: key.to_string(),
        reason: error.to_string(),
    };
    let mut found = scanned.await.map_err(failed)?;
    match read {
        Ok(ReadIds::Forward(_)) => {}
        Ok(ReadIds::AtPlaces(read)) => {
            found.ids = at_places::ids(read, store, key, found.bytes).await;
        }
        Err(reason) => found.ids = Err(reason),
    }
    Ok(found)
}

/// Reads a file to its end, and its ids on the way if they are read from its beginning.
fn scan(read: Option<ReadForward>, pieces: Pieces) -> Found {
    let mut file = Hashing { pieces, hash: Checksum::default(), bytes: 0 };
    let ids = read.map_or(Ok(Vec::new()), |read| read(&mut file));
    // What comes after something broken still counts for size and checksum; pieces never fail.
    let _ = io::copy(&mut file, &mut io::sink());
    Found { bytes: file.bytes, sha256: file.hash.finish(), ids }
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
    hash: Checksum,
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
        let (store, key) = (Store::memory(), Path::from("tweets"));
        store.create(&key, Bytes::from_static(text.as_bytes())).await.unwrap();
        find(&store, &key, FileFormat::Csv).await.unwrap()
    }

    #[tokio::test]
    async fn a_broken_record_does_not_hide_size_and_checksum() {
        let text = "id,tweet\n12\n7,x\n";
        let found = found(text).await;
        assert!(found.ids.unwrap_err().contains("record"));
        assert_eq!(found.bytes, text.len() as u64);
        assert_eq!(found.sha256, Checksum::of(text.as_bytes()));
    }

    #[tokio::test]
    async fn rows_are_found_in_their_order() {
        let found = found("id,tweet\n12,a\n7,x\n").await;
        assert_eq!(found.ids, Ok(vec![TweetId(12), TweetId(7)]));
    }
}
