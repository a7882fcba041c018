//! A durable queue of small messages with leases.
//!
//! The contract, which `contract.rs` checks on every back end:
//!
//! 1. **Durable.** When [`Queue::send`] returns, the message survives a crash of every process
//!    (the memory queue: of every task).
//! 2. **At least once.** Every send is followed by at least one delivery that *begins after* the
//!    send, until the message is acknowledged or becomes a dead letter. Order is not promised.
//! 3. **Leased.** [`Queue::receive`] hides a message for as long as its [`Lease`] says.
//!    [`Queue::renew`] extends it and says how long it lasts now; when it runs out, the message is delivered again with a higher attempt number, and the
//!    old lease can no longer settle anything ([`QueueError::LeaseLost`]).
//! 4. **Merged by key.** Sends with one key that wait for the same delivery may be merged into one
//!    ([`Merging::WhileLive`]): the newest body and the shortest remaining delay win. A send whose
//!    key is leased at the moment is delivered after that lease ends, however it ends. Nothing that
//!    is correct may depend on merging: it only saves work.
//! 5. **Dead letters.** A message whose `max_attempts`-th delivery fails (nack or lease expiry), or
//!    which is refused by [`Queue::dead_letter`], is kept aside with its reason until replayed.
//!    It takes no later send with it: those are messages of their own.
//!
//! | state | entered by | left by |
//! |---|---|---|
//! | ready | send, replay, lease expiry, end of a delay | receive |
//! | delayed | nack or release with a delay | end of the delay |
//! | leased | receive | ack, nack, release, `dead_letter`, expiry |
//! | dead | `dead_letter`, last failed attempt | replay |
//!
//! Dropping an unfinished call is safe: a send is then done or not done, and a message that an
//! abandoned receive took comes back, at the latest when its lease runs out.
//!
//! What back ends do differently within it, [`back_ends`] says.
//!
//! A message that [`Queue::release`] gives back without a delay goes behind those that are ready
//! already, so that work in turns is fair ([`Queue::has_waiting`] says whether somebody waits).
//!
//! Each back end is a folder with everything about it: its addresses and settings, how it is opened,
//! what is checked of it. [`back_ends`] lists them; nobody else in the program knows one by name.
//!
//! A queue knows nothing of what its messages mean, and carries no tweets: see
//! `ARCHITECTURE.md`, "One log, two queues".

pub mod back_ends;
mod config;
#[cfg(test)]
mod contract;
mod keep;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

pub use back_ends::{KINDS, SETTING, meanings, memory, of_one_process};
pub use config::{COLLECT, KEY, Kind, Opening, QueueConfig, QueueUrl, STORE, Sharing};
pub use keep::keep;

/// Largest body that a message may have, in bytes.
///
/// Ours are under 1 KiB; Azure Service Bus Standard takes 256 KB, headers included
/// (learn.microsoft.com, Service Bus quotas, read 2026-11). A larger one is a defect of the caller.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// Largest key that a message may have, in bytes.
///
/// Ours are an id and a part number, under 80. A longer one is a defect of the caller.
pub const MAX_KEY_BYTES: usize = 200;

/// The content type of the messages that are mistnet's own work.
pub const JSON: &str = "application/json";

/// How a queue treats its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How long a delivery stays on lease without renewal.
    pub lease_time: Duration,
    /// The delivery which, when it fails too, makes the message a dead letter.
    pub max_attempts: u32,
    /// What the bodies are, for the programs of others; back ends that nobody else reads leave it
    /// out.
    pub content_type: &'static str,
}

impl Default for Settings {
    /// Sixty seconds and ten attempts: the defaults of Azure Service Bus, so that moving there
    /// changes nothing (learn.microsoft.com, Service Bus queues, read 2026-11). Bodies are JSON.
    fn default() -> Self {
        Self { lease_time: Duration::from_mins(1), max_attempts: 10, content_type: JSON }
    }
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// What the work is about, for example `20261122-rustlang-k3v9x2m7qa/part-000003`; merging
    /// goes by it. At most 200 bytes of printable ASCII.
    pub key: String,
    /// The body, JSON.
    pub body: String,
    /// Not delivered before this much time has passed.
    pub delay: Duration,
}

/// A message on lease.
#[derive(Debug)]
pub struct Delivery {
    /// The key it was sent with.
    pub key: String,
    /// The body it was sent with.
    pub body: String,
    /// 1 at the first delivery; counts failed deliveries since the last [`Queue::release`].
    pub attempt: u32,
    /// The right to settle it. Consumed by settling, so that nothing settles twice.
    pub lease: Lease,
}

/// The right to settle one delivery.
///
/// Deliberately neither `Clone` nor constructible outside this room.
#[derive(Debug)]
pub struct Lease {
    message: i64,
    token: u64,
    lasts: Duration,
}

impl Lease {
    /// How long it lasted when the message was delivered, counted from that moment. The back end
    /// decides: it can be less than [`Queue::lease_time`]. [`Queue::renew`] says the next time.
    pub fn lasts(&self) -> Duration {
        self.lasts
    }
}

/// A message that nobody could handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Identifies it towards [`Queue::replay`]; unique within one queue.
    pub id: i64,
    /// The key it was sent with.
    pub key: String,
    /// The body it was sent with.
    pub body: String,
    /// One or two words, for example `max attempts` or `unknown version`.
    pub reason: String,
    /// What happened, for a person.
    pub description: String,
    /// How often it was delivered.
    pub attempts: u32,
    /// When it was set aside.
    pub dead_since: Timestamp,
}

/// How many messages are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Waiting to be received; with [`LeasedDepth::AmongReady`] also those on lease.
    pub ready: u64,
    /// Waiting for their delay to end, or for the lease on an earlier message with their key.
    pub delayed: u64,
    /// On lease; with [`LeasedDepth::AmongReady`] always 0.
    pub leased: u64,
    /// Set aside.
    pub dead: u64,
}

/// Whether a queue merges sends with one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merging {
    /// As long as a message with the key is ready or delayed, another send adds no delivery: it
    /// replaces the body and can only bring the delivery forward.
    WhileLive,
    /// Every send is a delivery of its own.
    Never,
}

/// Where [`Depth`] counts messages on lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeasedDepth {
    /// In [`Depth::leased`].
    Apart,
    /// In [`Depth::ready`], because the back end can't tell them from ready ones.
    AmongReady,
}

/// What can go wrong, by what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The lease ran out or was settled: stop working on the message, another has it or will.
    #[error("the lease on this message was lost")]
    LeaseLost,
    /// The queue can't be reached or written now: try again later; nothing was changed, or it
    /// was and doing it again is harmless.
    #[error("the queue is unavailable: {reason}")]
    Unavailable {
        /// What the back end said.
        reason: String,
    },
    /// The call can never succeed as it is.
    #[error("the queue refused the call: {reason}")]
    Rejected {
        /// What is wrong with it.
        reason: String,
    },
}

/// A durable queue; see the module's contract.
#[async_trait]
pub trait Queue: Send + Sync + std::fmt::Debug {
    /// The queue's name, for people.
    fn name(&self) -> &str;

    /// Whether sends with one key are merged.
    fn merging(&self) -> Merging;

    /// Where [`Queue::depth`] counts messages on lease.
    fn leased_depth(&self) -> LeasedDepth {
        LeasedDepth::Apart
    }

    /// How long a delivery is meant to stay on lease without renewal; what holds for one of them
    /// says its lease.
    fn lease_time(&self) -> Duration;

    /// Sends all of `messages`, in one transaction where the back end has them.
    async fn send(&self, messages: &[NewMessage]) -> Result<(), QueueError>;

    /// Takes one message on lease; waits up to `wait` for one to come.
    async fn receive(&self, wait: Duration) -> Result<Option<Delivery>, QueueError>;

    /// Whether another message is ready now, that is, whether somebody else waits for a turn.
    /// Asked often, so it has to be cheap. `true` from a queue that can't tell ready messages from
    /// those on lease ([`LeasedDepth::AmongReady`]): then nobody waits in vain.
    async fn has_waiting(&self) -> Result<bool, QueueError>;

    /// Extends the lease to its full time: how long it lasts now, counted from the beginning of
    /// this call. The back end decides: it can be less than [`Queue::lease_time`].
    async fn renew(&self, lease: &Lease) -> Result<Duration, QueueError>;

    /// The work is done: the message is gone, unless it was sent again meanwhile.
    async fn ack(&self, lease: Lease) -> Result<(), QueueError>;

    /// The work failed: delivered again after `delay`; the last attempt makes it a dead letter
    /// with `reason`.
    async fn nack(&self, lease: Lease, delay: Duration, reason: &str) -> Result<(), QueueError>;

    /// Nothing failed, the work has to wait: delivered again after `delay`, attempts start anew.
    async fn release(&self, lease: Lease, delay: Duration) -> Result<(), QueueError>;

    /// The message can never be handled: sets it aside at once.
    async fn dead_letter(
        &self,
        lease: Lease,
        reason: &str,
        description: &str,
    ) -> Result<(), QueueError>;

    /// The oldest `limit` dead letters.
    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, QueueError>;

    /// Makes a dead letter ready again with attempts started anew; `false` if there is none.
    async fn replay(&self, id: i64) -> Result<bool, QueueError>;

    /// How long a [`Queue::depth`] should be believed: longer than not at all where counting costs.
    fn depth_keeps(&self) -> Duration {
        Duration::ZERO
    }

    /// How many messages are in which state.
    async fn depth(&self) -> Result<Depth, QueueError>;

    /// Whether the queue answers at all. Asked often, so it has to be cheap.
    async fn reach(&self) -> Result<(), QueueError> {
        self.depth().await.map(drop)
    }
}

/// Refuses what no back end may take: it can never succeed, so nothing of the batch is sent.
fn check(messages: &[NewMessage]) -> Result<(), QueueError> {
    messages.iter().try_for_each(|message| {
        let NewMessage { key, body, .. } = message;
        if !is_key(key) {
            return Err(QueueError::Rejected {
                reason: format!(
                    "the key {key:?} is not 1 to {MAX_KEY_BYTES} bytes of printable ASCII"
                ),
            });
        }
        if body.len() > MAX_BODY_BYTES {
            return Err(QueueError::Rejected {
                reason: format!(
                    "the body of {key} has {} bytes, more than {MAX_BODY_BYTES}",
                    body.len()
                ),
            });
        }
        Ok(())
    })
}

/// Whether every back end can carry a key.
fn is_key(key: &str) -> bool {
    let printable = key.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    !key.is_empty() && key.len() <= MAX_KEY_BYTES && printable
}

/// A century: longer delays mean "never", and adding it to any clock can't overflow.
const LONGEST_MS: i64 = 100 * 365 * 86_400_000;

/// `time` in whole milliseconds, rounded up so that no delay ends early.
fn ceil_ms(time: Duration) -> i64 {
    i64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(LONGEST_MS).min(LONGEST_MS)
}

/// What a dead letter says that no version of this program can have sent.
const UNUSABLE: &str = "not understood";

/// What a dead letter says that nobody refused: its last lease just ran out.
const EXPIRED: &str = "max attempts";

/// The description of a message that failed for the last time.
fn failed_for_good(attempts: u32) -> String {
    format!("attempt {attempts} failed, and it was the last")
}

/// The description of a message whose last lease ran out.
fn expired_for_good(attempts: u32) -> String {
    format!("the lease of attempt {attempts} ran out, and it was the last")
}
