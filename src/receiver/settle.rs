//! What becomes of a message: settled, given back for later, or refused as a dead letter.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::error::PartError;
use super::{PAUSE_AFTER_FAILURE, Receiver};
use crate::queue::{Lease, QueueError};
use crate::telemetry;

/// After which time a message is looked at again that only a newer version of this program can
/// handle: soon enough for the end of an upgrade, seldom enough to cost nothing.
const WAIT_FOR_NEWER: Duration = Duration::from_mins(5);

/// After which time a message looks again whose dataset another worker is finishing: soon beside the
/// time that its lease would take to run out, seldom beside the work.
const FINISHING_LOOK: Duration = Duration::from_secs(1);

impl Receiver {
    /// Settles a message after the work on it.
    pub(super) async fn conclude(
        &self,
        key: &str,
        lease: Lease,
        done: Result<(), PartError>,
        lost: &CancellationToken,
    ) {
        let settled = self.settle(key, lease, self.unless_gone(done).await).await;
        report(key, settled, lost);
    }

    /// What was done, unless the store is gone: then nothing that is missing is damage.
    async fn unless_gone(&self, done: Result<(), PartError>) -> Result<(), PartError> {
        match done {
            Err(PartError::Store(_) | PartError::Invalid(_)) => {
                self.store.check().await?;
                done
            }
            done => done,
        }
    }

    async fn settle(
        &self,
        key: &str,
        lease: Lease,
        done: Result<(), PartError>,
    ) -> Result<(), QueueError> {
        match done {
            Ok(()) => {
                self.count("ack");
                self.parts.ack(lease).await
            }
            Err(PartError::Store(error)) if error.is_passing() => {
                tracing::error!(key, %error, "the store failed; the part waits");
                self.count("release");
                self.parts.release(lease, PAUSE_AFTER_FAILURE).await
            }
            Err(PartError::Store(error)) if error.is_newer() => {
                self.wait(key, lease, error.to_string()).await
            }
            Err(PartError::Store(error)) => {
                self.refuse(key, lease, "log unusable", error.to_string()).await
            }
            Err(PartError::Invalid(error)) => {
                self.refuse(key, lease, error.in_short(), error.to_string()).await
            }
            Err(PartError::Format(error)) => {
                self.refuse(key, lease, "not encodable", error.to_string()).await
            }
            Err(PartError::Finishing) => {
                self.count("release");
                self.parts.release(lease, FINISHING_LOOK).await
            }
            Err(PartError::Untold { delay }) => {
                self.count("release");
                self.parts.release(lease, delay).await
            }
            Err(error @ PartError::Crashed) => {
                tracing::error!(key, %error, "the part is tried again");
                self.count("nack");
                self.parts.nack(lease, PAUSE_AFTER_FAILURE, &error.to_string()).await
            }
        }
    }

    pub(super) async fn refuse(
        &self,
        key: &str,
        lease: Lease,
        reason: &'static str,
        error: String,
    ) -> Result<(), QueueError> {
        tracing::error!(key, reason, %error, "dead letter");
        self.count("dead_letter");
        self.parts.dead_letter(lease, reason, &error).await
    }

    /// Leaves the message for a newer version of this program: it comes back until one takes it.
    pub(super) async fn wait(
        &self,
        key: &str,
        lease: Lease,
        error: String,
    ) -> Result<(), QueueError> {
        if telemetry::is_first(&format!("{key}: {error}")) {
            tracing::warn!(key, %error, "left for a newer version");
        }
        self.count("release");
        self.parts.release(lease, WAIT_FOR_NEWER).await
    }

    /// Counts a message that is settled.
    fn count(&self, outcome: &'static str) {
        let queue = self.parts.name().to_owned();
        metrics::counter!(telemetry::MESSAGES, "queue" => queue, "outcome" => outcome).increment(1);
    }
}

/// Says what went wrong with settling a message; that its lease is lost was said before, if it was
/// found out by a renewal (`lost`).
pub(super) fn report(key: &str, settled: Result<(), QueueError>, lost: &CancellationToken) {
    match settled {
        Ok(()) => {}
        Err(QueueError::LeaseLost) if lost.is_cancelled() => {}
        Err(QueueError::LeaseLost) => {
            tracing::warn!(key, "a lease was lost; the message comes back");
        }
        Err(error) => tracing::warn!(key, %error, "message not settled; it will come back"),
    }
}
