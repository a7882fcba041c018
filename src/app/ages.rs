//! When collections were accepted: remembered, because it never changes.

use std::collections::HashMap;

use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};

use crate::model::CollectionId;

/// Times that are remembered, some 100 bytes each; beyond that all are forgotten.
const MOST_REMEMBERED: usize = 100_000;

/// When collections were accepted, as far as it was looked up.
#[derive(Debug, Default)]
pub(super) struct Ages(Mutex<HashMap<CollectionId, Timestamp>>);

impl Ages {
    /// The time of a collection, if it was looked up.
    pub(super) fn known(&self, id: &CollectionId) -> Option<Timestamp> {
        self.lock().get(id).copied()
    }

    /// Remembers the time of a collection.
    pub(super) fn remember(&self, id: &CollectionId, at: Timestamp) {
        let mut ages = self.lock();
        if ages.len() >= MOST_REMEMBERED {
            ages.clear();
        }
        ages.insert(id.clone(), at);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CollectionId, Timestamp>> {
        self.0.lock()
    }
}
