//! Work under a lease: renewed until the work is done, and told when the lease is lost.
//!
//! The work is not interrupted when the lease is lost, because it may be in the middle of an
//! answer that was paid for. It is expected to look at `lost` before it begins anything new;
//! whatever it commits after that is fenced by the store.

use std::future::Future;

use tokio_util::sync::CancellationToken;

use super::{Lease, Queue, QueueError};
use crate::clock::Clock;

/// Does `work` while renewing `lease` at a third of its time; cancels `lost` if it is lost.
pub async fn keep<T>(
    queue: &dyn Queue,
    lease: &Lease,
    clock: &dyn Clock,
    lost: &CancellationToken,
    work: impl Future<Output = T>,
) -> T {
    let renewals = async {
        loop {
            clock.sleep(queue.lease_time() / 3).await;
            match queue.renew(lease).await {
                Ok(()) => {}
                Err(QueueError::LeaseLost) => break lost.cancel(),
                Err(error) => {
                    tracing::warn!(queue.name = queue.name(), %error, "lease not renewed");
                }
            }
        }
    };
    tokio::pin!(work, renewals);
    tokio::select! {
        biased;
        done = &mut work => done,
        () = &mut renewals => work.await,
    }
}
