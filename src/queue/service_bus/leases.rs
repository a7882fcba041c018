//! The deliveries that this process holds, and when their leases end.
//!
//! An entry is needed to settle: without one, the lease is lost. Leases that ran out are given up
//! by the next look at the map, so it holds what is in hand and little more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fe2o3_amqp::link::delivery::DeliveryInfo;
use tokio::time::Instant;

use super::calls::LockToken;
use super::inbox::{Inbox, Received};
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
    ends: Instant,
}

/// Counts leases of the whole process, so that no queue takes another's for its own.
static LAST: AtomicU64 = AtomicU64::new(0);

/// See the module.
#[derive(Debug)]
pub(super) struct Leases {
    lease_time: Duration,
    held: Mutex<HashMap<u64, Held>>,
}

impl Leases {
    pub(super) fn new(lease_time: Duration) -> Self {
        Self { lease_time, held: Mutex::default() }
    }

    /// Notes a delivery. `None` if its tag is no lock token, so that it can't be held.
    pub(super) fn begin(&self, inbox: &Arc<Inbox>, received: Received) -> Option<Delivery> {
        let Received { info, message, since } = received;
        let token = LockToken::of_tag(info.delivery_tag())?;
        let lease =
            Lease { message: message.sequence, token: LAST.fetch_add(1, Ordering::Relaxed) + 1 };
        let (key, body, attempt) = (message.key, message.body, message.attempt);
        let held = Held {
            key: key.clone(),
            body: body.clone(),
            attempt,
            token,
            info,
            inbox: Arc::clone(inbox),
            ends: since + self.lease_time,
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

    /// The lease lasts its full time from `since`.
    pub(super) fn renewed(&self, lease: &Lease, since: Instant) {
        let ends = since + self.lease_time;
        if let Some(held) = self.held().get_mut(&lease.token) {
            held.ends = ends;
        }
    }

    /// The map, after everything that ran out was given up.
    fn held(&self) -> MutexGuard<'_, HashMap<u64, Held>> {
        // Nothing that runs under this lock panics.
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
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
