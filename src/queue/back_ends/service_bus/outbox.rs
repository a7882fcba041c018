//! A sending link: a task that owns it, and as many messages under way as the service gives credit.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use fe2o3_amqp::Sender;
use fe2o3_amqp::link::SendError;
use fe2o3_amqp::link::delivery::{DeliveryFut, Sendable};
use fe2o3_amqp::types::messaging::{Outcome, SerializableBody};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::entity::Entity;
use super::trouble::{self, Step, Trouble};

/// How long the service may take for an answer. The official clients wait 60 s.
pub(super) const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// Transfers that may wait for the task at a time.
const WAITING: usize = 256;

/// The outcome of a transfer, which comes later.
type Pending = DeliveryFut<Result<Outcome, SendError>>;

struct Request<T> {
    sendable: Sendable<T>,
    reply: oneshot::Sender<Result<Pending, SendError>>,
}

/// A sending link.
#[derive(Debug)]
pub(super) struct Outbox<T> {
    entity: Arc<Entity>,
    /// The largest transfer that the service takes, in bytes.
    pub(super) max_bytes: u64,
    requests: mpsc::Sender<Request<T>>,
}

impl<T: SerializableBody + Send + 'static> Outbox<T> {
    /// Takes over a link that is open.
    pub(super) fn new(link: Sender, entity: Arc<Entity>) -> Self {
        let max_bytes = link.max_message_size().unwrap_or(DEFAULT_MAX_BYTES);
        let (requests, inbox) = mpsc::channel(WAITING);
        tokio::spawn(work(link, inbox));
        Self { entity, max_bytes, requests }
    }

    /// Whether the link still takes messages.
    pub(super) fn is_open(&self) -> bool {
        !self.requests.is_closed()
    }

    /// Sends one transfer and waits until the service has taken it.
    pub(super) async fn send(&self, sendable: Sendable<T>) -> Result<(), Trouble> {
        timeout(ANSWER_WAIT, self.deliver(sendable)).await.unwrap_or_else(|_| {
            Err(self.lost(format_args!("no answer in {} s", ANSWER_WAIT.as_secs())))
        })
    }

    async fn deliver(&self, sendable: Sendable<T>) -> Result<(), Trouble> {
        let (reply, outcome) = oneshot::channel();
        let request = Request { sendable, reply };
        self.requests.send(request).await.map_err(|_| self.lost("the link ended"))?;
        let pending = outcome.await.map_err(|_| self.lost("the link ended"))?;
        let pending = pending.map_err(|error| trouble::of_send(&error, &self.entity))?;
        match pending.await.map_err(|error| trouble::of_send(&error, &self.entity))? {
            Outcome::Accepted(_) => Ok(()),
            Outcome::Rejected(rejected) => Err(match rejected.error {
                Some(error) => trouble::of_error(&error, Step::Inside, &self.entity),
                None => Trouble::lasting(format!("{} refused the message", self.entity.queue)),
            }),
            Outcome::Released(_) | Outcome::Modified(_) => {
                Err(self.lost("the service did not take the message"))
            }
        }
    }

    fn lost(&self, what: impl Display) -> Trouble {
        Trouble::passing(format!("{}: {what}", self.entity.queue))
    }
}

/// What Azure Service Bus Standard takes, if a link does not say (learn.microsoft.com, Service Bus
/// quotas, read 2026-11).
const DEFAULT_MAX_BYTES: u64 = 256 * 1024;

/// Hands transfers to the link until nobody wants that any more, or the link ends.
async fn work<T: SerializableBody>(mut link: Sender, mut requests: mpsc::Receiver<Request<T>>) {
    loop {
        let request = tokio::select! {
            biased;
            request = requests.recv() => request,
            // Dropping the link fails what is still under way.
            _ = link.on_detach() => return,
        };
        let Some(Request { sendable, reply }) = request else { break };
        let pending = link.send_batchable(sendable).await;
        let broken = matches!(pending, Err(SendError::LinkStateError(_) | SendError::Detached(_)));
        // Nobody waits for the outcome of a call that was dropped.
        drop(reply.send(pending));
        if broken {
            return;
        }
    }
    // Errors of a farewell change nothing.
    drop(link.close().await);
}
