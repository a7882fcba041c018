//! Marks: small objects that are replaced again and again, and mean something by their age only.
//!
//! They lie below `_mistnet/` and are no part of any log: if one is lost, somebody waits a little
//! longer or a little less. Their times, and [`Store::now`], are the store's own, so that a machine
//! whose clock is wrong or jumps can't take a sender that works for one that is dead.

use bytes::Bytes;
use jiff::Timestamp;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode, PutOptions};

use super::{OWN, Store, StoreError};
use crate::model::CollectionId;

impl Store {
    /// The time by the store's clock: when a mark that is written now was written.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        let key = Path::from(OWN).join("clock");
        self.mark(&key).await?;
        self.marked_at(&key).await?.ok_or_else(|| StoreError::Missing { key: key.to_string() })
    }

    /// Says that a sender works at a collection.
    pub async fn mark_turn(&self, id: &CollectionId) -> Result<(), StoreError> {
        self.mark(&turn(id)).await
    }

    /// When a sender said last that it works at a collection, by the store's clock.
    pub async fn turn_marked_at(&self, id: &CollectionId) -> Result<Option<Timestamp>, StoreError> {
        self.marked_at(&turn(id)).await
    }

    async fn mark(&self, key: &Path) -> Result<(), StoreError> {
        self.check().await?;
        let failed = |source| StoreError::from_backend("write", key.as_ref(), source);
        let options = PutOptions { mode: PutMode::Overwrite, ..PutOptions::default() };
        let payload = Bytes::from_static(b"a time is all that counts here\n");
        self.objects.put_opts(key, payload.into(), options).await.map(drop).map_err(failed)
    }

    async fn marked_at(&self, key: &Path) -> Result<Option<Timestamp>, StoreError> {
        let failed = |source| StoreError::from_backend("look up", key.as_ref(), source);
        match self.objects.head(key).await {
            Ok(meta) => {
                let milliseconds = meta.last_modified.timestamp_millis();
                let time = Timestamp::from_millisecond(milliseconds);
                time.map(Some).map_err(|error| StoreError::corrupt(key, error))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(failed(source)),
        }
    }
}

fn turn(id: &CollectionId) -> Path {
    Path::from(OWN).join("turns").join(id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mark_is_as_old_as_its_last_writing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(folder.path()).unwrap();
        let id = "20260905-a-aaaaaaaaaa".parse().unwrap();
        assert_eq!(store.turn_marked_at(&id).await.unwrap(), None);
        let before = store.now().await.unwrap();
        store.mark_turn(&id).await.unwrap();
        let marked = store.turn_marked_at(&id).await.unwrap().unwrap();
        assert!(before <= marked && marked <= store.now().await.unwrap());
    }
}
