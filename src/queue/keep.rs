//! Work under a lease: renewed until the work is done, and told when the lease is lost.
//!
//! The back end says how long a lease lasts, at the delivery and at each renewal; it is renewed when
//! a third of that has passed. A lease that could not be renewed before its end counts as lost,
//! because somebody else may have the message from then on. That is said once, here.
//!
//! The work is not interrupted when the lease is lost, because it may be in the middle of an
//! answer that was paid for. It is expected to look at `lost` before it begins anything new;
//! whatever it commits after that is fenced by the store.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{Lease, Queue, QueueError};
use crate::clock::Clock;

/// The shortest pause between two renewals, whatever is left of the lease. Our own choice: it keeps
/// a back end that answers nonsense from being asked without a pause.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);

/// Does `work` while renewing `lease` at a third of its time; cancels `lost` if it is lost.
pub async fn keep<T>(
    queue: &dyn Queue,
    lease: &Lease,
    clock: &dyn Clock,
    lost: &CancellationToken,
    work: impl Future<Output = T>,
) -> T {
    let renewals = async {
        let why = renew_until_lost(queue, lease, clock).await;
        tracing::warn!(
            queue.name = queue.name(),
            "{why}: another process may work on the same message now; what is in hand here is \
             finished and nothing new is begun"
        );
        lost.cancel();
    };
    tokio::pin!(work, renewals);
    tokio::select! {
        biased;
        done = &mut work => done,
        () = &mut renewals => work.await,
    }
}

/// Renews until the lease is lost: how it was.
async fn renew_until_lost(queue: &dyn Queue, lease: &Lease, clock: &dyn Clock) -> &'static str {
    let mut ends = clock.elapsed().saturating_add(lease.lasts());
    let mut failing = false;
    loop {
        let left = ends.saturating_sub(clock.elapsed());
        if left.is_zero() {
            return "a lease ran out before it could be renewed";
        }
        clock.sleep((left / 3).max(SHORTEST_PAUSE)).await;
        let asked = clock.elapsed();
        let renewed = tokio::select! {
            biased;
            renewed = queue.renew(lease) => renewed,
            // Who waits for an answer beyond the end of the lease learns of the end too late.
            () = clock.sleep(ends.saturating_sub(asked)) => continue,
        };
        match renewed {
            Ok(lasts) => {
                ends = asked.saturating_add(lasts);
                failing = false;
            }
            Err(QueueError::LeaseLost) => return "a lease was lost",
            Err(error) if failing => {
                tracing::debug!(queue.name = queue.name(), %error, "lease not renewed");
            }
            Err(error) => {
                failing = true;
                tracing::warn!(queue.name = queue.name(), %error, "lease not renewed; it is tried again");
            }
        }
    }
}

#[cfg(test)]
#[path = "keep_tests.rs"]
mod tests;
