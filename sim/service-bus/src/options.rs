//! What can be chosen about a simulated namespace.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::tls::Tls;

/// The largest message or batch of the Basic and Standard tiers, 256 KB with its properties
/// (learn.microsoft.com, Service Bus quotas, read 2026-11-22).
pub const MAX_MESSAGE_BYTES: u64 = 262_144;

/// What becomes of a message whose time to live is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expired {
    /// It is gone: Azure's default for a queue.
    #[default]
    Dropped,
    /// It goes to the dead letters: `deadLetteringOnMessageExpiration`.
    DeadLettered,
}

/// A queue, with the settings that Azure has for one.
#[derive(Clone, Debug)]
pub struct QueueSettings {
    /// The name; case does not matter.
    pub name: String,
    /// How long a receiver has a message to itself. Azure takes 5 s to 5 min; here any time.
    pub lock_time: Duration,
    /// After so many deliveries that failed, a message is a dead letter.
    pub max_delivery: u32,
    /// How long a message id is remembered; `None` is no duplicate detection.
    pub duplicate_window: Option<Duration>,
    /// How many messages fit, dead letters not counted; Azure counts bytes instead.
    pub max_messages: Option<usize>,
    /// What becomes of messages that nobody took in time.
    pub expired: Expired,
}

impl QueueSettings {
    /// A queue with Azure's defaults: one minute, ten deliveries, no duplicate detection
    /// (learn.microsoft.com, Microsoft.ServiceBus/namespaces/queues, read 2026-11-22).
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            lock_time: Duration::from_mins(1),
            max_delivery: 10,
            duplicate_window: None,
            max_messages: None,
            expired: Expired::default(),
        }
    }
}

/// Decides whether an Entra token (a JWT) is accepted. Its expiry is looked at besides.
#[derive(Clone)]
pub struct JwtCheck(pub Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl fmt::Debug for JwtCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtCheck")
    }
}

/// The choices for one [`Simulator`](super::Simulator).
#[derive(Clone)]
pub struct Options {
    /// The queues; nothing else exists. Each has its `/$DeadLetterQueue`.
    pub queues: Vec<QueueSettings>,
    /// The largest message or batch.
    pub max_message_bytes: u64,
    /// Name and key of the only shared access policy. With `None` any token is accepted, and none
    /// is needed.
    pub keys: Option<(String, String)>,
    /// Which Entra tokens are accepted when there are `keys`; `None` accepts none.
    pub jwt: Option<JwtCheck>,
    /// Serves `amqps` instead of `amqp`; `connection` is not concerned.
    pub tls: Option<Tls>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queues: Vec::new(),
            max_message_bytes: MAX_MESSAGE_BYTES,
            keys: None,
            jwt: None,
            tls: None,
        }
    }
}

/// The key is a secret, even if it is a simulated one.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("queues", &self.queues)
            .field("max_message_bytes", &self.max_message_bytes)
            .field("policy", &self.keys.as_ref().map(|(name, _)| name))
            .field("jwt", &self.jwt)
            .field("tls", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}
