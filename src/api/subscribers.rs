//! How many streams of events each caller may have open.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::keys::Caller;
use super::problem::{Kind, Problem};

/// How many streams each caller may have open.
#[derive(Debug)]
pub(super) struct Subscribers {
    limit: usize,
    /// For callers without a key, then for each key.
    free: Vec<Arc<Semaphore>>,
}

impl Subscribers {
    /// `limit` streams for each of so many keys, and as many for all callers without one.
    pub(super) fn new(keys: usize, limit: usize) -> Self {
        let free = std::iter::repeat_with(|| Arc::new(Semaphore::new(limit)));
        Self { limit, free: free.take(keys + 1).collect() }
    }

    pub(super) fn admit(&self, caller: Caller) -> Result<OwnedSemaphorePermit, Problem> {
        let number = match caller {
            Caller::Anyone => 0,
            Caller::Key(number) => number + 1,
        };
        let free = self.free.get(number).cloned();
        free.and_then(|free| free.try_acquire_owned().ok()).ok_or_else(|| {
            let detail = format!("{} streams are open for this key", self.limit);
            Problem::new(Kind::TooManySubscribers, detail)
        })
    }
}
