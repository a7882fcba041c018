//! The deliveries that this process holds, and when their leases end.
//!
//! An entry is needed to settle: without one, the lease is lost. Leases that ran out are given up
//! by the next look at the map, so it holds what is in hand and little more.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fe2o3_amqp::link::delivery::DeliveryInfo;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::calls::LockToken;
use super::inbox::{Inbox, Received};
use super::locks::Lock;
use super::trouble::Trouble;
use crate::queue::{Delivery, Lease};

/// A delivery in hand.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) key: String,
    pub(super) body: String,
    pub(super) attempt: u32,
    pub(super) token: LockToken,
    pub(super) info: DeliveryInfo,
    /// The link that it came on, on which alone it can be settled by a disposition.
    pub(super) inbox: Arc<Inbox>,
    /// When its lock was last asked for, and until when it runs.
    since: Instant,
    ends: Instant,
}

impl Held {
    /// How long ago its lock was asked for.
    pub(super) fn lock_age(&self) -> Duration {
        self.since.elapsed()
    }
}

/// Counts leases of the whole process, so that no queue takes another's for its own.
static LAST: AtomicU64 = AtomicU64::new(0);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Leases {
    held: Mutex<HashMap<u64, Held>>,
}

impl Leases {
    /// Notes a delivery. `None` if its tag is no lock token, so that it can't be held.
    pub(super) fn begin(&self, inbox: &Arc<Inbox>, received: Received) -> Option<Delivery> {
        let Received { info, message, since, lock } = received;
        let token = LockToken::of_tag(info.delivery_tag())?;
        let lease = Lease {
            message: message.sequence,
            token: LAST.fetch_add(1, Ordering::Relaxed) + 1,
            lasts: lock.lasts.saturating_sub(since.elapsed()),
        };
        let (key, body, attempt) = (message.key, message.body, message.attempt);
        let held = Held {
            key: key.clone(),
            body: body.clone(),
            attempt,
            token,
            info,
            inbox: Arc::clone(inbox),
            since,
            ends: since + lock.ends,
        };
        self.held().insert(lease.token, held);
        Some(Delivery { key, body, attempt, lease })
    }

    /// The delivery under a lease that still runs.
    pub(super) fn get(&self, lease: &Lease) -> Result<Held, Trouble> {
        self.held().get(&lease.token).cloned().ok_or(Trouble::LeaseLost)
    }

    /// The same, and no longer held.
    pub(super) fn end(&self, lease: &Lease) -> Result<Held, Trouble> {
        self.held().remove(&lease.token).ok_or(Trouble::LeaseLost)
    }

    /// The lease lasts as its new lock, counted from `since`.
    pub(super) fn renewed(&self, lease: &Lease, since: Instant, lock: Lock) {
        if let Some(held) = self.held().get_mut(&lease.token) {
            held.since = since;
            held.ends = since + lock.ends;
        }
    }

    /// The map, after everything that ran out was given up.
    fn held(&self) -> MutexGuard<'_, HashMap<u64, Held>> {
        // Nothing that runs under this lock panics.
        let mut held = self.held.lock();
        let now = Instant::now();
        held.retain(|_, held| {
            let runs = held.ends > now;
            if !runs {
                held.inbox.forget(held.info.clone());
            }
            runs
        });
        held
    }

    /// How many leases run.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.held().len()
    }
}
