//! Recognising the store, and making it.
//!
//! Making it also proves the one thing on which everything rests: that what is there is never
//! replaced. A place that replaces it is refused before anything is kept there.

use bytes::Bytes;
use jiff::Timestamp;

use super::identity::{StoreRecord, key};
use super::{Creation, Store, StoreError};
use crate::model::StoreId;
use crate::model::record::VERSION;

impl Store {
    /// The id that this process knows its store by, if it has seen one.
    pub fn id(&self) -> Option<&StoreId> {
        self.identity.known.get()
    }

    /// Learns the store's id, or refuses the place if it is not the store that is known. `None`:
    /// nothing is known, and the place shows none.
    pub async fn recognise(&self) -> Result<Option<StoreId>, StoreError> {
        let found = self.identity.read().await?;
        match (self.id(), found) {
            (None, None) => Ok(None),
            (None, Some(found)) => {
                let known = self.identity.known.get_or_init(|| found.clone());
                self.identity.compare(known, Some(found))?;
                Ok(Some(known.clone()))
            }
            (Some(known), found) => {
                self.identity.compare(known, found)?;
                Ok(Some(known.clone()))
            }
        }
    }

    /// Requires the store with this id, which somebody else named (a message, say): from now on
    /// this process knows no other, unless it knew one already.
    pub async fn require(&self, id: &StoreId) -> Result<(), StoreError> {
        let found = self.identity.read().await?;
        if found.as_ref().is_none_or(|found| found == id) {
            self.identity.known.get_or_init(|| id.clone());
        }
        self.identity.compare(id, found)
    }

    /// Makes the store, unless it is there: writes its id, and proves that the place never replaces
    /// what is there. `random` are 128 random bits.
    pub async fn make(&self, now: Timestamp, random: u128) -> Result<StoreId, StoreError> {
        if let Some(id) = self.recognise().await? {
            return Ok(id);
        }
        let made_by = concat!("mistnet/", env!("CARGO_PKG_VERSION")).to_owned();
        let record =
            StoreRecord { version: VERSION, id: StoreId::new(random), made_at: now, made_by };
        let (ours, other) =
            (json(&record)?, json(&StoreRecord { id: StoreId::new(!random), ..record })?);
        self.create(&key(), ours).await?;
        if self.create(&key(), other).await? != Creation::Differs {
            let reason = "it replaces what is there, so that two processes could overwrite each \
                          other's records; name another store";
            let (action, what) = ("use the store", self.shown().to_owned());
            return Err(StoreError::Refused { action, what, reason: reason.into() });
        }
        let missing = || StoreError::Missing { key: key().to_string() };
        self.recognise().await?.ok_or_else(missing)
    }

    /// Refuses to go on if this is not the store that is known, see the module.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.identity.check().await
    }
}

fn json(record: &StoreRecord) -> Result<Bytes, StoreError> {
    let mut json = serde_json::to_vec_pretty(record)
        .map_err(|error| StoreError::corrupt(key(), format!("can't be written: {error}")))?;
    json.push(b'\n');
    Ok(Bytes::from(json))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use object_store::ObjectStoreExt;
    use object_store::memory::InMemory;
    use object_store::path::Path;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    /// Another process that reaches the same objects.
    fn reach(objects: &Arc<InMemory>) -> Store {
        Store::new(Arc::clone(objects) as _, "memory:")
    }

    #[tokio::test]
    async fn a_store_is_made_once_and_known_by_everybody() {
        let objects = Arc::new(InMemory::new());
        let (one, other) = (reach(&objects), reach(&objects));
        assert_eq!(one.recognise().await.unwrap(), None);
        let id = one.make(now(), 7).await.unwrap();
        assert_eq!(other.make(now(), 8).await.unwrap(), id);
        assert_eq!((one.id(), other.id()), (Some(&id), Some(&id)));
        assert_eq!(one.make(now(), 9).await.unwrap(), id);
    }

    #[tokio::test]
    async fn a_store_that_is_gone_takes_no_writes_until_it_is_back() {
        let objects = Arc::new(InMemory::new());
        let store = reach(&objects);
        store.make(now(), 7).await.unwrap();
        let record = store.get(&key()).await.unwrap().unwrap();
        let (a, b) = (Path::from("a.json"), Path::from("b.json"));
        store.create(&a, Bytes::from_static(b"a")).await.unwrap();

        objects.delete(&key()).await.unwrap();
        let refused = store.create(&b, Bytes::from_static(b"b")).await.unwrap_err();
        assert!(matches!(refused, StoreError::Elsewhere { found: None, .. }), "{refused}");
        assert!(refused.is_passing(), "it may come back");
        assert!(store.write_large(&b).await.is_err() && store.make(now(), 8).await.is_err());
        assert_eq!(store.get(&b).await.unwrap(), None);

        objects.put(&key(), record.into()).await.unwrap();
        assert_eq!(store.create(&b, Bytes::from_static(b"b")).await.unwrap(), Creation::Created);
    }

    #[tokio::test]
    async fn another_store_in_the_same_place_is_not_fed() {
        let (objects, others) = (Arc::new(InMemory::new()), Arc::new(InMemory::new()));
        let (store, other) = (reach(&objects), reach(&others));
        store.make(now(), 7).await.unwrap();
        other.make(now(), 8).await.unwrap();
        let record = other.get(&key()).await.unwrap().unwrap();
        objects.put(&key(), record.into()).await.unwrap();
        let refused = store.create(&Path::from("a"), Bytes::new()).await.unwrap_err();
        assert!(matches!(refused, StoreError::Elsewhere { found: Some(_), .. }), "{refused}");
    }

    #[tokio::test]
    async fn an_id_that_a_message_names_is_waited_for() {
        let objects = Arc::new(InMemory::new());
        let (before, id) = (reach(&objects), StoreId::new(7));
        let refused = before.require(&id).await.unwrap_err();
        assert!(matches!(refused, StoreError::Elsewhere { found: None, .. }), "{refused}");
        assert!(before.make(now(), 9).await.is_err(), "a new store would hide that it is missing");
        reach(&objects).make(now(), 7).await.unwrap();
        before.require(&id).await.unwrap();
        let other = reach(&objects);
        other.require(&id).await.unwrap();
        assert_eq!(other.id(), Some(&id), "it is known from now on");
        assert!(before.require(&StoreId::new(8)).await.is_err());
    }

    #[test]
    fn ids_are_random_and_read_back() {
        let id = StoreId::new(u128::MAX);
        assert_eq!(StoreId::try_from(String::from(id.clone())), Ok(id));
        assert_ne!(StoreId::new(1), StoreId::new(1 << 127));
        for wrong in ["", "../x", "0123456789abcdefghjkmnpqrsU"] {
            assert!(StoreId::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
