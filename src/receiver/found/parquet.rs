//! A Parquet file, read where it is: its end first, then one column of each group.

use std::io::{self, Read};
use std::ops::Range;

use bytes::{Buf, Bytes};
use object_store::path::Path;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};
use tokio::runtime::Handle;

use crate::format::ids;
use crate::model::TweetId;
use crate::store::Store;

/// Bytes that are asked for at a time, at least.
const PIECE_BYTES: u64 = 64 * 1024;

/// The ids of the rows, or why they can't be read.
pub(super) async fn ids(store: &Store, key: &Path, bytes: u64) -> Result<Vec<TweetId>, String> {
    let file =
        StoredBytes { store: store.clone(), key: key.clone(), bytes, runtime: Handle::current() };
    let read = tokio::task::spawn_blocking(move || ids::parquet::ids(file));
    read.await.map_err(|error| error.to_string())?
}

/// A file in a store, for a reader that jumps.
struct StoredBytes {
    store: Store,
    key: Path,
    bytes: u64,
    runtime: Handle,
}

impl StoredBytes {
    fn range(&self, range: Range<u64>) -> io::Result<Bytes> {
        let range = range.start.min(self.bytes)..range.end.min(self.bytes);
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let read = self.store.range(&self.key, range);
        self.runtime.block_on(read).map_err(io::Error::other)
    }
}

impl Length for StoredBytes {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for StoredBytes {
    type T = From;

    fn get_read(&self, start: u64) -> ParquetResult<From> {
        let Self { store, key, bytes, runtime } = self;
        let file = Self {
            store: store.clone(),
            key: key.clone(),
            bytes: *bytes,
            runtime: runtime.clone(),
        };
        Ok(From { file, at: start, piece: Bytes::new() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let found = self.range(start..start.saturating_add(length as u64))?;
        if found.len() == length {
            return Ok(found);
        }
        Err(ParquetError::EOF(format!("{length} bytes are wanted at {start}")))
    }
}

/// The file from some place on.
struct From {
    file: StoredBytes,
    at: u64,
    piece: Bytes,
}

impl Read for From {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.piece.is_empty() {
            self.piece = self.file.range(self.at..self.at.saturating_add(PIECE_BYTES))?;
            self.at += self.piece.len() as u64;
        }
        let length = to.len().min(self.piece.len());
        self.piece.copy_to_slice(to.get_mut(..length).unwrap_or_default());
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::PartWriter;
    use crate::model::record::Span;
    use crate::model::spec::{FileFormat, Profile};
    use crate::tweet::Body;

    async fn stored(
        page: &str,
        bytes: impl Fn(Vec<u8>) -> Vec<u8>,
    ) -> Result<Vec<TweetId>, String> {
        let body = Body::new(page.as_bytes());
        let page = body.decode().unwrap();
        let mut writer = PartWriter::new(FileFormat::Parquet, Profile::Original).unwrap();
        writer.page(&page, &[Span { from: 0, to: page.tweets.len() as u64 }]).unwrap();
        let bytes = bytes(writer.finish().unwrap().bytes);
        let (store, key, length) = (Store::memory(), Path::from("x.parquet"), bytes.len() as u64);
        store.create(&key, bytes.into()).await.unwrap();
        ids(&store, &key, length).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn ids_are_read_in_order() {
        let rows: Vec<_> = (1..=20_000).rev().map(|id| format!("{{\"id\":\"{id}\"}}")).collect();
        let page = format!("{{\"data\":[{}]}}", rows.join(","));
        let ids = stored(&page, |bytes| bytes).await.unwrap();
        assert_eq!(ids, (1..=20_000).rev().map(TweetId).collect::<Vec<_>>());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_damaged_file_is_an_error() {
        let page = r#"{"data":[{"id":"1"}]}"#;
        let cut = |mut bytes: Vec<u8>| {
            bytes.pop();
            bytes
        };
        assert!(stored(page, cut).await.is_err());
        assert!(stored(page, |_| b"PAR1".to_vec()).await.is_err());
        assert!(stored(page, |bytes| bytes[4..].to_vec()).await.is_err());
        assert!(stored(page, |_| b"id\n1\n".to_vec()).await.is_err());
    }
}
