//! What the workers of one sender know of each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use super::today::Today;
use crate::model::{CollectionId, Usd};
use crate::store::StoreError;

/// See the module. Clones share it: they are the same sender.
#[derive(Debug, Clone, Default)]
pub struct Shared {
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    in_hand: BTreeSet<CollectionId>,
    away: BTreeSet<CollectionId>,
    unsaved: Option<Unsaved>,
    today: BTreeMap<CollectionId, Today>,
}

/// Collections of which is remembered what came today: more than are in hand at once by default.
const MOST_REMEMBERED: usize = 8;

/// Pages that were paid for and could not be stored before the process had to end. What they cost
/// is counted as perhaps paid; they are asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{pages} page(s) that X may have charged with {cost} could not be stored before the end; they \
     count as lost answers and will be asked for again"
)]
pub struct Unsaved {
    /// How many.
    pub pages: u64,
    /// What they cost at list price.
    pub cost: Usd,
}

/// The right to work at a collection, of which a process has one; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct InHand {
    shared: Shared,
    collection: CollectionId,
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock()
    }

    /// Takes a collection in hand; `None` if another worker has it.
    pub(super) fn take_in_hand(&self, collection: &CollectionId) -> Option<InHand> {
        let collection = collection.clone();
        let taken = self.known().in_hand.insert(collection.clone());
        taken.then(|| InHand { shared: self.clone(), collection })
    }

    /// Says that the store is away, once for each collection until it is back.
    pub(super) fn say_once(&self, collection: &CollectionId, error: &StoreError) {
        if self.known().away.insert(collection.clone()) {
            tracing::error!(collection.id = %collection, %error, "the store is away; the collection waits");
        }
    }

    /// The store is back.
    pub(super) fn is_back(&self, collection: &CollectionId) {
        if self.known().away.remove(collection) {
            tracing::info!(collection.id = %collection, "the store is back");
        }
    }

    /// What of a collection came today, as far as this process remembers.
    pub(super) fn take_today(&self, collection: &CollectionId) -> Today {
        self.known().today.remove(collection).unwrap_or_default()
    }

    /// Remembers that for the next turn.
    pub(super) fn keep_today(&self, collection: CollectionId, today: Today) {
        let mut known = self.known();
        if known.today.len() >= MOST_REMEMBERED {
            known.today.pop_first();
        }
        known.today.insert(collection, today);
    }

    /// Notes a page that could not be stored.
    pub(super) fn note_unsaved(&self, cost: Usd) {
        let mut known = self.known();
        let before = known.unsaved.unwrap_or(Unsaved { pages: 0, cost: Usd::ZERO });
        known.unsaved = Some(Unsaved { pages: before.pages + 1, cost: before.cost + cost });
    }

    /// The pages that could not be stored, as an error.
    pub(super) fn unsaved(&self) -> Result<(), Unsaved> {
        self.known().unsaved.map_or(Ok(()), Err)
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.shared.known().in_hand.remove(&self.collection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_works_at_a_collection_once() {
        let id = "20260905-a-aaaaaaaaaa".parse().unwrap();
        let shared = Shared::default();
        let in_hand = shared.take_in_hand(&id);
        assert!(in_hand.is_some() && shared.clone().take_in_hand(&id).is_none());
        drop(in_hand);
        assert!(shared.take_in_hand(&id).is_some());
    }
}
