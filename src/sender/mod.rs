//! The sender: accepts collections and fetches their pages.
//!
//! A sender takes a collection from the collect queue, reads its log, and works at it for a
//! *turn*: fetch a page, store it, send the parts that it completes, and again. The order is the
//! promise: a page is in the log before anything else is done with it, so a crash costs at most
//! the one answer that was under way, for each collection in hand.
//!
//! The lease only keeps others from doing the same work; what makes it safe is `create page-n`
//! ([`crate::store`]), which only one sender can win.
//!
//! Long waits are not slept through: the turn ends, and the message comes back when it is time.

mod accept;
mod alive;
mod control;
mod fetch;
mod shared;
mod sweep;
mod today;
mod turn;
mod turn_over;
mod upstream;
mod worker;

use std::sync::Arc;
use std::time::Duration;

pub use accept::{AcceptError, IdempotencyKey, NewCollection, accept, accept_once};
pub use control::{ControlError, intervene};
pub use shared::{Shared, Unsaved};
pub use sweep::{Swept, sweep};

use crate::clock::Clock;
use crate::queue::Queue;
use crate::store::Store;
use crate::x;

/// What a sender works with.
#[derive(Debug, Clone)]
pub struct Sender {
    /// Where the logs are.
    pub store: Store,
    /// Collections to be fetched.
    pub collect: Arc<dyn Queue>,
    /// Parts to be stored.
    pub parts: Arc<dyn Queue>,
    /// The X API.
    pub x: x::Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What this process calls itself in records.
    pub writer: String,
    /// Numbers that an operator may change.
    pub settings: Settings,
    /// What its workers know of each other; nothing at the beginning.
    pub shared: Shared,
}

/// Numbers that an operator may change.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Collections in hand at once. They share one rate window, so more of them are not faster;
    /// a few keep a small collection from waiting for a large one.
    pub concurrency: usize,
    /// Parts that may be sent and not yet stored before a collection stops fetching.
    pub parts_ahead: u64,
    /// The longest wait within a turn; a longer one ends it.
    pub patience: Duration,
    /// After how many pages a turn ends if another collection waits for one.
    pub quantum: u64,
    /// A random number from 0 to 1, by which waits are spread.
    pub chance: fn() -> f64,
}

impl Default for Settings {
    fn default() -> Self {
        let patience = Duration::from_secs(10);
        Self { concurrency: 4, parts_ahead: 32, patience, quantum: QUANTUM, chance: rand::random }
    }
}

/// Our own choice. Simulated with ten endless collections and small ones (1 to 8 pages) arriving
/// beside them, four in hand at a time: a small one is done after 8 minutes, and after 33 if a turn
/// lasts as long as the window of X's rate limit. A turn costs a listing and two small records.
const QUANTUM: u64 = 20;

/// The pause after a queue or store failed.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
