//! What a receiver remembers to save work, who is finishing which dataset, and how many are told.
//!
//! All of it is a shortcut and nothing else: a receiver that remembers nothing, because it was just
//! started or because another process has the other parts, does the same work by the log. Clones
//! share it: they are the same receiver.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::recent::Recent;
use crate::model::CollectionId;

/// See the module.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// Pages that the next part may need too.
    pub(super) recent: Arc<Recent>,
    finishing: Arc<Mutex<BTreeSet<CollectionId>>>,
    /// Until when the log of a collection is not listed again, by the clock's elapsed time.
    looked_at: Arc<Mutex<BTreeMap<CollectionId, Duration>>>,
    telling: Arc<Semaphore>,
}

/// How many notices are told at once, in one process. Our own choice: a webhook that hangs keeps one
/// of them for ten seconds, and one that works for a moment.
const TELLINGS: usize = 4;

impl Default for Remembered {
    fn default() -> Self {
        let telling = Arc::new(Semaphore::new(TELLINGS));
        let (recent, finishing, looked_at) = (Arc::default(), Arc::default(), Arc::default());
        Self { recent, finishing, looked_at, telling }
    }
}

/// For how long a log counts as one that no newer version has written to.
const LOOK_HOLDS: Duration = Duration::from_secs(10);

/// The most collections of which that is remembered.
const MOST_LOOKS: usize = 1_000;

/// The turn at finishing a dataset, which ends when it is dropped.
#[derive(Debug)]
pub(super) struct Finishing {
    remembered: Remembered,
    collection: CollectionId,
}

impl Remembered {
    /// Whether a worker of this receiver has the turn at finishing a dataset.
    pub(super) fn is_finishing(&self, collection: &CollectionId) -> bool {
        self.finishing.lock().contains(collection)
    }

    /// Whether the log of a collection is to be looked at again, at this elapsed time of the clock.
    pub(super) fn looks_again(&self, collection: &CollectionId, now: Duration) -> bool {
        let mut looked_at = self.looked_at.lock();
        if looked_at.get(collection).is_some_and(|until| now < *until) {
            return false;
        }
        if looked_at.len() >= MOST_LOOKS {
            looked_at.clear();
        }
        looked_at.insert(collection.clone(), now + LOOK_HOLDS);
        true
    }

    /// Forgets that a log was looked at.
    pub(super) fn forget(&self, collection: &CollectionId) {
        self.looked_at.lock().remove(collection);
    }

    /// A place among those that tell; `None` while all are taken.
    pub(super) fn place_to_tell(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.telling).try_acquire_owned().ok()
    }

    /// The turn at finishing a dataset; `None` while another worker of this receiver has it. Two of
    /// them would write the same bytes, and do twice what is the dearest step of a collection.
    pub(super) fn finishing(&self, collection: &CollectionId) -> Option<Finishing> {
        let remembered = self.clone();
        let collection = collection.clone();
        let begun = self.finishing.lock().insert(collection.clone());
        begun.then(|| Finishing { remembered, collection })
    }
}

impl Drop for Finishing {
    fn drop(&mut self) {
        self.remembered.finishing.lock().remove(&self.collection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_worker_at_a_time_finishes_a_dataset() {
        let [one, other] =
            ["20260905-a-aaaaaaaaaa", "20260905-b-bbbbbbbbbb"].map(|id| id.parse().unwrap());
        let remembered = Remembered::default();
        let turn = remembered.finishing(&one);
        assert!(turn.is_some() && remembered.clone().finishing(&one).is_none());
        assert!(remembered.is_finishing(&one) && !remembered.is_finishing(&other));
        assert!(remembered.finishing(&other).is_some());
        drop(turn);
        assert!(remembered.finishing(&one).is_some());
    }

    #[test]
    fn a_log_is_looked_at_once_in_a_while() {
        let [one, other] =
            ["20260905-a-aaaaaaaaaa", "20260905-b-bbbbbbbbbb"].map(|id| id.parse().unwrap());
        let (remembered, start) = (Remembered::default(), Duration::from_mins(1));
        assert!(remembered.looks_again(&one, start) && !remembered.looks_again(&one, start));
        assert!(remembered.looks_again(&other, start));
        assert!(remembered.looks_again(&one, start + LOOK_HOLDS));
        remembered.forget(&one);
        assert!(remembered.looks_again(&one, start + LOOK_HOLDS));
    }
}
