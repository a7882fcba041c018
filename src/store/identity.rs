//! Which store it is: a random id, written once, and looked at before money is spent.
//!
//! A volume that is not mounted, or a folder that was removed or moved, is made anew by whoever
//! writes to it, and what is written there nobody finds. So a store carries an id in
//! `_mistnet/store.json`. The first id that a process sees or makes is the one that its store must
//! show ever after: a write to a place that shows another id, or none, fails as if the store could
//! not be reached ([`StoreError::Elsewhere`]), and succeeds again when the store is back.
//!
//! | the place shows | nothing is known yet | an id is known |
//! |---|---|---|
//! | that id | it is known from now on | fine |
//! | another id | it is known from now on | elsewhere |
//! | none | [`make`](super::Store::make) may make one | elsewhere |
//!
//! A process that only reads knows no id and is never refused.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::page::check_version;
use crate::model::StoreId;

/// What belongs to the store and to no collection.
pub const OWN: &str = "_mistnet";

/// The record of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreRecord {
    /// The version of this record.
    pub version: u32,
    /// The store's id.
    pub id: StoreId,
    /// When it was made.
    pub made_at: Timestamp,
    /// The program that made it, with its version.
    pub made_by: String,
}

/// What a process knows of its store; shared by all that reach it.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    /// The top of the store.
    objects: Arc<dyn ObjectStore>,
    shown: String,
    pub(super) known: Arc<OnceLock<StoreId>>,
}

/// The key of the record of a store.
pub(super) fn key() -> Path {
    Path::from(OWN).join("store.json")
}

impl Identity {
    pub(super) fn new(objects: Arc<dyn ObjectStore>, shown: String) -> Self {
        Self { objects, shown, known: Arc::default() }
    }

    /// The id that the place shows at this moment.
    pub(super) async fn read(&self) -> Result<Option<StoreId>, StoreError> {
        let key = key();
        let failed = |source| StoreError::from_backend("read", key.as_ref(), source);
        let bytes = match self.objects.get(&key).await {
            Ok(found) => found.bytes().await.map_err(failed)?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(source) => return Err(failed(source)),
        };
        check_version(key.as_ref(), &bytes)?;
        let record: StoreRecord =
            serde_json::from_slice(&bytes).map_err(|error| StoreError::corrupt(&key, error))?;
        Ok(Some(record.id))
    }

    /// Refuses a place that does not show the id that is known. Nothing is known: nothing is asked.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        let Some(known) = self.known.get() else { return Ok(()) };
        self.compare(known, self.read().await?)
    }

    pub(super) fn compare(
        &self,
        known: &StoreId,
        found: Option<StoreId>,
    ) -> Result<(), StoreError> {
        if found.as_ref() == Some(known) {
            return Ok(());
        }
        let (store, known) = (self.shown.clone(), known.clone());
        Err(StoreError::Elsewhere { store, known, found })
    }
}
