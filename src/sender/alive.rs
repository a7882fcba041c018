//! One live turn on a log: who works at a collection shows it, and who finds that stays out.
//!
//! A turn without an end was ended by a crash, or runs still, in this process or another, on this
//! queue or one of its own. Two at a time would buy every page twice. So a turn that runs gives
//! signs of life, and whoever finds a fresh one stays out until it is old. Signs are the pages and
//! turns in the log, and a mark beside it while there is nothing to write. All times are the
//! store's, so a clock that jumps makes nobody look dead.
//!
//! It is an agreement to save money, and no lock: should both work all the same (a process that
//! slept), `create page-n` decides, and a turn looks before every request whether another has begun.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Sender;
use crate::clock::Clock;
use crate::model::CollectionId;
use crate::model::state::History;
use crate::store::{Log, StoreError};

/// The signs of life of one turn.
#[derive(Debug, Default)]
pub(super) struct Signs {
    last_ms: AtomicU64,
}

impl Signs {
    /// Something was written to the log just now.
    pub(super) fn give(&self, clock: &dyn Clock) {
        self.last_ms.store(millis(clock.elapsed()), Ordering::Relaxed);
    }

    /// Marks the turn whenever the log has been still for a third of the lease. Never returns.
    pub(super) async fn keep(&self, sender: &Sender, id: &CollectionId) {
        let pause = sender.collect.lease_time() / 3;
        loop {
            sender.clock.sleep(pause).await;
            let now = millis(sender.clock.elapsed());
            if now.saturating_sub(self.last_ms.load(Ordering::Relaxed)) < millis(pause) {
                continue;
            }
            if let Err(error) = sender.store.mark_turn(id).await {
                tracing::debug!(collection.id = %id, %error, "no sign of life given");
            }
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// For how long to stay out, because another turn at this collection may be alive.
pub(super) async fn another_is_at_it(
    sender: &Sender,
    log: &Log,
    history: &History,
) -> Result<Option<Duration>, StoreError> {
    let Some(turn) = history.last_turn.as_ref().filter(|_| history.last_turn_end.is_none()) else {
        return Ok(None);
    };
    let lease = turn.lease_ms.map_or(sender.collect.lease_time(), Duration::from_millis);
    let marked = sender.store.turn_marked_at(log.layout().id()).await?;
    let Some(seen) = history.fetched_at.max(marked) else { return Ok(None) };
    let age = sender.store.now().await?.duration_since(seen);
    let age = Duration::try_from(age).unwrap_or_default();
    Ok(lease.checked_sub(age).filter(|left| !left.is_zero()))
}
