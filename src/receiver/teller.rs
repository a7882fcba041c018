//! Where notices are told: apart from the workers that store, and a few at once.
//!
//! A worker that finds a dataset complete hands its message over, with its lease and a place among
//! those that tell ([`super::Remembered`] counts them). The lease is kept and the message settled
//! here; nothing waits here without a place, so no lease runs out in a line. When the process is to
//! end, a try under way is given a moment and then cut off: the message goes back, and whoever gets
//! it tells again.

use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Receiver;
use super::error::PartError;
use super::tell::Due;
use crate::queue::{Lease, keep};

/// How long a try that is under way may go on at a stop. Our own choice: a webhook that works
/// answers in that time, and a process has to end soon.
const GRACE: Duration = Duration::from_secs(1);

/// A message whose notice is to be told.
#[derive(Debug)]
pub(super) struct Handed {
    pub(super) key: String,
    pub(super) lease: Lease,
    pub(super) due: Due,
    /// Given back when it is dropped.
    pub(super) place: OwnedSemaphorePermit,
}

/// Where workers hand messages over.
#[derive(Debug, Clone)]
pub(super) struct Desk(mpsc::UnboundedSender<Handed>);

/// A desk, and what is handed over at it. Each message has a place, so their number is bounded.
pub(super) fn desk() -> (Desk, mpsc::UnboundedReceiver<Handed>) {
    let (desk, handed) = mpsc::unbounded_channel();
    (Desk(desk), handed)
}

impl Desk {
    /// Hands a message over. If nobody is there any more, its lease runs out and it comes back.
    pub(super) fn hand(&self, handed: Handed) {
        if let Err(error) = self.0.send(handed) {
            tracing::warn!(
                key = error.0.key,
                "nobody is there to tell others; the message comes back"
            );
        }
    }
}

impl Receiver {
    /// Tells until no worker is left and everything in hand is told or, after `cut`, given back.
    pub(super) async fn tell_what_is_handed(
        &self,
        mut handed: mpsc::UnboundedReceiver<Handed>,
        cut: &CancellationToken,
    ) {
        let mut tellings = JoinSet::new();
        loop {
            tokio::select! {
                next = handed.recv() => {
                    let Some(next) = next else { break };
                    let (receiver, cut) = (self.clone(), cut.clone());
                    tellings.spawn(async move { receiver.tell_handed(next, &cut).await });
                }
                Some(_) = tellings.join_next() => {}
            }
        }
        tellings.join_all().await;
    }

    async fn tell_handed(&self, handed: Handed, cut: &CancellationToken) {
        let Handed { key, lease, due, place } = handed;
        let telling = async {
            tokio::select! {
                biased;
                told = self.tell_due(&due) => told,
                () = self.a_moment_after(cut) => {
                    let id = due.collection();
                    tracing::info!(collection.id = %id, "a notice was cut off by the stop; it is told again");
                    Err(PartError::Untold { delay: Duration::ZERO })
                }
            }
        };
        let lost = CancellationToken::new();
        let told = keep(&*self.parts, &lease, &*self.clock, &lost, telling).await;
        self.conclude(&key, lease, told, &lost).await;
        drop(place);
    }

    async fn a_moment_after(&self, cut: &CancellationToken) {
        cut.cancelled().await;
        self.clock.sleep(GRACE).await;
    }
}
