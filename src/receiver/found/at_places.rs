//! A file in a store, read here and there: for formats that begin at their end.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use tokio::runtime::Handle;

use crate::format::ids::{ReadAt, ReadAtPlaces};
use crate::model::TweetId;
use crate::store::Store;

/// The ids of the rows, or why they can't be read.
pub(super) async fn ids(
    read: ReadAtPlaces,
    store: &Store,
    key: &Path,
    bytes: u64,
) -> Result<Vec<TweetId>, String> {
    let (store, key, runtime) = (store.clone(), key.clone(), Handle::current());
    let file = Arc::new(StoredBytes { store, key, bytes, runtime });
    let read = tokio::task::spawn_blocking(move || read(file));
    read.await.map_err(|error| error.to_string())?
}

/// A file in a store.
struct StoredBytes {
    store: Store,
    key: Path,
    bytes: u64,
    runtime: Handle,
}

impl ReadAt for StoredBytes {
    fn size(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, range: Range<u64>) -> io::Result<Bytes> {
        let range = range.start.min(self.bytes)..range.end.min(self.bytes);
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let read = self.store.range(&self.key, range);
        self.runtime.block_on(read).map_err(io::Error::other)
    }
}

#[cfg(test)]
#[cfg(feature = "parquet")]
mod tests {
    use super::*;
    use crate::format::PartWriter;
    use crate::format::ids::{ReadIds, reader};
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
        let ReadIds::AtPlaces(read) = reader(FileFormat::Parquet)? else { panic!("it jumps") };
        ids(read, &store, &key, length).await
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
